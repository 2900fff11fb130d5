/** What a Deployment says about itself, from its ReplicaSets and what it said before. */
import { formatTime } from '#common/base/clock';
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '#common/kube/types';
import { fencesOf, replicasOf } from './rollout-plan';

export const PROGRESSING = 'Progressing';
const REPLICA_FAILURE = 'ReplicaFailure';
export const NEW_AVAILABLE = 'NewReplicaSetAvailable';
export const TIMED_OUT = 'ProgressDeadlineExceeded';
/** progressDeadlineSeconds that means none. */
const NO_DEADLINE = 2 ** 31 - 1;

export function hasDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NO_DEADLINE;
}

export interface Rollout {
  deployment: Deployment;
  newSet: ReplicaSet | undefined;
  /** Old and new. */
  all: readonly ReplicaSet[];
  nowMs: number;
}

/** The counts of the ReplicaSets, and whether enough Pods are available. */
export function countsOf({ deployment, newSet, all, nowMs }: Rollout): DeploymentStatus {
  const sum = (field: 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas') =>
    all.reduce((total, { status }) => total + (status?.[field] ?? 0), 0);
  const { status, metadata } = deployment;
  const available = sum('availableReplicas');
  const total = all.reduce((count, set) => count + replicasOf(set), 0);
  const counts: DeploymentStatus = {
    observedGeneration: metadata.generation ?? 0,
    replicas: sum('replicas'),
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: sum('readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, total - available),
    terminatingReplicas: sum('terminatingReplicas'),
    ...(status?.collisionCount === undefined ? {} : { collisionCount: status.collisionCount }),
  };
  const isEnough = available >= replicasOf(deployment) - fencesOf(deployment).maxUnavailable;
  return { ...counts, conditions: withCondition(status?.conditions, availability(isEnough), nowMs) };
}

type NewCondition = Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>;

const availability = (isEnough: boolean): NewCondition =>
  isEnough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };

/** The condition takes the place of the one of its type; saying the same again changes nothing. */
export function withCondition(
  conditions: readonly DeploymentCondition[] = [],
  condition: NewCondition,
  nowMs: number,
): DeploymentCondition[] {
  const known = conditions.find(({ type }) => type === condition.type);
  if (known && known.status === condition.status && known.reason === condition.reason) return [...conditions];
  const time = formatTime(nowMs);
  const since = known?.status === condition.status ? (known.lastTransitionTime ?? time) : time;
  const others = conditions.filter(({ type }) => type !== condition.type);
  return [...others, { ...condition, lastUpdateTime: time, lastTransitionTime: since }];
}

export function progressingCondition({ status }: Pick<Deployment, 'status'>): DeploymentCondition | undefined {
  return status?.conditions?.find(({ type }) => type === PROGRESSING);
}

export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = replicasOf(deployment);
  return (
    status.updatedReplicas === wanted &&
    status.replicas === wanted &&
    status.availableReplicas === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** The whole status: counts, availability, and how the rollout goes. */
export function rolloutStatus(rollout: Rollout): DeploymentStatus {
  const { deployment } = rollout;
  const status = countsOf(rollout);
  const conditions = hasDeadline(deployment)
    ? withProgress(rollout, status)
    : (status.conditions ?? []).filter(({ type }) => type !== PROGRESSING);
  return { ...status, conditions: withReplicaFailure(conditions, rollout) };
}

function withProgress({ deployment, newSet, nowMs }: Rollout, status: DeploymentStatus): DeploymentCondition[] {
  const conditions = status.conditions ?? [];
  const current = progressingCondition(deployment);
  if (status.replicas === status.updatedReplicas && current?.reason === NEW_AVAILABLE) return conditions;
  const subject = newSet ? `ReplicaSet "${newSet.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  const progressing = (ok: boolean, reason: string, text: string): NewCondition => ({
    type: PROGRESSING,
    status: ok ? 'True' : 'False',
    reason,
    message: `${subject} ${text}`,
  });
  if (isComplete(deployment, status)) {
    return withCondition(conditions, progressing(true, NEW_AVAILABLE, 'has successfully progressed.'), nowMs);
  }
  if (isProgressing(deployment, status)) {
    return renewed(conditions, progressing(true, 'ReplicaSetUpdated', 'is progressing.'), nowMs);
  }
  if (untilTimedOut(deployment, nowMs) <= 0) {
    return withCondition(conditions, progressing(false, TIMED_OUT, 'has timed out progressing.'), nowMs);
  }
  return conditions;
}

/** Progress starts the deadline anew, so its update time moves even if the reason stays. */
function renewed(conditions: readonly DeploymentCondition[], condition: NewCondition, nowMs: number) {
  const known = conditions.find(({ type }) => type === PROGRESSING);
  const others = conditions.filter(({ type }) => type !== PROGRESSING);
  const time = formatTime(nowMs);
  const since = known?.status === condition.status ? (known.lastTransitionTime ?? time) : time;
  return [...others, { ...condition, lastUpdateTime: time, lastTransitionTime: since }];
}

const COUNTS_AS_PROGRESS = ['updatedReplicas', 'readyReplicas', 'availableReplicas'] as const;

/** More new, ready or available Pods than before, or fewer old ones. */
function isProgressing({ status = {} }: Deployment, next: DeploymentStatus): boolean {
  const oldOnes = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus) => replicas - updatedReplicas;
  return (
    oldOnes(next) < oldOnes(status) || COUNTS_AS_PROGRESS.some((count) => (next[count] ?? 0) > (status[count] ?? 0))
  );
}

/** Milliseconds until the rollout counts as stuck; Infinity when it cannot get stuck. */
export function untilTimedOut(deployment: Deployment, nowMs: number): number {
  const condition = progressingCondition(deployment);
  if (!condition || !hasDeadline(deployment) || condition.reason === NEW_AVAILABLE) return Infinity;
  if (condition.reason === TIMED_OUT) return 0;
  const since = Date.parse(condition.lastUpdateTime ?? '');
  return since + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000 - nowMs;
}

/** What keeps the ReplicaSets from making Pods is said of the Deployment too; the new one's word counts most. */
function withReplicaFailure(conditions: readonly DeploymentCondition[], { newSet, all }: Rollout) {
  const failureOf = (set: ReplicaSet) => set.status?.conditions?.find(({ type }) => type === REPLICA_FAILURE);
  const failed = (newSet && failureOf(newSet)) ?? all.map(failureOf).find((one) => one !== undefined);
  const others = conditions.filter(({ type }) => type !== REPLICA_FAILURE);
  if (!failed) return others;
  const { type, status, reason, message, lastTransitionTime } = failed;
  const known = conditions.find((one) => one.type === type);
  if (known?.status === status && known.reason === reason) return [...conditions];
  const time = lastTransitionTime ?? '';
  const copy: DeploymentCondition = { type, status, lastUpdateTime: time, lastTransitionTime: time };
  if (reason) copy.reason = reason;
  if (message) copy.message = message;
  return [...others, copy];
}
