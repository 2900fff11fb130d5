/** How many Pods each ReplicaSet of a Deployment should have: the arithmetic of a rollout, without a cluster. */
import type { Deployment, ReplicaSet } from '#common/kube/types';

export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';

/** A new size for one ReplicaSet. */
export interface Resize {
  replicaSet: ReplicaSet;
  replicas: number;
}

export interface Fences {
  maxSurge: number;
  maxUnavailable: number;
}

export const replicasOf = ({ spec }: { spec: { replicas?: number } }): number => spec.replicas ?? 1;

export const isRollingUpdate = ({ spec }: Deployment): boolean =>
  (spec.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate';

/** Surge is rounded up, unavailability down; when both come to nothing one Pod may be unavailable, or nothing would move. */
export function fencesOf(deployment: Deployment): Fences {
  if (!isRollingUpdate(deployment)) return { maxSurge: 0, maxUnavailable: 0 };
  const wanted = replicasOf(deployment);
  const { maxSurge, maxUnavailable } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = scaled(maxSurge ?? '25%', wanted, Math.ceil);
  const unavailable = scaled(maxUnavailable ?? '25%', wanted, Math.floor);
  if (surge === 0 && unavailable === 0) return { maxSurge: 0, maxUnavailable: 1 };
  return { maxSurge: surge, maxUnavailable: Math.min(unavailable, wanted) };
}

function scaled(value: number | string, total: number, round: (exact: number) => number): number {
  if (typeof value === 'number') return value;
  return value.endsWith('%') ? round((Number.parseInt(value, 10) * total) / 100) : Number.parseInt(value, 10);
}

export const sumReplicas = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, set) => sum + replicasOf(set), 0);

export const sumAvailable = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);

/** The size the new ReplicaSet may have now. */
export function newReplicas(deployment: Deployment, all: readonly ReplicaSet[], current: number): number {
  const wanted = replicasOf(deployment);
  if (!isRollingUpdate(deployment)) return wanted;
  const room = wanted + fencesOf(deployment).maxSurge - sumReplicas(all);
  return room <= 0 ? current : current + Math.min(room, wanted - current);
}

/** The next step of the new ReplicaSet, or nothing. */
export function planNewReplicaSet(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet,
): Resize | undefined {
  const current = replicasOf(newSet);
  const wanted = replicasOf(deployment);
  if (current === wanted) return undefined;
  const replicas = current > wanted ? wanted : newReplicas(deployment, all, current);
  return { replicaSet: newSet, replicas };
}

/** Unhealthy Pods of old ReplicaSets go first, then as many as the new ones make up for. */
export function planOldReplicaSets(
  deployment: Deployment,
  old: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
): Resize[] {
  if (sumReplicas(old) === 0) return [];
  const all = newSet ? [...old, newSet] : [...old];
  const minAvailable = replicasOf(deployment) - fencesOf(deployment).maxUnavailable;
  const newUnavailable = newSet ? replicasOf(newSet) - (newSet.status?.availableReplicas ?? 0) : 0;
  const most = sumReplicas(all) - minAvailable - newUnavailable;
  if (most <= 0) return [];
  const oldestFirst = byCreation(old);
  const cleaned = planUnhealthy(oldestFirst, most);
  if (!cleaned) return [];
  return mergeResizes(oldestFirst, cleaned, planHealthy(oldestFirst, cleaned, sumAvailable(all) - minAvailable));
}

/**
 * New sizes after taking away Pods that are not available, `most` of them at most. Undefined while a ReplicaSet that was
 * made smaller has not counted its Pods again: nothing is known of it then.
 */
function planUnhealthy(old: readonly ReplicaSet[], most: number): Map<ReplicaSet, number> | undefined {
  const sizes = new Map<ReplicaSet, number>();
  let left = most;
  for (const set of old) {
    if (left <= 0) break;
    const current = replicasOf(set);
    const unhealthy = current - (set.status?.availableReplicas ?? 0);
    if (current === 0 || unhealthy === 0) continue;
    if (unhealthy < 0) return undefined;
    const down = Math.min(left, unhealthy);
    sizes.set(set, current - down);
    left -= down;
  }
  return sizes;
}

function planHealthy(
  old: readonly ReplicaSet[],
  cleaned: ReadonlyMap<ReplicaSet, number>,
  spare: number,
): Map<ReplicaSet, number> {
  const sizes = new Map<ReplicaSet, number>();
  let left = spare;
  for (const set of old) {
    if (left <= 0) break;
    const current = cleaned.get(set) ?? replicasOf(set);
    const down = Math.min(current, left);
    if (down === 0) continue;
    sizes.set(set, current - down);
    left -= down;
  }
  return sizes;
}

