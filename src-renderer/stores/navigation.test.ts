import { describe, expect, it } from 'vitest';
import type { ResourceKind } from '#common/contract/shapes';
import { attentionOf, navigation, totalOf } from './navigation';

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
const pods = kind('', 'pods', 'Pod');
const deployments = kind('apps', 'deployments', 'Deployment');

describe('navigation', () => {
  it('shows what the cluster serves, in reading order, custom resources by group, and everything else last', () => {
    const groups = navigation([
      deployments,
      pods,
      kind('shop.example', 'carts', 'Cart', { custom: true }),
      kind('', 'bindings', 'Binding', { verbs: ['create'] }),
      kind('', 'events', 'Event'),
      kind('events.k8s.io', 'events', 'Event'),
      kind('coordination.k8s.io', 'leases', 'Lease'),
    ]);
    expect(groups.map(({ id, title, kinds }) => [id, title, kinds.map(({ plural }) => plural)])).toEqual([
      ['workloads', undefined, ['pods', 'deployments']],
      ['cluster', undefined, ['events']],
      ['custom shop.example', 'shop.example', ['carts']],
      ['other', undefined, ['leases']],
    ]);
  });
});

describe('attentionOf and totalOf', () => {
  const counts = {
    '/v1/pods': { total: 12, bad: 2, warn: 1, busy: 3 },
    'apps/v1/deployments': { total: 3, bad: 0, warn: 1, busy: 0 },
  };

  it('adds up, the worst first', () => {
    expect(attentionOf([pods, deployments], counts)).toEqual({ tone: 'bad', count: 2 });
    expect(attentionOf([deployments], counts)).toEqual({ tone: 'warn', count: 1 });
    expect(totalOf([pods, deployments], counts)).toBe(15);
  });

  it('says nothing of what was not counted', () => {
    expect(attentionOf([pods], {})).toBeUndefined();
    expect(totalOf([pods], {})).toBeUndefined();
  });
});
