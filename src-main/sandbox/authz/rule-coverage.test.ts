import { describe, expect, it } from 'vitest';
import type { PolicyRule } from '#common/kube/types';
import { missingRules, ruleText } from './rule-coverage';

const rule = (verbs: string[], resources: string[], more: Partial<PolicyRule> = {}): PolicyRule => ({
  apiGroups: [''],
  resources,
  verbs,
  ...more,
});

describe('rules that cover rules', () => {
  it.each([
    ['the same', [rule(['get'], ['pods'])], [rule(['get'], ['pods'])], []],
    ['everything', [rule(['*'], ['*'], { apiGroups: ['*'] })], [rule(['get'], ['pods/log'])], []],
    ['a subresource of everything', [rule(['get'], ['*/log'])], [rule(['get'], ['pods/log'])], []],
    [
      'one of two verbs',
      [rule(['get'], ['pods'])],
      [rule(['get', 'list', 'watch'], ['pods'])],
      ['{APIGroups:[""], Resources:["pods"], Verbs:["list" "watch"]}'],
    ],
    [
      'one name, where all are wanted',
      [rule(['get'], ['pods'], { resourceNames: ['a'] })],
      [rule(['get'], ['pods'])],
      ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}'],
    ],
    [
      'a path below',
      [{ nonResourceURLs: ['/logs*'], verbs: ['get'] }],
      [{ nonResourceURLs: ['/logs/a'], verbs: ['get'] }],
      [],
    ],
  ] satisfies [string, PolicyRule[], PolicyRule[], string[]][])('%s', (_name, held, wanted, missing) => {
    expect(missingRules(held, wanted).map(ruleText)).toEqual(missing);
  });
});
