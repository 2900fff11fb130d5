/** Which Pods of a DaemonSet are made and ended next: one on each node that it selects, two for a while where it surges. */
import type { DaemonSet, DaemonSetStatus, Node, Pod } from '#common/kube/types';
import { REVISION_LABEL } from './controller-revisions';
import { nodeOf, placementOf } from './daemon-placement';
import { isReady, untilAvailable } from './pod-facts';

export const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';
export const GENERATION_LABEL = 'pod-template-generation';

export interface DaemonGround {
  set: DaemonSet;
  nodes: readonly Node[];
  pods: readonly Pod[];
  /** Of the current template. */
  hash: string;
  nowMs: number;
}

export interface DaemonPlan {
  /** Names of nodes that need a Pod. */
  create: string[];
  remove: Pod[];
  /** Pods that have ended, on a node that should run one: they are told of, and removed after a back-off. */
  ended: { pod: Pod; node: string }[];
}

/** First every node gets what it should have; only when nothing is missing or too much, old Pods are replaced. */
export function planDaemonSet(ground: DaemonGround): DaemonPlan {
  const byNode = groupByNode(ground.pods);
  const plan: DaemonPlan = { create: [], remove: [], ended: [] };
  for (const node of ground.nodes) planNode(ground, node, byNode.get(node.metadata.name), plan);
  const known = new Set(ground.nodes.map(({ metadata }) => metadata.name));
  // Pods that have been placed are left to whoever collects those of lost nodes.
  for (const [name, pods] of byNode)
    if (!known.has(name)) plan.remove.push(...pods.filter((pod) => isLive(pod) && !pod.spec.nodeName));
  if (plan.create.length + plan.remove.length + plan.ended.length > 0) return plan;
  if ((ground.set.spec.updateStrategy?.type ?? 'RollingUpdate') !== 'RollingUpdate') return plan;
  return { ...plan, ...planUpdate(ground, byNode) };
}

const isLive = ({ metadata }: Pod): boolean => !metadata.deletionTimestamp;

const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Failed' || status?.phase === 'Succeeded';

/** Pods that have ended and are on their way out are as good as gone. */
function groupByNode(pods: readonly Pod[]): Map<string, Pod[]> {
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    if (hasEnded(pod) && !isLive(pod)) continue;
    const name = nodeOf(pod.spec) ?? '';
    const group = groups.get(name);
    if (group) group.push(pod);
    else groups.set(name, [pod]);
  }
  return groups;
}

function planNode(ground: DaemonGround, node: Node, pods: readonly Pod[] | undefined, plan: DaemonPlan): void {
  const { name } = node.metadata;
  const { shouldRun, shouldStay } = placementOf(ground.set, node);
  if (!pods) {
    if (shouldRun) plan.create.push(name);
    return;
  }
  const live = pods.filter(isLive);
  if (!shouldStay) {
    plan.remove.push(...live);
    return;
  }
  plan.ended.push(...live.filter(hasEnded).map((pod) => ({ pod, node: name })));
  const running = live.filter((pod) => !hasEnded(pod)).sort(oldestFirst);
  if (!allowsSurge(ground.set)) plan.remove.push(...running.slice(1));
  else if (running.length > 1) plan.remove.push(...planPair(ground, running));
  else if (running.length === 0 && shouldRun) plan.create.push(name);
}

function allowsSurge({ spec }: DaemonSet): boolean {
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  return type !== 'OnDelete' && scaled(rollingUpdate?.maxSurge ?? 0, 1) > 0;
}

/** Of those on one node the oldest new and the oldest old Pod may stay, until the new one is available or the old one unwell. */
function planPair(ground: DaemonGround, running: readonly Pod[]): Pod[] {
  const fresh = running.find((pod) => isUpdated(ground, pod));
  const old = running.find((pod) => !isUpdated(ground, pod));
  const surplus = running.filter((pod) => pod !== fresh && pod !== old);
  const isReplaced = fresh && old && (!isReady(old) || isAvailable(ground, fresh));
  return isReplaced ? [...surplus, old] : surplus;
}

function oldestFirst(left: Pod, right: Pod): number {
  const placed = Number(!!right.spec.nodeName) - Number(!!left.spec.nodeName);
  if (placed !== 0) return placed;
  return left.metadata.creationTimestamp < right.metadata.creationTimestamp ? -1 : 1;
}

function isUpdated({ set, hash }: DaemonGround, { metadata: { labels = {} } }: Pod): boolean {
  const generation = set.metadata.annotations?.[TEMPLATE_GENERATION];
  return labels[REVISION_LABEL] === hash || (generation !== undefined && labels[GENERATION_LABEL] === generation);
}

