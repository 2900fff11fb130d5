import { keyOf } from '#common/kube/object';
import { Pods, ReplicaSets } from '#common/kube/resources';
import { ApiStatusError } from '#common/kube/status-error';
import type { Pod, ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from '#common/kube/types';
import { formatTime } from '#common/base/clock';
import { matchesSelector } from '#common/kinds/selector';
import type { Draft } from '#main/client/client';
import type { ControllerCache } from '../runtime/controller-cache';
import { again, defineController, settled, watched, type ReconcileContext } from '../runtime/define-controller';
import { claim, controllerReference, ignoreGone, refOf } from '../runtime/ownership';
import { slowStart } from '../runtime/slow-start';
import { inDeletionOrder } from './deletion-order';
import { isActive, isTerminating, podOf, untilAvailable } from './pod-facts';
import { sameStatus } from '../runtime/same-json';

/** Changes of Pods are gathered this long: with thousands of them every look costs milliseconds. */
const GATHER_MS = 10;
/** At most this many Pods are made or deleted in one go (kube-controller-manager's BurstReplicas). */
const BURST_REPLICAS = 500;

/** Keeps the number of active Pods of a ReplicaSet at `spec.replicas`. */
export const replicaSetController = defineController({
  name: 'replicaset',
  reconciles: ReplicaSets,
  owns: [Pods],
  watches: [watched(Pods, (pod, cache) => wouldBeOwners(pod, cache))],
  gatherMs: GATHER_MS,

  async reconcile(key, context) {
    const replicaSet = context.cache.get(ReplicaSets, key);
    if (!replicaSet) return settled;

    const { selector } = replicaSet.spec;
    const pods = await claim({ owner: replicaSet, ownerResource: ReplicaSets, selector, resource: Pods }, context);
    const failure = replicaSet.metadata.deletionTimestamp ? undefined : await manageReplicas(replicaSet, pods, context);

    const nowMs = context.clock.now();
    const status = statusOf(replicaSet, pods, { nowMs, ...(failure ? { failure } : {}) });
    await writeStatus(replicaSet, status, context);
    if (failure) throw failure.cause;
    const waitMs = nextAvailable(pods, replicaSet.spec.minReadySeconds ?? 0, nowMs);
    return waitMs === undefined ? settled : again(waitMs);
  },
});

export interface ReplicaPlan {
  missing: number;
  surplus: readonly Pod[];
}

/** How many Pods to make, or which to delete; `pods` are the active ones. */
export function planReplicas({ spec }: ReplicaSet, pods: readonly Pod[], nowMs: number): ReplicaPlan {
  const wanted = spec.replicas ?? 1;
  const missing = Math.min(BURST_REPLICAS, Math.max(0, wanted - pods.length));
  const tooMany = Math.min(BURST_REPLICAS, Math.max(0, pods.length - wanted));
  return { missing, surplus: tooMany === 0 ? [] : inDeletionOrder(pods, nowMs).slice(0, tooMany) };
}

interface ReplicaFailure {
  reason: 'FailedCreate' | 'FailedDelete';
  cause: unknown;
}

async function manageReplicas(
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  context: ReconcileContext,
): Promise<ReplicaFailure | undefined> {
  const plan = planReplicas(replicaSet, pods.filter(isActive), context.clock.now());
  try {
    await slowStart(plan.missing, () => createPod(replicaSet, context));
  } catch (cause) {
    return { reason: 'FailedCreate', cause };
  }
  try {
    await Promise.all(plan.surplus.map((pod) => deletePod(replicaSet, pod, context)));
  } catch (cause) {
    return { reason: 'FailedDelete', cause };
  }
  return undefined;
}

async function createPod(replicaSet: ReplicaSet, { client, record, signal }: ReconcileContext): Promise<void> {
  try {
    const pod = await client.create(Pods, podFrom(replicaSet), { signal });
    record(replicaSet, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${pod.metadata.name}` });
  } catch (failure) {
    if (!isNamespaceTerminating(failure)) {
      const message = `Error creating: ${failure instanceof Error ? failure.message : String(failure)}`;
      record(replicaSet, { type: 'Warning', reason: 'FailedCreate', message });
    }
    throw failure;
  }
}

async function deletePod(
  replicaSet: ReplicaSet,
  pod: Pod,
  { client, record, signal }: ReconcileContext,
): Promise<void> {
  await ignoreGone(client.remove(Pods, refOf(pod), { preconditions: { uid: pod.metadata.uid }, signal }));
  record(replicaSet, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}` });
}

function podFrom(replicaSet: ReplicaSet): Draft<Pod> {
  const { metadata, spec } = podOf(replicaSet.spec.template);
  const { name, namespace } = replicaSet.metadata;
  return {
    metadata: {
      ...metadata,
      generateName: `${name}-`,
      ...(namespace ? { namespace } : {}),
      ownerReferences: [controllerReference(ReplicaSets, replicaSet)],
    },
    spec,
  };
}

interface StatusGround {
  nowMs: number;
  failure?: ReplicaFailure;
}

/** The status of a ReplicaSet from the Pods it has. */
export function statusOf(
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  { nowMs, failure }: StatusGround,
): ReplicaSetStatus {
  const counts = countPods(replicaSet, pods, nowMs);
  const conditions = conditionsOf(replicaSet, { nowMs, ...(failure ? { failure } : {}) });
  return {
    ...counts,
    observedGeneration: replicaSet.metadata.generation ?? 0,
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

/** One pass: a ReplicaSet of thousands is counted after every change of one of its Pods. */
function countPods({ spec }: ReplicaSet, pods: readonly Pod[], nowMs: number) {
  const { minReadySeconds = 0 } = spec;
  const template = { matchLabels: spec.template?.metadata?.labels ?? {} };
  const counts = {
    replicas: 0,
    fullyLabeledReplicas: 0,
    readyReplicas: 0,
    availableReplicas: 0,
    terminatingReplicas: 0,
  };
  for (const pod of pods) {
    if (isTerminating(pod)) counts.terminatingReplicas++;
    if (!isActive(pod)) continue;
    counts.replicas++;
    if (matchesSelector(template, pod)) counts.fullyLabeledReplicas++;
    const waitMs = untilAvailable(pod, minReadySeconds, nowMs);
    if (waitMs === undefined) continue;
    counts.readyReplicas++;
    if (waitMs === 0) counts.availableReplicas++;
  }
  return counts;
}

/** ReplicaFailure appears with a failure and goes when there is none. */
function conditionsOf({ status }: ReplicaSet, { nowMs, failure }: StatusGround): ReplicaSetCondition[] {
  const others = (status?.conditions ?? []).filter(({ type }) => type !== 'ReplicaFailure');
  const known = status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
  if (!failure) return others;
  if (known) return [...others, known];
  const { reason, cause } = failure;
  const message = cause instanceof Error ? cause.message : String(cause);
  const lastTransitionTime = formatTime(nowMs);
  return [...others, { type: 'ReplicaFailure', status: 'True', reason, message, lastTransitionTime }];
}

async function writeStatus(
  replicaSet: ReplicaSet,
  status: ReplicaSetStatus,
  { client, signal }: ReconcileContext,
): Promise<void> {
  if (sameStatus(replicaSet.status, status)) return;
  await ignoreGone(client.updateStatus(ReplicaSets, { ...replicaSet, status }, { signal }));
}

/** When the next ready Pod becomes available. */
function nextAvailable(pods: readonly Pod[], minReadySeconds: number, nowMs: number): number | undefined {
  if (minReadySeconds === 0) return undefined;
  let next: number | undefined;
  for (const pod of pods) {
    const waitMs = untilAvailable(pod, minReadySeconds, nowMs);
    if (waitMs) next = Math.min(next ?? waitMs, waitMs);
  }
  return next;
}

/** A Pod without a controller belongs to every ReplicaSet that selects it, whoever is first. */
function wouldBeOwners(pod: Pod, cache: ControllerCache): string[] {
  if (pod.metadata.deletionTimestamp || pod.metadata.ownerReferences?.some(({ controller }) => controller)) return [];
  return cache
    .inNamespace(ReplicaSets, pod.metadata.namespace)
    .filter(({ spec }) => matchesSelector(spec.selector, pod))
    .map(keyOf);
}

/** Nothing can be made in a namespace that goes away, and nobody needs to be told. */
function isNamespaceTerminating(failure: unknown): boolean {
  if (!(failure instanceof ApiStatusError)) return false;
  return failure.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false;
}
