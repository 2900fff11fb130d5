import { keyOf, type KubeObject, type ObjectKey } from '#common/kube/object';
import { ControllerRevisions, DaemonSets, Nodes, Pods } from '#common/kube/resources';
import type { DaemonSet, DaemonSetStatus, Node, Pod } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import type { ControllerCache } from '../runtime/controller-cache';
import { again, defineController, settled, watched, type ReconcileContext } from '../runtime/define-controller';
import { claim, controllerReference, ignoreGone, refOf } from '../runtime/ownership';
import { sameStatus } from '../runtime/same-json';
import { slowStart } from '../runtime/slow-start';
import { currentRevision, planRevisionCleanup, removeRevisions, REVISION_LABEL } from './controller-revisions';
import { nodeOf, pinnedTo, placementOf, withDaemonTolerations } from './daemon-placement';
import { isReady, podOf, untilAvailable } from './pod-facts';

/** Runs one Pod on each node that it selects. */
export const daemonSetController = defineController({
  name: 'daemonset',
  reconciles: DaemonSets,
  owns: [Pods, ControllerRevisions],
  watches: [watched(Nodes, (_node, cache) => allDaemonSets(cache))],
  gatherMs: 10,

  async reconcile(key, context) {
    const set = context.cache.get(DaemonSets, key);
    if (!set) return settled;
    const { selector } = set.spec;
    const pods = await claim({ owner: set, ownerResource: DaemonSets, selector, resource: Pods }, context);
    const { update, all } = await currentRevision(set, { resource: DaemonSets, label: REVISION_LABEL }, context);
    const hash = update.metadata.labels?.[REVISION_LABEL] ?? '';
    const nodes = [...context.cache.values(Nodes)];
    const ground = { set, nodes, pods, hash, nowMs: context.clock.now() };
    if (!set.metadata.deletionTimestamp) await manage(ground, context);
    await writeStatus(set, statusOf(ground), context);
    const inUse = new Set([hash, ...pods.map(hashOf)]);
    const stale = all.filter((one) => !inUse.has(one.metadata.labels?.[REVISION_LABEL] ?? ''));
    await removeRevisions(planRevisionCleanup(set, stale, new Set()), context);
    const waits = pods.flatMap((pod) => untilAvailable(pod, set.spec.minReadySeconds ?? 0, ground.nowMs) || []);
    return waits.length > 0 ? again(Math.min(...waits)) : settled;
  },
});

export interface DaemonGround {
  set: DaemonSet;
  nodes: readonly Node[];
  pods: readonly Pod[];
  /** Of the current template. */
  hash: string;
  nowMs: number;
}

const hashOf = ({ metadata }: KubeObject): string => metadata.labels?.[REVISION_LABEL] ?? '';

export interface DaemonPlan {
  /** Names of nodes that need a Pod. */
  create: string[];
  remove: Pod[];
}

