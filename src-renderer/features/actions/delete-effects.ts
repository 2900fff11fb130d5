import { controllerOf, type AnyObject } from '#common/kube/object';
import type { ObjectRef } from '#common/contract/shapes';

/** One consequence, as a message of the catalogue under `actions.delete.effect`. */
export interface Effect {
  key: string;
  values?: Record<string, string | number>;
  /** Asks for a second look. */
  grave?: true;
}

export interface DeleteChoice {
  propagation: 'Background' | 'Foreground' | 'Orphan';
}

/** What will happen when one object is deleted, in words a person can act on. */
export function deleteEffects(target: ObjectRef, object: AnyObject | undefined, choice: DeleteChoice): Effect[] {
  const { group, plural } = target.resource;
  const known = EFFECTS[`${group}/${plural}`];
  return known ? known(object, choice) : [{ key: 'plain' }];
}

/** What will happen when many are: counted by kind. */
export function deleteManyEffects(targets: readonly Pick<ObjectRef, 'resource'>[]): Effect[] {
  const counts = new Map<string, number>();
  for (const { resource } of targets) counts.set(resource.kind, (counts.get(resource.kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => ({ key: 'many', values: { kind, count } }));
}

/** True where a choice about what it owns means something: the kinds that own Pods or other objects. */
export function canOrphan({ resource }: Pick<ObjectRef, 'resource'>): boolean {
  return ['apps', 'batch'].includes(resource.group) || !BUILT_IN.test(resource.group);
}

const BUILT_IN = /^$|^[a-z]+$|\.k8s\.io$/;

type EffectsOf = (object: AnyObject | undefined, choice: DeleteChoice) => Effect[];

const EFFECTS: Record<string, EffectsOf> = {
  '/pods': podEffects,
  'apps/deployments': workloadEffects,
  'apps/replicasets': workloadEffects,
  'apps/statefulsets': workloadEffects,
  'apps/daemonsets': workloadEffects,
  '/replicationcontrollers': workloadEffects,
  '/services': () => [{ key: 'service' }],
  '/configmaps': () => [{ key: 'configuration' }],
  '/secrets': () => [{ key: 'configuration' }],
  '/namespaces': () => [{ key: 'namespace', grave: true }],
  '/nodes': () => [{ key: 'node', grave: true }],
  'apiextensions.k8s.io/customresourcedefinitions': () => [{ key: 'crd', grave: true }],
};

function podEffects(object: AnyObject | undefined): Effect[] {
  const owner = object && controllerOf(object);
  const spec = object?.['spec'] as { terminationGracePeriodSeconds?: number } | undefined;
  return [
    owner ? { key: 'podOwned', values: { owner: `${owner.kind} ${owner.name}` } } : { key: 'podAlone', grave: true },
    { key: 'podGrace', values: { seconds: spec?.terminationGracePeriodSeconds ?? 30 } },
  ];
}

function workloadEffects(object: AnyObject | undefined, { propagation }: DeleteChoice): Effect[] {
  if (propagation === 'Orphan') return [{ key: 'workloadOrphan' }];
  const status = object?.['status'] as { replicas?: number; currentNumberScheduled?: number } | undefined;
  return [{ key: 'workload', values: { count: status?.replicas ?? status?.currentNumberScheduled ?? 0 } }];
}
