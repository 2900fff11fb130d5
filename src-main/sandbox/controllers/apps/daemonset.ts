import { controllerOf, keyOf, type KubeObject, type ObjectKey } from '#common/kube/object';
import { ControllerRevisions, DaemonSets, Nodes, Pods } from '#common/kube/resources';
import type { DaemonSet, DaemonSetStatus, Node, Pod } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import type { ControllerCache } from '../runtime/controller-cache';
import {
  again,
  defineController,
  namedIndex,
  settled,
  watched,
  type Change,
  type Controller,
  type ReconcileContext,
} from '../runtime/define-controller';
import { claim, controllerReference, ignoreGone } from '../runtime/ownership';
import { sameStatus } from '../runtime/same-json';
import { slowStart } from '../runtime/slow-start';
import { currentRevision, planRevisionCleanup, removeRevisions, REVISION_LABEL } from './controller-revisions';
import { nodeOf, pinnedTo, placementOf, withDaemonTolerations } from './daemon-placement';
import {
  GENERATION_LABEL,
  planDaemonSet,
  statusOf,
  TEMPLATE_GENERATION,
  type DaemonGround,
  type DaemonPlan,
} from './daemonset-plan';
import { createPod, deletePod, isNamespaceTerminating } from './pod-control';
import { podOf, untilAvailable } from './pod-facts';

const BY_NODE = 'daemonset/node';

/** Runs one Pod on each node that it selects. */
export function daemonSetController(): Controller {
  const failures = new FailureBackoff();
  return defineController({
    name: 'daemonset',
    reconciles: DaemonSets,
    owns: [Pods, ControllerRevisions],
    watches: [watched(Nodes, concerned, { isUrgent: true })],
    indexes: [namedIndex(Pods, BY_NODE, daemonNode)],
    gatherMs: 10,

    async reconcile(key, context) {
      const set = context.cache.get(DaemonSets, key);
      if (!set) return settled;
      const { selector } = set.spec;
      const pods = await claim({ owner: set, ownerResource: DaemonSets, selector, resource: Pods }, context);
      const kind = { resource: DaemonSets, label: REVISION_LABEL, relabels: true };
      const { update, all, collisionCount } = await currentRevision(set, kind, context);
      const hash = update.metadata.labels?.[REVISION_LABEL] ?? '';
      const nodes = [...context.cache.values(Nodes)];
      const ground = { set, nodes, pods, hash, nowMs: context.clock.now() };
      const { failure, waits } = set.metadata.deletionTimestamp ? IDLE : await manage(ground, failures, context);
      await writeStatus(set, { ...statusOf(ground), ...(collisionCount > 0 ? { collisionCount } : {}) }, context);
      const inUse = new Set([hash, ...pods.map(hashOf)]);
      const stale = all.filter((one) => !inUse.has(one.metadata.labels?.[REVISION_LABEL] ?? ''));
      await removeRevisions(planRevisionCleanup(set, stale, new Set()), context);
      if (failure !== undefined) throw failure;
      const ready = pods.flatMap((pod) => untilAvailable(pod, set.spec.minReadySeconds ?? 0, ground.nowMs) || []);
      const next = Math.min(...waits, ...ready);
      return next === Infinity ? settled : again(next);
    },
  });
}

const hashOf = ({ metadata }: KubeObject): string => metadata.labels?.[REVISION_LABEL] ?? '';

interface Managed {
  /** What the server refused. */
  failure?: unknown;
  /** Milliseconds until Pods that have ended may be removed. */
  waits: readonly number[];
}

const IDLE: Managed = { waits: [] };

async function manage(ground: DaemonGround, failures: FailureBackoff, context: ReconcileContext): Promise<Managed> {
  const { set, hash } = ground;
  const plan = planDaemonSet(ground);
  const names = plan.create.values();
  const waits = await removeEnded(plan, ground, failures, context);
  try {
    await slowStart(plan.create.length, async () => {
      await createOn(set, names.next().value ?? '', hash, context);
    });
    await Promise.all(plan.remove.map((pod) => deletePod(set, pod, context)));
  } catch (failure) {
    return { failure, waits };
  }
  return { waits };
}

