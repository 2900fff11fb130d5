import { describe, expect, it } from 'vitest';
import type { ObjectRef } from '#common/contract/shapes';
import type { AnyObject } from '#common/kube/object';
import { canOrphan, deleteEffects, deleteManyEffects } from './delete-effects';

function target(group: string, plural: string, kind: string): ObjectRef {
  return {
    cluster: 'c',
    resource: { group, version: 'v1', plural, kind, namespaced: true },
    namespace: 'shop',
    name: 'x',
  };
}

const object = (content: object) => ({ metadata: { name: 'x' }, ...content }) as unknown as AnyObject;
const owners = [{ kind: 'ReplicaSet', name: 'web-1', controller: true }];

describe('deleteEffects', () => {
  it.each([
    {
      case: 'a Pod that is replaced',
      target: target('', 'pods', 'Pod'),
      object: object({ metadata: { ownerReferences: owners }, spec: { terminationGracePeriodSeconds: 5 } }),
      keys: ['podOwned', 'podGrace'],
    },
    {
      case: 'a Pod of its own',
      target: target('', 'pods', 'Pod'),
      object: object({ spec: {} }),
      keys: ['podAlone', 'podGrace'],
    },
    {
      case: 'a workload',
      target: target('apps', 'deployments', 'Deployment'),
      object: object({ status: { replicas: 3 } }),
      keys: ['workload'],
    },
    { case: 'a namespace', target: target('', 'namespaces', 'Namespace'), object: undefined, keys: ['namespace'] },
    { case: 'anything else', target: target('example.com', 'widgets', 'Widget'), object: undefined, keys: ['plain'] },
  ])('says what happens to $case', ({ target, object, keys }) => {
    expect(deleteEffects(target, object, { propagation: 'Background' }).map(({ key }) => key)).toEqual(keys);
  });

  it('counts the Pods that go with a workload, unless they stay', () => {
    const deployment = target('apps', 'deployments', 'Deployment');
    const content = object({ status: { replicas: 3 } });
    expect(deleteEffects(deployment, content, { propagation: 'Foreground' })).toEqual([
      { key: 'workload', values: { count: 3 } },
    ]);
    expect(deleteEffects(deployment, content, { propagation: 'Orphan' })).toEqual([{ key: 'workloadOrphan' }]);
  });

  it('counts many by kind', () => {
    const pod = target('', 'pods', 'Pod');
    expect(deleteManyEffects([pod, pod, target('', 'services', 'Service')])).toEqual([
      { key: 'many', values: { kind: 'Pod', count: 2 } },
      { key: 'many', values: { kind: 'Service', count: 1 } },
    ]);
  });
});

it.each([
  ['apps', true],
  ['batch', true],
  ['example.com', true],
  ['', false],
  ['networking.k8s.io', false],
])('a kind of the group "%s" can leave what it owns behind: %s', (group, can) => {
  expect(canOrphan(target(group, 'x', 'X'))).toBe(can);
});