function isAvailable({ set, nowMs }: DaemonGround, pod: Pod): boolean {
  return untilAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs) === 0;
}

/** What stands on one node during an update; undefined when there is more than one old or new Pod. */
function pairOn(ground: DaemonGround, pods: readonly Pod[]): { fresh?: Pod; old?: Pod } | undefined {
  const live = pods.filter(isLive);
  const fresh = live.filter((pod) => isUpdated(ground, pod));
  const old = live.filter((pod) => !isUpdated(ground, pod));
  if (fresh.length > 1 || old.length > 1) return undefined;
  return { ...(fresh[0] ? { fresh: fresh[0] } : {}), ...(old[0] ? { old: old[0] } : {}) };
}

function planUpdate(ground: DaemonGround, byNode: ReadonlyMap<string, Pod[]>): Partial<DaemonPlan> {
  const { set, nodes } = ground;
  const wanted = new Set(nodes.filter((node) => placementOf(set, node).shouldRun).map(({ metadata }) => metadata.name));
  const pairs = [...new Set([...byNode.keys(), ...wanted])].map((node) => ({
    node,
    pair: pairOn(ground, byNode.get(node) ?? []),
  }));
  const { maxSurge = 0, maxUnavailable = 1 } = set.spec.updateStrategy?.rollingUpdate ?? {};
  const surge = scaled(maxSurge, wanted.size);
  if (surge > 0) return planSurge(ground, pairs, { surge, wanted });
  return { remove: planReplacement(ground, pairs, Math.max(1, scaled(maxUnavailable, wanted.size))) };
}

type Pairs = readonly { node: string; pair: { fresh?: Pod; old?: Pod } | undefined }[];

/** Old Pods that are no good go at once, others as far as Pods may be unavailable. */
function planReplacement(ground: DaemonGround, pairs: Pairs, limit: number): Pod[] {
  const unwell: Pod[] = [];
  const candidates: Pod[] = [];
  let unavailable = 0;
  for (const { pair } of pairs) {
    const one = pair?.fresh && pair.old ? undefined : (pair?.fresh ?? pair?.old);
    const isGood = one !== undefined && isAvailable(ground, one);
    if (!isGood) unavailable++;
    if (!one || one === pair?.fresh) continue;
    (isGood ? candidates : unwell).push(one);
  }
  return [...unwell, ...candidates.slice(0, Math.max(0, limit - unavailable))];
}

/** New Pods come beside old ones, as far as there may be more; an old one goes when its successor is available. */
function planSurge(
  ground: DaemonGround,
  pairs: Pairs,
  { surge, wanted }: { surge: number; wanted: ReadonlySet<string> },
): Partial<DaemonPlan> {
  const remove: Pod[] = [];
  const outside: Pod[] = [];
  const urgent: string[] = [];
  const candidates: string[] = [];
  let [surging, available] = [0, 0];
  for (const { node, pair } of pairs) {
    const { fresh, old } = pair ?? {};
    const counted = old ?? fresh;
    if (counted && isAvailable(ground, counted)) available++;
    if (!pair || (old && fresh && !isAvailable(ground, fresh))) surging++;
    else if (old && fresh) remove.push(old);
    else if (old && wanted.has(node)) (isAvailable(ground, old) ? candidates : urgent).push(node);
    else if (old) (isAvailable(ground, old) ? outside : remove).push(old);
  }
  const spare = Math.max(0, available - wanted.size);
  const create = [...urgent, ...candidates.slice(0, Math.max(0, surge - surging))];
  return { remove: [...remove, ...outside.slice(0, spare)], create };
}

/** Shares of a total are rounded up. */
function scaled(value: number | string, total: number): number {
  if (typeof value === 'number') return value;
  return Math.ceil((Number.parseInt(value, 10) * total) / 100);
}

export function statusOf(ground: DaemonGround): DaemonSetStatus {
  const { set, nodes, pods } = ground;
  const byNode = groupByNode(pods);
  const status = { desiredNumberScheduled: 0, currentNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 };
  let [available, updated] = [0, 0];
  for (const node of nodes) {
    const [pod] = (byNode.get(node.metadata.name) ?? []).toSorted(oldestFirst);
    if (!placementOf(set, node).shouldRun) {
      if (pod) status.numberMisscheduled++;
      continue;
    }
    status.desiredNumberScheduled++;
    if (!pod) continue;
    status.currentNumberScheduled++;
    if (isReady(pod)) status.numberReady++;
    if (isAvailable(ground, pod)) available++;
    if (isUpdated(ground, pod)) updated++;
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