/** Pods to make and to end: one where there should be one, none elsewhere, old ones within what may be unavailable. */
export function planDaemonSet(ground: DaemonGround): DaemonPlan {
  const byNode = groupByNode(ground.pods);
  const plan: DaemonPlan = { create: [], remove: [] };
  for (const node of ground.nodes) planNode(ground, node, byNode.get(node.metadata.name) ?? [], plan);
  const known = new Set(ground.nodes.map(({ metadata }) => metadata.name));
  for (const [name, pods] of byNode) if (!known.has(name)) plan.remove.push(...pods.filter(isLive));
  if ((ground.set.spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate') planUpdate(ground, byNode, plan);
  return plan;
}

const isLive = ({ metadata }: Pod): boolean => !metadata.deletionTimestamp;

function groupByNode(pods: readonly Pod[]): Map<string, Pod[]> {
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    const name = nodeOf(pod.spec) ?? '';
    const group = groups.get(name);
    if (group) group.push(pod);
    else groups.set(name, [pod]);
  }
  return groups;
}

function planNode({ set }: DaemonGround, node: Node, pods: readonly Pod[], plan: DaemonPlan): void {
  const { shouldRun, shouldStay } = placementOf(set, node);
  const live = pods.filter(isLive);
  if (shouldRun && pods.length === 0) plan.create.push(node.metadata.name);
  if (!shouldStay) plan.remove.push(...live);
  if (!shouldStay || !shouldRun) return;
  const failed = live.filter(({ status }) => status?.phase === 'Failed' || status?.phase === 'Succeeded');
  plan.remove.push(...failed);
  const [, ...surplus] = live.filter((pod) => !failed.includes(pod)).sort(oldestFirst);
  plan.remove.push(...surplus);
}

const oldestFirst = (left: Pod, right: Pod): number =>
  left.metadata.creationTimestamp < right.metadata.creationTimestamp ? -1 : 1;

function planUpdate({ set, hash, nowMs, nodes }: DaemonGround, byNode: ReadonlyMap<string, Pod[]>, plan: DaemonPlan) {
  const wanted = nodes.filter((node) => placementOf(set, node).shouldRun);
  const limit = scaled(set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, wanted.length);
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  let unavailable = 0;
  const old: Pod[] = [];
  for (const { metadata } of wanted) {
    const pod = byNode.get(metadata.name)?.find(isLive);
    const isAvailable = pod !== undefined && untilAvailable(pod, minReadySeconds, nowMs) === 0;
    if (!isAvailable) unavailable++;
    if (!pod || hashOf(pod) === hash) continue;
    // An old Pod that is no good costs nothing.
    if (isAvailable) old.push(pod);
    else plan.remove.push(pod);
  }
  plan.remove.push(...old.slice(0, Math.max(0, limit - unavailable)));
}

function scaled(value: number | string, total: number): number {
  if (typeof value === 'number') return value;
  return Math.max(1, Math.ceil((Number.parseInt(value, 10) * total) / 100));
}

async function manage(ground: DaemonGround, context: ReconcileContext): Promise<void> {
  const { set, hash } = ground;
  const { client, record, signal } = context;
  const plan = planDaemonSet(ground);
  const names = plan.create.values();
  await slowStart(plan.create.length, async () => {
    const pod = await client.create(Pods, podFrom(set, names.next().value ?? '', hash), { signal });
    record(set, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${pod.metadata.name}` });
  });
  for (const pod of new Set(plan.remove)) {
    await ignoreGone(client.remove(Pods, refOf(pod), { preconditions: { uid: pod.metadata.uid }, signal }));
    record(set, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}` });
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
        'pod-template-generation': set.metadata.annotations?.['deprecated.daemonset.template.generation'] ?? '1',
      },
      ownerReferences: [controllerReference(DaemonSets, set)],
    },
    spec: pinnedTo(withDaemonTolerations(spec), nodeName),
  };
}

export function statusOf({ set, nodes, pods, hash, nowMs }: DaemonGround): DaemonSetStatus {
  const byNode = groupByNode(pods);
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const status = { desiredNumberScheduled: 0, currentNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 };
  let [available, updated] = [0, 0];
  for (const node of nodes) {
    const pod = byNode.get(node.metadata.name)?.find(isLive);
    if (!placementOf(set, node).shouldRun) {
      if (pod) status.numberMisscheduled++;
      continue;
    }
    status.desiredNumberScheduled++;
    if (!pod) continue;
    status.currentNumberScheduled++;
    if (isReady(pod)) status.numberReady++;
    if (untilAvailable(pod, minReadySeconds, nowMs) === 0) available++;
    if (hashOf(pod) === hash) updated++;
  }
  const unavailable = status.desiredNumberScheduled - available;
  return {
    ...status,
    observedGeneration: set.metadata.generation ?? 0,
    ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
    ...(available > 0 ? { numberAvailable: available } : {}),
    ...(unavailable > 0 ? { numberUnavailable: unavailable } : {}),
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

function allDaemonSets(cache: ControllerCache): ObjectKey[] {
  return [...cache.values(DaemonSets)].map(keyOf);
}
