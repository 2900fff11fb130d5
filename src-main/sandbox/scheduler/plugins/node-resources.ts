import type { NodeState } from '../node-state';
import type { SchedulerPlugin } from '../plugin';
import { requestsOf, type Amounts } from '../resources';

/** What a container that asks for nothing is taken to need when nodes are compared (kube-scheduler's non-zero requests). */
const LEAST: Amounts = { cpu: 100, memory: 200 * 2 ** 20 };

/** A node must have what the Pod asks for; of those that have, the one with more left is better (LeastAllocated). */
export const nodeResourcesFit: SchedulerPlugin = {
  name: 'NodeResourcesFit',
  filter(pod, state) {
    const { reasons, unresolvable } = lacking(requestsOf(pod), state);
    return reasons.length === 0 ? undefined : { reasons, unresolvable };
  },
  score(pod, state) {
    const requests = requestsOf(pod);
    const shares = ['cpu', 'memory'].map((name) => freeShare(name, requests, state));
    return shares.reduce((total, share) => total + share, 0) / shares.length;
  },
};

/** Spreads what a Pod asks for evenly over cpu and memory (NodeResourcesBalancedAllocation). */
export const nodeResourcesBalanced: SchedulerPlugin = {
  name: 'NodeResourcesBalancedAllocation',
  score(pod, { allocatable, requested }) {
    const requests = requestsOf(pod);
    const [cpu = 0, memory = 0] = ['cpu', 'memory'].map((name) =>
      Math.min(1, ((requested[name] ?? 0) + (requests[name] ?? 0)) / Math.max(1, allocatable[name] ?? 0)),
    );
    return Math.floor((1 - Math.abs(cpu - memory) / 2) * 100);
  },
};

function lacking(requests: Amounts, { allocatable, requested, podCount }: NodeState) {
  const reasons: string[] = [];
  let unresolvable = false;
  if (podCount + 1 > (allocatable['pods'] ?? 0)) reasons.push('Too many pods');
  for (const [name, amount] of Object.entries(requests)) {
    const has = allocatable[name] ?? 0;
    if (amount === 0 || amount <= has - (requested[name] ?? 0)) continue;
    reasons.push(`Insufficient ${name}`);
    // More than the whole node has: nobody could make room for it.
    if (amount > has) unresolvable = true;
  }
  return { reasons, unresolvable };
}

/** 0..100: how much of the resource would be left. */
function freeShare(name: string, requests: Amounts, { allocatable, requested, podCount }: NodeState): number {
  const has = allocatable[name] ?? 0;
  if (has === 0) return 0;
  const least = LEAST[name] ?? 0;
  const used = Math.max(requested[name] ?? 0, podCount * least) + Math.max(requests[name] ?? 0, least);
  return used > has ? 0 : Math.floor(((has - used) * 100) / has);
}
