import { describe, expect, it } from 'vitest';
import type { ResourceKind } from '#common/contract/shapes';
import { navigation, pluralOf } from './navigation';

const kind = (group: string, plural: string, name: string, more: Partial<ResourceKind> = {}): ResourceKind => ({
  group,
  version: 'v1',
  plural,
  kind: name,
  namespaced: true,
  shortNames: [],
  categories: [],
  verbs: ['list'],
  custom: false,
  scalable: false,
  ...more,
});

describe('navigation', () => {
  it('shows what the cluster serves, in reading order, and custom resources by group', () => {
    const groups = navigation([
      kind('apps', 'deployments', 'Deployment'),
      kind('', 'pods', 'Pod'),
      kind('shop.example', 'carts', 'Cart', { custom: true }),
      kind('', 'bindings', 'Binding', { verbs: ['create'] }),
    ]);
    expect(groups.map(({ id, title, kinds }) => [id, title, kinds.map(({ plural }) => plural)])).toEqual([
      ['workloads', undefined, ['pods', 'deployments']],
      ['custom', 'shop.example', ['carts']],
    ]);
  });
});

describe('pluralOf', () => {
  it.each([
    ['Pod', 'Pods'],
    ['Ingress', 'Ingresses'],
    ['NetworkPolicy', 'NetworkPolicies'],
    ['StorageClass', 'StorageClasses'],
    ['Endpoints', 'Endpoints'],
  ])('writes %s as %s', (name, plural) => expect(pluralOf(name)).toBe(plural));
});
