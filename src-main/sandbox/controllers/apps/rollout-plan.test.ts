import { describe, expect, it } from 'vitest';
import type { Deployment, ReplicaSet } from '#common/kube/types';
import {
  DESIRED_REPLICAS,
  fencesOf,
  MAX_REPLICAS,
  newReplicas,
  planNewReplicaSet,
  planOldReplicaSets,
  planScale,
  type Resize,
} from './rollout-plan';

let order = 0;

function set(
  name: string,
  replicas: number,
  available = replicas,
  annotations: Record<string, string> = {},
): ReplicaSet {
  const creationTimestamp = new Date(Date.UTC(2026, 0, 1) + order++ * 1000).toISOString();
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp, annotations },
    spec: { replicas, selector: {} },
    status: { replicas, availableReplicas: available },
  };
}

function deployment(replicas: number, maxSurge: number | string, maxUnavailable: number | string): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', uid: 'web', resourceVersion: '1', creationTimestamp: '' },
    spec: {
      replicas,
      selector: {},
      template: { spec: { containers: [] } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
    },
  };
}

const sizes = (resizes: readonly Resize[]) =>
  Object.fromEntries(resizes.map(({ replicaSet, replicas }) => [replicaSet.metadata.name, replicas]));

describe('fencesOf', () => {
  it.each([
    { surge: '25%', unavailable: '25%', replicas: 10, maxSurge: 3, maxUnavailable: 2 },
    { surge: 0, unavailable: '10%', replicas: 3, maxSurge: 0, maxUnavailable: 1 },
    { surge: 1, unavailable: 0, replicas: 1, maxSurge: 1, maxUnavailable: 0 },
    { surge: '100%', unavailable: '100%', replicas: 4, maxSurge: 4, maxUnavailable: 4 },
    { surge: 0, unavailable: 9, replicas: 2, maxSurge: 0, maxUnavailable: 2 },
  ])('$surge and $unavailable of $replicas', ({ surge, unavailable, replicas, ...fences }) => {
    expect(fencesOf(deployment(replicas, surge, unavailable))).toEqual(fences);
  });
});

describe('the new ReplicaSet', () => {
  it.each([
    { case: 'begins with the surge', old: [10], current: 0, replicas: 3 },
    { case: 'waits while there is no room', old: [10], current: 3, replicas: 3 },
    { case: 'takes the room that old ones leave', old: [5], current: 3, replicas: 8 },
    { case: 'never grows beyond the wanted size', old: [0], current: 8, replicas: 10 },
  ])('$case', ({ old, current, replicas }) => {
    const newSet = set('new', current);
    const all = [...old.map((size, at) => set(`old-${at}`, size)), newSet];
    expect(newReplicas(deployment(10, 3, 0), all, current)).toBe(replicas);
  });

  it('shrinks at once when it is too large', () => {
    const newSet = set('new', 9);
    expect(planNewReplicaSet(deployment(4, 1, 0), [newSet], newSet)?.replicas).toBe(4);
  });
});

describe('planOldReplicaSets', () => {
  it.each([
    { case: 'as many as may be unavailable', old: [set('a', 10)], newSet: set('new', 3, 0), wanted: { a: 8 } },
    { case: 'as many as new ones are available', old: [set('a', 8)], newSet: set('new', 5, 3), wanted: { a: 5 } },
    { case: 'unhealthy ones first', old: [set('a', 4), set('b', 4, 1)], newSet: set('new', 3, 3), wanted: { b: 1 } },
    { case: 'nothing while too few are available', old: [set('a', 8)], newSet: set('new', 3, 0), wanted: {} },
    { case: 'the rest at the end', old: [set('a', 2)], newSet: set('new', 10), wanted: { a: 0 } },
  ])('$case', ({ old, newSet, wanted }) => {
    expect(sizes(planOldReplicaSets(deployment(10, 3, 2), old, newSet))).toEqual(wanted);
  });
});

describe('planScale', () => {
  it('changes the only ReplicaSet that has Pods', () => {
    expect(sizes(planScale(deployment(7, 1, 1), set('new', 3), [set('old', 0)]))).toEqual({ new: 7 });
  });

  it('shares a larger size out by the shares in the middle of a rollout', () => {
    const shares = { [DESIRED_REPLICAS]: '10', [MAX_REPLICAS]: '13' };
    const old = [set('old', 8, 8, shares)];
    expect(sizes(planScale(deployment(20, 6, 5), set('new', 5, 5, shares), old))).toEqual({ old: 16, new: 10 });
  });

  it('takes everything from old ones once the new one is complete', () => {
    const newSet = set('new', 5, 5, { [DESIRED_REPLICAS]: '5' });
    expect(sizes(planScale(deployment(5, 1, 1), newSet, [set('old', 2)]))).toEqual({ old: 0 });
  });
});
