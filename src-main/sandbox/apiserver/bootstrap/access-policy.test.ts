import { describe, expect, it } from 'vitest';
import type { ObjectMeta } from '#common/kube/object';
import { planBinding, planRole, type AnyBinding, type AnyRole } from './access-policy';

const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate';
const metadata = (autoupdate = 'true') =>
  ({ name: 'a', annotations: { [AUTO_UPDATE]: autoupdate } }) as unknown as ObjectMeta;
const read = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };
const write = { apiGroups: [''], resources: ['pods'], verbs: ['create'] };
const role = (over: Partial<AnyRole> = {}) => ({ metadata: metadata(), rules: [read], ...over }) as AnyRole;
const group = (name: string) => ({ kind: 'Group', name, apiGroup: 'rbac.authorization.k8s.io' });
const binding = (over: Partial<AnyBinding> = {}) =>
  ({
    metadata: metadata(),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'a' },
    subjects: [group('all')],
    ...over,
  }) as AnyBinding;

describe('planRole', () => {
  it.each([
    ['leaves what covers the policy', role({ rules: [read, write] }), role(), undefined],
    ['adds what is missing', role({ rules: [write] }), role(), [write, read]],
    ['leaves a role alone that says so', role({ metadata: metadata('false'), rules: [] }), role(), undefined],
  ])('%s', (_case, current, policy, rules) => {
    expect(planRole(current, policy)?.rules).toEqual(rules);
  });

  it('gives back a selector and a label', () => {
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] };
    const policy = role({ aggregationRule, metadata: { ...metadata(), labels: { boot: 'x' } } });
    expect(planRole(role(), policy)).toEqual({ ...policy, rules: [read] });
  });
});

describe('planBinding', () => {
  it.each([
    ['keeps other subjects', binding({ subjects: [group('all'), group('more')] }), { step: 'keep' }],
    [
      'makes a binding to another role anew',
      binding({ roleRef: { ...binding().roleRef, name: 'b' } }),
      { step: 'replace' },
    ],
    ['leaves a binding alone that says so', binding({ metadata: metadata('false'), subjects: [] }), { step: 'keep' }],
    [
      'adds a subject that was taken out',
      binding({ subjects: [group('more')] }),
      { step: 'update', next: binding({ subjects: [group('more'), group('all')] }) },
    ],
  ])('%s', (_case, current, plan) => {
    expect(planBinding(current, binding())).toEqual(plan);
  });
});
