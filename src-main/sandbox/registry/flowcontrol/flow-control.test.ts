import { describe, expect, it } from 'vitest';
import { FlowSchemas, PriorityLevelConfigurations } from '#common/kube/resources';
import type { FlowSchema, PriorityLevelConfiguration } from '#common/kube/types';
import { TestSandbox } from '#test/harness/test-sandbox';

const limited = (more: object = {}) => ({ type: 'Limited', limited: { limitResponse: { type: 'Reject' }, ...more } });
const level = (name: string, spec: object = limited()) => ({ metadata: { name }, spec }) as PriorityLevelConfiguration;
const schema = (name: string, spec: object = {}) =>
  ({ metadata: { name }, spec: { priorityLevelConfiguration: { name: 'mine' }, ...spec } }) as FlowSchema;
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'accepted',
    (problem: Error) => problem.message,
  );

describe('flow control', () => {
  it('tells whether the level of a schema is there, as soon as that changes', async () => {
    await using sandbox = await TestSandbox.open();
    await sandbox.create(FlowSchemas, schema('mine'));
    const dangling = async () => (await sandbox.get(FlowSchemas, 'mine')).status?.conditions?.[0]?.status;
    expect(await dangling()).toBe('True');
    await sandbox.create(PriorityLevelConfigurations, level('mine'));
    expect(await dangling()).toBe('False');
    await sandbox.client.remove(PriorityLevelConfigurations, { name: 'mine' });
    expect(await dangling()).toBe('True');
  });

  it.each([
    ['a level', level('a'), 'accepted'],
    [
      'shares below nothing',
      level('a', limited({ nominalConcurrencyShares: -1 })),
      'spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
    ],
    [
      'an exempt level',
      level('a', { type: 'Exempt' }),
      "spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'",
    ],
    [
      'a hand that is too large to tell apart',
      level('a', limited({ limitResponse: { type: 'Queue', queuing: { queues: 128, handSize: 9 } } })),
      'spec.limited.limitResponse.queuing.handSize: Invalid value: 9: required entropy bits of deckSize 128 and handSize 9 should not be greater than 60',
    ],
  ])('judges %s', async (_case, object, expected) => {
    await using sandbox = await TestSandbox.open();
    expect(await refusal(sandbox.create(PriorityLevelConfigurations, object))).toContain(expected);
  });

  it.each([
    [
      'the precedence of all others',
      { matchingPrecedence: 1 },
      "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
    ],
    [
      'a rule without subjects',
      { rules: [{ nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }] },
      'spec.rules[0].subjects: Required value: subjects must contain at least one value',
    ],
    [
      'a path with a wildcard inside',
      {
        rules: [
          {
            subjects: [{ kind: 'User', user: { name: 'a' } }],
            nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/a*b'] }],
          },
        ],
      },
      'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "/a*b": wildcard can only do suffix matching',
    ],
  ])('judges %s', async (_case, spec, expected) => {
    await using sandbox = await TestSandbox.open();
    expect(await refusal(sandbox.create(FlowSchemas, schema('a', spec)))).toContain(expected);
  });
});
