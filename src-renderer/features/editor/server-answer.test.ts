import { describe, expect, it } from 'vitest';
import { Problem } from '#common/base/errors';
import { failure } from '#common/kube/status-error';
import { answerOf, answerOfFailure, causesIn } from './server-answer';

describe('answerOf', () => {
  it('takes what was accepted with its warnings', () => {
    const outcome = { kind: 'Pod', name: 'a', outcome: 'configured' as const, warnings: ['unknown field "spec.x"'] };
    expect(answerOf(outcome)).toEqual({
      kind: 'accepted',
      outcome: 'configured',
      warnings: ['unknown field "spec.x"'],
    });
  });

  it.each([
    [
      'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply …',
      'conflict',
    ],
    [
      'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'invalid',
    ],
    ['deployments.apps "web" is forbidden: User "eve" cannot update', 'forbidden'],
    ['deployments.apps "web" not found', 'gone'],
    ['connection refused', 'failed'],
  ])('reads "%s" as %s', (message, kind) => {
    expect(answerOf({ kind: 'Deployment', name: 'web', outcome: 'failed', message, warnings: [] }).kind).toBe(kind);
  });
});

describe('answerOfFailure', () => {
  it('takes the causes of an Invalid answer', () => {
    const causes = [{ reason: 'FieldValueInvalid', message: 'Invalid value: -1', field: 'spec.replicas' }];
    expect(answerOfFailure(failure(422, 'Invalid', 'Deployment.apps "web" is invalid', { causes }))).toEqual({
      kind: 'invalid',
      message: 'Deployment.apps "web" is invalid',
      causes: [{ field: 'spec.replicas', message: 'Invalid value: -1' }],
    });
  });

  it('knows a conflict by its reason', () => {
    expect(answerOfFailure(failure(409, 'Conflict', 'no')).kind).toBe('conflict');
    expect(answerOfFailure(failure(409, 'AlreadyExists', 'no')).kind).toBe('failed');
  });

  it('keeps the next step of a Problem', () => {
    expect(answerOfFailure(new Problem('read-only', 'This cluster is read-only.', { nextStep: 'Unlock it.' }))).toEqual(
      {
        kind: 'failed',
        message: 'This cluster is read-only.',
        nextStep: 'Unlock it.',
      },
    );
  });
});

describe('causesIn', () => {
  it('separates several causes', () => {
    const message =
      'Deployment.apps "web" is invalid: [spec.selector: Required value, spec.template.spec.containers[0].image: Required value, spec.replicas: Invalid value: -1: must be greater than or equal to 0]';
    expect(causesIn(message)).toEqual([
      { field: 'spec.selector', message: 'Required value' },
      { field: 'spec.template.spec.containers[0].image', message: 'Required value' },
      { field: 'spec.replicas', message: 'Invalid value: -1: must be greater than or equal to 0' },
    ]);
  });
});
