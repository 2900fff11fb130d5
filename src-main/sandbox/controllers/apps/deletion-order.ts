import type { Pod } from '#common/kube/types';
import { isReady, podCondition } from './pod-facts';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/**
 * The Pods that go first come first: after kube-controller-manager's ActivePodsWithRanks. `related` are the active Pods of
 * everybody that has the same controller.
 */
export function inDeletionOrder(pods: readonly Pod[], related: readonly Pod[], nowMs: number): Pod[] {
  const ranks = crowding(related);
  return [...pods].sort((left, right) => compare(left, right, { ranks, nowMs }));
}

/** The same without costs, neighbours and rounding of times, as Jobs give up Pods (ActivePods). */
export function inActiveOrder(pods: readonly Pod[]): Pod[] {
  return [...pods].sort(
    (left, right) =>
      byProgress(left, right) ||
      newestFirst(readySince(left), readySince(right)) ||
      restarts(right) - restarts(left) ||
      newestFirst(left.metadata.creationTimestamp, right.metadata.creationTimestamp),
  );
}

interface Ground {
  ranks: ReadonlyMap<string, number>;
  nowMs: number;
}

const PHASE_ORDER: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 };

/** Each line decides only when those before it found no difference. */
function compare(left: Pod, right: Pod, { ranks, nowMs }: Ground): number {
  return (
    byProgress(left, right) ||
    deletionCost(left) - deletionCost(right) ||
    rankOf(right, ranks) - rankOf(left, ranks) ||
    // Times are compared in powers of two, so that it does not always hit the same node's Pods.
    logAge(readySince(left), nowMs) - logAge(readySince(right), nowMs) ||
    restarts(right) - restarts(left) ||
    logAge(left.metadata.creationTimestamp, nowMs) - logAge(right.metadata.creationTimestamp, nowMs) ||
    (left.metadata.uid < right.metadata.uid ? -1 : 1)
  );
}

/** Unplaced, pending and unready Pods come first. */
function byProgress(left: Pod, right: Pod): number {
  return (
    Number(!!left.spec.nodeName) - Number(!!right.spec.nodeName) ||
    phaseOrder(left) - phaseOrder(right) ||
    Number(isReady(left)) - Number(isReady(right))
  );
}

function newestFirst(left = '', right = ''): number {
  return left === right ? 0 : left > right ? -1 : 1;
}

/** How many Pods of the set share the node: the more, the sooner one of them goes. */
function crowding(pods: readonly Pod[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { spec } of pods) {
    if (spec.nodeName) counts.set(spec.nodeName, (counts.get(spec.nodeName) ?? 0) + 1);
  }
  return counts;
}

const rankOf = ({ spec }: Pod, ranks: ReadonlyMap<string, number>): number =>
  spec.nodeName ? (ranks.get(spec.nodeName) ?? 0) : 0;

const phaseOrder = ({ status }: Pod): number => PHASE_ORDER[status?.phase ?? 'Pending'] ?? 0;

function deletionCost({ metadata }: Pod): number {
  const cost = Number(metadata.annotations?.[DELETION_COST] ?? 0);
  return Number.isInteger(cost) ? cost : 0;
}

const readySince = (pod: Pod): string | undefined =>
  isReady(pod) ? podCondition(pod, 'Ready')?.lastTransitionTime : undefined;

function logAge(since: string | undefined, nowMs: number): number {
  if (!since) return 0;
  const seconds = Math.max(0, (nowMs - Date.parse(since)) / 1000);
  return seconds < 1 ? 0 : Math.floor(Math.log2(seconds)) + 1;
}

function restarts({ status }: Pod): number {
  return (status?.containerStatuses ?? []).reduce((most, { restartCount }) => Math.max(most, restartCount), 0);
}