function mergeResizes(sets: readonly ReplicaSet[], ...plans: ReadonlyMap<ReplicaSet, number>[]): Resize[] {
  const sizes = new Map(plans.flatMap((plan) => [...plan]));
  return sets.flatMap((replicaSet) => {
    const replicas = sizes.get(replicaSet);
    return replicas === undefined ? [] : [{ replicaSet, replicas }];
  });
}

/** A change of `spec.replicas` in the middle of a rollout is shared out over the ReplicaSets by their size. */
export function planScale(
  deployment: Deployment,
  newSet: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): Resize[] {
  const wanted = replicasOf(deployment);
  const only = activeOrLatest(newSet, old);
  if (only) return replicasOf(only) === wanted ? [] : [{ replicaSet: only, replicas: wanted }];
  if (isSaturated(deployment, newSet)) {
    return old.filter((set) => replicasOf(set) > 0).map((replicaSet) => ({ replicaSet, replicas: 0 }));
  }
  return isRollingUpdate(deployment) ? planProportional(deployment, newSet, old) : [];
}

function activeOrLatest(newSet: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined {
  const all = newSet ? [...old, newSet] : [...old];
  const active = all.filter((set) => replicasOf(set) > 0);
  if (active.length > 1) return undefined;
  return active[0] ?? newSet ?? byCreation(old).at(-1);
}

/** The new ReplicaSet is complete: its Pods are all there and available. */
function isSaturated(deployment: Deployment, newSet: ReplicaSet | undefined): boolean {
  if (!newSet) return false;
  const wanted = replicasOf(deployment);
  const desired = Number(newSet.metadata.annotations?.[DESIRED_REPLICAS]);
  return replicasOf(newSet) === wanted && desired === wanted && newSet.status?.availableReplicas === wanted;
}

function planProportional(
  deployment: Deployment,
  newSet: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): Resize[] {
  const active = [...old, ...(newSet ? [newSet] : [])].filter((set) => replicasOf(set) > 0);
  const wanted = replicasOf(deployment);
  const allowed = wanted > 0 ? wanted + fencesOf(deployment).maxSurge : 0;
  const toAdd = allowed - sumReplicas(active);
  const shares = new Map<ReplicaSet, number>();
  let added = 0;
  const ordered = bySize(active, toAdd > 0);
  for (const set of ordered) {
    const share = toAdd === 0 ? 0 : proportion(set, deployment, { toAdd, added });
    shares.set(set, replicasOf(set) + share);
    added += share;
  }
  const first = ordered[0];
  if (first && toAdd !== 0) shares.set(first, Math.max(0, (shares.get(first) ?? 0) + toAdd - added));
  return ordered.map((replicaSet) => ({ replicaSet, replicas: shares.get(replicaSet) ?? replicasOf(replicaSet) }));
}

/** The largest come first, among equals the newer ones when growing and the older ones when shrinking. */
function bySize(sets: readonly ReplicaSet[], grows: boolean): ReplicaSet[] {
  const oldestFirst = byCreation(sets);
  const ordered = grows ? oldestFirst.toReversed() : oldestFirst;
  return ordered.sort((left, right) => replicasOf(right) - replicasOf(left));
}

function proportion(
  set: ReplicaSet,
  deployment: Deployment,
  { toAdd, added }: { toAdd: number; added: number },
): number {
  const current = replicasOf(set);
  if (current === 0) return 0;
  const share = shareOf(current, set, deployment);
  const left = toAdd - added;
  return toAdd > 0 ? Math.min(share, left) : Math.max(share, left);
}

/** By how many Pods a ReplicaSet changes when it keeps its part of the whole. */
function shareOf(current: number, set: ReplicaSet, deployment: Deployment): number {
  if (replicasOf(deployment) === 0) return -current;
  const target = replicasOf(deployment) + fencesOf(deployment).maxSurge;
  const before = Number(set.metadata.annotations?.[MAX_REPLICAS] ?? 0) || (deployment.status?.replicas ?? 0);
  return before === 0 ? 0 : Math.round((current * target) / before) - current;
}

/** Oldest first; names decide between those of one second. */
export function byCreation(sets: readonly ReplicaSet[]): ReplicaSet[] {
  return [...sets].sort((left, right) => {
    const [a, b] = [left.metadata.creationTimestamp, right.metadata.creationTimestamp];
    return a === b ? (left.metadata.name < right.metadata.name ? -1 : 1) : a < b ? -1 : 1;
  });
}
