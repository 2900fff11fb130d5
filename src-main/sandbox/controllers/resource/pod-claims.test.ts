import { describe, expect, it } from 'vitest';
import type { Pod } from '#common/kube/types';
import { baseName, claimName, isDone } from './pod-claims';

describe('the name of a claim that is made for a Pod', () => {
  it.each([
    { pod: 'web-0', claim: 'gpu', base: 'web-0-gpu-' },
    { pod: 'p'.repeat(40), claim: 'c'.repeat(15), base: `${'p'.repeat(40)}-${'c'.repeat(15)}-` },
    { pod: 'p'.repeat(60), claim: 'c'.repeat(20), base: `${'p'.repeat(41)}-${'c'.repeat(13)}` },
  ])('begins with $base', ({ pod, claim, base }) => {
    expect(baseName(pod, claim)).toBe(base);
  });

  it('is found in the status of the Pod, unless the Pod names it', () => {
    const status = { resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'web-gpu-x7k2p' }, { name: 'none' }] };
    const pod = { status } as unknown as Pod;
    expect(claimName(pod, { name: 'gpu', resourceClaimTemplateName: 't' })).toBe('web-gpu-x7k2p');
    expect(claimName(pod, { name: 'none', resourceClaimTemplateName: 't' })).toBeUndefined();
    expect(claimName(pod, { name: 'shared', resourceClaimName: 'one' })).toBe('one');
  });
});

describe('isDone', () => {
  const pod = (more: object) => ({ metadata: {}, spec: {}, status: {}, ...more }) as unknown as Pod;
  const leaving = { deletionTimestamp: '2026-01-01T00:00:00Z' };
  it.each([
    { case: 'running', one: pod({ status: { phase: 'Running' } }), done: false },
    { case: 'succeeded', one: pod({ status: { phase: 'Succeeded' } }), done: true },
    { case: 'leaving its node', one: pod({ metadata: leaving, spec: { nodeName: 'a' } }), done: false },
    { case: 'gone before it had a node', one: pod({ metadata: leaving }), done: true },
  ])('$case: $done', ({ one, done }) => {
    expect(isDone(one)).toBe(done);
  });
});
