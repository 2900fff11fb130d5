/** What ReplicaSets and ReplicationControllers have in common: the number of their Pods is kept. */
import { formatTime } from '#common/base/clock';
import { messageOf } from '#common/base/errors';
import { controllerOf, keyOf, type KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import { Pods } from '#common/kube/resources';
import type { Pod, PodTemplateSpec, ReplicaSetCondition, ReplicaSetStatus } from '#common/kube/types';
import { matchesSelector, type LabelSelector } from '#common/kinds/selector';
import type { Draft } from '#main/client/client';
import type { ControllerCache } from '../runtime/controller-cache';
import {
  again,
  defineController,
  settled,
  watched,
  type Controller,
  type ReconcileContext,
} from '../runtime/define-controller';
import { claim, controllerReference, ignoreGone } from '../runtime/ownership';
import { sameStatus } from '../runtime/same-json';
import { slowStart } from '../runtime/slow-start';
import { inDeletionOrder } from './deletion-order';
import { createPod, deletePod, isNamespaceTerminating } from './pod-control';
import { isActive, isTerminating, podOf, untilAvailable } from './pod-facts';

/** Changes of Pods are gathered this long: with thousands of them every look costs milliseconds. */
const GATHER_MS = 10;
/** At most this many Pods are made or deleted in one go (kube-controller-manager's BurstReplicas). */
const BURST_REPLICAS = 500;

/** An owner of alike Pods. */
export interface ReplicaOwner extends KubeObject {
  spec: { replicas?: number; minReadySeconds?: number; template?: PodTemplateSpec };
  status?: ReplicaSetStatus;
}

export interface ReplicaKind<T extends ReplicaOwner> {
  name: string;
  component?: string;
  resource: TypedResource<T>;
  selectorOf: (owner: T) => LabelSelector | undefined;
  /** Its status tells how many Pods are on their way out. */
  countsTerminating: boolean;
}

/** A controller that keeps the number of active Pods of each owner at `spec.replicas`. */
export function replicaController<T extends ReplicaOwner>(kind: ReplicaKind<T>): Controller {
  const { resource, selectorOf, countsTerminating, ...names } = kind;
  return defineController({
    ...names,
    reconciles: resource,
    owns: [Pods],
    watches: [watched(Pods, (pod, cache) => wouldBeOwners(pod, kind, cache))],
    gatherMs: GATHER_MS,

    async reconcile(key, context) {
      const owner = context.cache.get(resource, key);
      if (!owner) return settled;

      const claiming = { owner, ownerResource: resource, selector: selectorOf(owner), resource: Pods, only: isActive };
      const pods = await claim(claiming, context);
      const failure = owner.metadata.deletionTimestamp ? undefined : await manageReplicas(kind, owner, pods, context);

      const nowMs = context.clock.now();
      const status = statusOf(owner, pods, { nowMs, countsTerminating, ...(failure ? { failure } : {}) });
      await writeStatus(kind, owner, status, context);
      if (failure) throw failure.cause;
      const waitMs = nextAvailable(pods, owner.spec.minReadySeconds ?? 0, nowMs);
      return waitMs === undefined ? settled : again(waitMs);
    },
  });
}

export interface ReplicaPlan {
  missing: number;
  surplus: readonly Pod[];
}

export interface PlanGround {
  /** The active Pods of the owner. */
  pods: readonly Pod[];
  /** Active Pods of its siblings too: those that share a node with many of them go first. */
  related?: readonly Pod[];
  nowMs: number;
}

/** How many Pods to make, or which to delete. */
export function planReplicas({ spec }: ReplicaOwner, { pods, related = pods, nowMs }: PlanGround): ReplicaPlan {
  const wanted = spec.replicas ?? 1;
  const missing = Math.min(BURST_REPLICAS, Math.max(0, wanted - pods.length));
  const tooMany = Math.min(BURST_REPLICAS, Math.max(0, pods.length - wanted));
  if (tooMany === pods.length) return { missing, surplus: pods };
  return { missing, surplus: tooMany === 0 ? [] : inDeletionOrder(pods, related, nowMs).slice(0, tooMany) };
}

interface ReplicaFailure {
  reason: 'FailedCreate' | 'FailedDelete';
  cause: unknown;
}

async function manageReplicas<T extends ReplicaOwner>(
  { resource }: ReplicaKind<T>,
  owner: T,
  pods: readonly Pod[],
  context: ReconcileContext,
): Promise<ReplicaFailure | undefined> {
  const active = pods.filter(isActive);
  const wanted = owner.spec.replicas ?? 1;
  const related = active.length > wanted ? relatedPods(resource, owner, context.cache) : active;
  const plan = planReplicas(owner, { pods: active, related, nowMs: context.clock.now() });
  const draft = plan.missing > 0 ? podFrom(resource, owner) : undefined;
  try {
    if (draft) await slowStart(plan.missing, () => createOne(owner, draft, context));
  } catch (cause) {
    return { reason: 'FailedCreate', cause };
  }
  try {
    await Promise.all(plan.surplus.map((pod) => deletePod(owner, pod, context)));
  } catch (cause) {
    return { reason: 'FailedDelete', cause };
  }
  return undefined;
}

async function createOne(owner: ReplicaOwner, draft: Draft<Pod>, context: ReconcileContext): Promise<void> {
  try {
    await createPod(owner, draft, context);
  } catch (failure) {
    if (!isNamespaceTerminating(failure)) throw failure;
  }
}

/** The active Pods of everything that has the same controller: of all ReplicaSets of a Deployment. */
function relatedPods<T extends ReplicaOwner>(resource: TypedResource<T>, owner: T, cache: ControllerCache): Pod[] {
  const controller = controllerOf(owner);
  const siblings = controller ? cache.ownedBy(resource, { metadata: controller }) : [owner];
  return siblings.flatMap((sibling) => cache.ownedBy(Pods, sibling)).filter(isActive);
}

function podFrom<T extends ReplicaOwner>(resource: TypedResource<T>, owner: T): Draft<Pod> {
  const { metadata, spec } = podOf(owner.spec.template);
  const { name, namespace } = owner.metadata;
  return {
    metadata: {
      ...metadata,
      generateName: `${name}-`,
      ...(namespace ? { namespace } : {}),
      ownerReferences: [controllerReference(resource, owner)],
    },
    spec,
  };
}

interface StatusGround {
  nowMs: number;
  countsTerminating: boolean;
  failure?: ReplicaFailure;
}

/** The status of an owner from the Pods it has. */
export function statusOf(owner: ReplicaOwner, pods: readonly Pod[], ground: StatusGround): ReplicaSetStatus {
  const { terminatingReplicas, ...counts } = countPods(owner, pods, ground.nowMs);
  const conditions = conditionsOf(owner, ground);
  return {
    ...counts,
    ...(ground.countsTerminating ? { terminatingReplicas } : {}),
    observedGeneration: owner.metadata.generation ?? 0,
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

/** One pass: an owner of thousands is counted after every change of one of its Pods. */
function countPods({ spec }: ReplicaOwner, pods: readonly Pod[], nowMs: number) {
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
function conditionsOf({ status }: ReplicaOwner, { nowMs, failure }: StatusGround): ReplicaSetCondition[] {
  const others = (status?.conditions ?? []).filter(({ type }) => type !== 'ReplicaFailure');
  const known = status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
  if (!failure) return others;
  if (known) return [...others, known];
  const { reason, cause } = failure;
  const message = messageOf(cause);
  const lastTransitionTime = formatTime(nowMs);
  return [...others, { type: 'ReplicaFailure', status: 'True', reason, message, lastTransitionTime }];
}

async function writeStatus<T extends ReplicaOwner>(
  { resource }: ReplicaKind<T>,
  owner: T,
  status: ReplicaSetStatus,
  { client, signal }: ReconcileContext,
): Promise<void> {
  if (sameStatus(owner.status, status)) return;
  await ignoreGone(client.updateStatus(resource, { ...owner, status }, { signal }));
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

/** A Pod without a controller belongs to everyone who selects it, whoever is first. */
function wouldBeOwners<T extends ReplicaOwner>(
  pod: Pod,
  { resource, selectorOf }: ReplicaKind<T>,
  cache: ControllerCache,
): string[] {
  if (pod.metadata.deletionTimestamp || controllerOf(pod)) return [];
  return cache
    .inNamespace(resource, pod.metadata.namespace)
    .filter((owner) => matchesSelector(selectorOf(owner), pod))
    .map(keyOf);
}
