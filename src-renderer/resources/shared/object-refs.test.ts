import { describe, expect, it } from 'vitest';
import { objectRef, pluralOf, refKey, refOfKind } from './object-refs';

describe('pluralOf', () => {
  it.each([
    ['Pod', 'pods'],
    ['Ingress', 'ingresses'],
    ['NetworkPolicy', 'networkpolicies'],
    ['Gateway', 'gateways'],
    ['Endpoints', 'endpoints'],
    ['StorageClass', 'storageclasses'],
  ])('%s is %s', (kind, plural) => {
    expect(pluralOf(kind)).toBe(plural);
  });
});

describe('refOfKind', () => {
  it('reads the group and version of an owner', () => {
    expect(refOfKind('apps/v1', 'ReplicaSet', true)).toEqual({
      group: 'apps',
      version: 'v1',
      plural: 'replicasets',
      kind: 'ReplicaSet',
      namespaced: true,
    });
    expect(refOfKind(undefined, 'Pod', true)).toMatchObject({ group: '', version: 'v1' });
  });
});

describe('objectRef', () => {
  it('has a namespace only where the kind lives in one', () => {
    const node = refOfKind('v1', 'Node', false);
    expect(objectRef('c', node, { namespace: 'shop', name: 'node-1' })).toEqual({
      cluster: 'c',
      resource: node,
      name: 'node-1',
    });
  });

  it('is told apart by cluster, kind, namespace and name', () => {
    const pods = refOfKind('v1', 'Pod', true);
    const keys = [
      refKey(objectRef('a', pods, { namespace: 'x', name: 'p' })),
      refKey(objectRef('b', pods, { namespace: 'x', name: 'p' })),
      refKey(objectRef('a', pods, { namespace: 'y', name: 'p' })),
      refKey(objectRef('a', pods, { namespace: 'x', name: 'q' })),
    ];
    expect(new Set(keys).size).toBe(4);
  });
});