async function createOn(set: DaemonSet, nodeName: string, hash: string, context: ReconcileContext): Promise<void> {
  try {
    await createPod(set, podFrom(set, nodeName, hash), context);
  } catch (failure) {
    if (!isNamespaceTerminating(failure)) throw failure;
  }
}

/** A node that rejects its Pod would else be given another one at once, and again. Answers what is to be waited for. */
async function removeEnded(
  { ended }: DaemonPlan,
  { set, nowMs }: DaemonGround,
  failures: FailureBackoff,
  context: ReconcileContext,
): Promise<number[]> {
  const waits: number[] = [];
  const { namespace, uid } = set.metadata;
  for (const { pod, node } of ended) {
    const { name } = pod.metadata;
    if (pod.status?.phase === 'Succeeded') {
      const message = `Found succeeded daemon pod ${namespace}/${name} on node ${node}, will try to delete it`;
      context.record(set, { type: 'Normal', reason: 'SucceededDaemonPod', message });
    } else {
      const waitMs = failures.left(`${uid}/${node}`, nowMs);
      if (waitMs > 0) {
        waits.push(waitMs);
        continue;
      }
      failures.next(`${uid}/${node}`, nowMs);
      const message = `Found failed daemon pod ${namespace}/${name} on node ${node}, will try to kill it`;
      context.record(set, { type: 'Warning', reason: 'FailedDaemonPod', message });
    }
    await deletePod(set, pod, context);
  }
  return waits;
}

const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 15 * 60_000;

/** How long failed Pods of a set are left on a node: twice as long each time, forgotten after half an hour of peace. */
class FailureBackoff {
  readonly #entries = new Map<string, { sinceMs: number; backoffMs: number }>();

  left(key: string, nowMs: number): number {
    const entry = this.#entries.get(key);
    return entry ? Math.max(0, entry.sinceMs + entry.backoffMs - nowMs) : 0;
  }

  next(key: string, nowMs: number): void {
    for (const [known, { sinceMs }] of this.#entries)
      if (nowMs - sinceMs > 2 * MAX_BACKOFF_MS) this.#entries.delete(known);
    const before = this.#entries.get(key)?.backoffMs;
    const backoffMs = before === undefined ? FIRST_BACKOFF_MS : Math.min(MAX_BACKOFF_MS, before * 2);
    this.#entries.set(key, { sinceMs: nowMs, backoffMs });
  }
}

function podFrom(set: DaemonSet, nodeName: string, hash: string): Draft<Pod> {
  const { metadata, spec } = podOf(set.spec.template);
  const { name, namespace } = set.metadata;
  return {
    metadata: {
      ...metadata,
      generateName: `${name}-`,
      ...(namespace ? { namespace } : {}),
      labels: {
        ...metadata.labels,
        [REVISION_LABEL]: hash,
        [GENERATION_LABEL]: set.metadata.annotations?.[TEMPLATE_GENERATION] ?? '1',
      },
      ownerReferences: [controllerReference(DaemonSets, set)],
    },
    spec: pinnedTo(withDaemonTolerations(spec), nodeName),
  };
}

async function writeStatus(
  set: DaemonSet,
  status: DaemonSetStatus,
  { client, signal }: ReconcileContext,
): Promise<void> {
  if (sameStatus(set.status, status)) return;
  await ignoreGone(client.updateStatus(DaemonSets, { ...set, status }, { signal }));
}

/** The node that a daemon Pod is on, or is for. */
function daemonNode(pod: Pod): string[] {
  return controllerOf(pod)?.kind === DaemonSets.kind ? [nodeOf(pod.spec) ?? ''] : [];
}

/** DaemonSets that a node now lacks a Pod of, has one too many of, or has one of that may be right again. */
function concerned(node: Node, cache: ControllerCache, change: Change): ObjectKey[] {
  if (change === 'removed') return [];
  const there = new Set(cache.indexed(Pods, BY_NODE, node.metadata.name).map((pod) => controllerOf(pod)?.uid));
  return [...cache.values(DaemonSets)]
    .filter((set) => {
      const { shouldRun, shouldStay } = placementOf(set, node);
      return there.has(set.metadata.uid) ? !shouldStay || (set.status?.numberMisscheduled ?? 0) > 0 : shouldRun;
    })
    .map(keyOf);
}
