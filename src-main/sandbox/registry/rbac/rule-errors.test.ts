import { describe, expect, it } from 'vitest';
import type { ClusterRole, RoleRef, Subject } from '#common/kube/types';
import { textOf } from '../field-errors';
import { aggregationErrors, bindingErrors, roleErrors, roleRefChanged } from './rule-errors';

const GROUP = 'rbac.authorization.k8s.io';
const roleRef = (fields: Partial<RoleRef> = {}): RoleRef => ({
  apiGroup: GROUP,
  kind: 'ClusterRole',
  name: 'a',
  ...fields,
});

describe('roleErrors', () => {
  it.each([
    ['a whole rule', { apiGroups: [''], resources: ['pods'], verbs: ['get'] }, []],
    [
      'no verbs',
      { apiGroups: [''], resources: ['pods'], verbs: [] },
      ['rules[0].verbs: Required value: verbs must contain at least one value'],
    ],
    [
      'no groups',
      { resources: ['pods'], verbs: ['get'] },
      ['rules[0].apiGroups: Required value: resource rules must supply at least one api group'],
    ],
    [
      'paths in a namespace',
      { nonResourceURLs: ['/a'], verbs: ['get'] },
      ['rules[0].nonResourceURLs: Invalid value: ["/a"]: namespaced rules cannot apply to non-resource URLs'],
    ],
  ])('%s', (_case, rule, errors) => {
    expect(roleErrors([rule], true).map(textOf)).toEqual(errors);
  });
});

describe('bindingErrors', () => {
  it.each<[string, Partial<RoleRef>, Subject[], string[]]>([
    ['a whole binding', {}, [{ kind: 'User', name: 'a', apiGroup: GROUP }], []],
    [
      'a role, cluster-wide',
      { kind: 'Role' },
      [],
      ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'],
    ],
    ['a name that is a path', { name: 'a/b' }, [], [`roleRef.name: Invalid value: "a/b": may not contain '/'`]],
    [
      'an account without a namespace',
      {},
      [{ kind: 'ServiceAccount', name: 'a' }],
      ['subjects[0].namespace: Required value'],
    ],
    [
      'a subject of no kind',
      {},
      [{ kind: 'Robot', name: 'a' }],
      ['subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"'],
    ],
  ])('%s', (_case, reference, subjects, errors) => {
    expect(bindingErrors({ roleRef: roleRef(reference), subjects }, false).map(textOf)).toEqual(errors);
  });
});

describe('other rules of roles and bindings', () => {
  it('keep the role of a binding', () => {
    expect(roleRefChanged({ roleRef: roleRef({ name: 'b' }) }, { roleRef: roleRef() }).map(textOf)).toEqual([
      `roleRef: Invalid value: {"APIGroup":"${GROUP}","Kind":"ClusterRole","Name":"b"}: cannot change roleRef`,
    ]);
  });

  it('demand a selector of a role that gathers', () => {
    expect(aggregationErrors({ aggregationRule: {} } as ClusterRole).map(textOf)).toEqual([
      'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
    ]);
  });
});
