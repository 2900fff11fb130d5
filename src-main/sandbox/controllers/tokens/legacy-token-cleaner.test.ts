import { describe, expect, it } from 'vitest';
import type { Secret, ServiceAccount } from '#common/kube/types';
import { planToken } from './legacy-token-cleaner';

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse('2030-06-01T12:00:00Z');
const account = { metadata: { name: 'old' }, secrets: [{ name: 'old-token' }] } as unknown as ServiceAccount;

function secret(labels: Record<string, string>, creationTimestamp = '2028-01-01T00:00:00Z'): Secret {
  return { metadata: { name: 'old-token', labels, creationTimestamp } } as unknown as Secret;
}

const used = (day: string) => ({ 'kubernetes.io/legacy-token-last-used': day });
const invalid = (day: string) => ({ 'kubernetes.io/legacy-token-invalid-since': day });

describe('a token that was made for an account', () => {
  it.each([
    { case: 'was never used', token: secret({}), step: 'mark' },
    { case: 'is young', token: secret({}, '2030-01-01T00:00:00Z'), step: 'keep' },
    { case: 'was used this year', token: secret(used('2029-06-02')), step: 'keep' },
    { case: 'was used long ago', token: secret(used('2029-05-31')), step: 'mark' },
    { case: 'has a use that nobody can read', token: secret(used('yesterday')), step: 'keep' },
    { case: 'is invalid since a while', token: secret(invalid('2030-01-01')), step: 'keep' },
    { case: 'is invalid since more than a year', token: secret(invalid('2029-05-31')), step: 'remove' },
    { case: 'was marked with nonsense', token: secret(invalid('soon')), step: 'mark' },
  ])('$step: $case', ({ token, step }) => {
    const facts = { account, trackedSince: '2028-01-01', isMounted: false, nowMs: NOW_MS };
    expect(planToken(token, facts)).toEqual({ step });
  });

  it.each([
    { case: 'a Pod uses it', facts: { isMounted: true }, step: 'keep' },
    { case: 'its use is not followed for a year yet', facts: { trackedSince: '2029-06-02' }, step: 'keep' },
    { case: 'its use is not followed', facts: { trackedSince: undefined }, step: 'keep' },
    { case: 'nobody has made it for the account', facts: { account: { ...account, secrets: [] } }, step: 'never' },
    { case: 'its account is gone', facts: { account: undefined }, step: 'never' },
  ])('$step: $case', ({ facts, step }) => {
    const all = { account, trackedSince: '2028-01-01', isMounted: false, nowMs: NOW_MS + DAY_MS / 2, ...facts };
    expect(planToken(secret({}), all)).toEqual({ step });
  });
});
