import { expect, it } from 'vitest';
import type { KubeObject } from '#common/kube/object';
import { resourceId, type TypedResource } from '#common/kube/resource';
import { ClusterRoleBindings, ClusterRoles } from '#common/kube/resources';
import { RbacAuthorizer } from './rbac';

function cluster() {
  const objects = new Map<string, Map<string, KubeObject>>();
  const of = (resource: TypedResource<KubeObject>) =>
    objects.get(resourceId(resource)) ?? new Map<string, KubeObject>();
  let edition = 0;
  let reads = 0;
  const put = (resource: TypedResource<KubeObject>, name: string, content: object) => {
    edition++;
    const object = { apiVersion: '', kind: '', metadata: { name }, ...content } as unknown as KubeObject;
    objects.set(resourceId(resource), of(resource).set(name, object));
  };
  const rbac = new RbacAuthorizer({
    get: (resource, key) => of(resource).get(key) as never,
    list: (resource) => {
      reads++;
      return [...of(resource).values()] as never;
    },
    edition: () => edition,
  });
  put(ClusterRoleBindings, 'jane', {
    roleRef: { apiGroup: '', kind: 'ClusterRole', name: 'reader' },
    subjects: [{ kind: 'User', name: 'jane' }],
  });
  const may = (name: string, user = 'jane', groups: string[] = []) =>
    rbac.authorize({
      user: { name: user, groups },
      verb: 'get',
      group: '',
      resource: 'pods',
      subresource: '',
      name,
      namespace: 'a',
      fields: undefined,
    }).allowed;
  const grant = (more: object) =>
    put(ClusterRoles, 'reader', { rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], ...more }] });
  return { may, grant, reads: () => reads };
}

it('remembers what is allowed until a role changes', () => {
  const { may, grant, reads } = cluster();
  expect(may('one')).toBe(false);
  grant({});
  expect(may('one')).toBe(true);
  const before = reads();
  expect([may('one'), may('two')]).toEqual([true, true]);
  expect(reads()).toBe(before);
  grant({ verbs: ['list'] });
  expect(may('one')).toBe(false);
});

it('asks again for every name where a rule names objects, and for every user', () => {
  const { may, grant } = cluster();
  grant({ resourceNames: ['one'] });
  expect([may('one'), may('two'), may('one', 'joe')]).toEqual([true, false, false]);
});
