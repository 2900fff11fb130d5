import type { Node, Pod } from '#common/kube/types';
import type { NodeState } from '../node-state';
import type { Rejection, SchedulerPlugin } from '../plugin';
import { allocatableOf, comparedRequests, requestsOf, takenBy, type Amounts } from '../resources';
import { scorerOf, type ResourceWeight, type ScoringStrategy } from './resource-scores';

export interface NodeResourcesFitArgs {
  ignoredResources?: readonly string[];
  ignoredResourceGroups?: readonly string[];
  scoringStrategy: ScoringStrategy;
}

const NAME = 'NodeResourcesFit';

/** A node must have what the Pod asks for; of those that have, the strategy says which is better. */
export function nodeResourcesFit({
  ignoredResources = [],
  ignoredResourceGroups = [],
  scoringStrategy,
}: NodeResourcesFitArgs): SchedulerPlugin {
  const { resources } = scoringStrategy;
  const score = scorerOf(scoringStrategy);
  const isIgnored = (name: string) =>
    isExtended(name) && (ignoredResources.includes(name) || ignoredResourceGroups.includes(name.split('/')[0] ?? ''));
  const isFit = (pod: Pod, node: Node) =>
    lacking(requestsOf(pod), { allocatable: allocatableOf(node), requested: {}, podCount: 0 }, () => false).reasons
      .length === 0;
  return {
    name: NAME,
    filter(pod, { allocatable, requested, pods }): Rejection | undefined {
      const { reasons, unresolvable } = lacking(
        requestsOf(pod),
        { allocatable, requested, podCount: pods.size },
        isIgnored,
      );
      return reasons.length === 0 ? undefined : { plugin: NAME, reasons, unresolvable };
    },
    score(pod, state) {
      const requests = comparedRequests(pod);
      const uses = resources.map(({ name }) => useOf(name, { requests, state, used: usedNonZero }));
      return score(uses);
    },
    hints: {
      'Pod/Delete': (_pod, { before }) => !!(before?.spec.nodeName || before?.status?.nominatedNodeName),
      'Pod/UpdateScaleDown': frees,
      'Node/Add': (pod, { after }) => !!after && isFit(pod, after),
      'Node/UpdateAllocatable': (pod, { before, after }) =>
        !!before && !!after && isFit(pod, after) && hasMore(pod, before, after),
    },
  };
}

function frees(pod: Pod, { before, after }: { before: Pod | undefined; after: Pod | undefined }): boolean {
  if (!before || !after) return false;
  if (after.metadata.uid === pod.metadata.uid) return true;
  if (!after.spec.nodeName) return false;
  const [had, has] = [takenBy(before).requests, takenBy(after).requests];
  return Object.entries(requestsOf(pod)).some(([name, amount]) => amount > 0 && (had[name] ?? 0) > (has[name] ?? 0));
}

function hasMore(pod: Pod, before: Node, after: Node): boolean {
  const [had, has] = [allocatableOf(before), allocatableOf(after)];
  if ((has['pods'] ?? 0) > (had['pods'] ?? 0)) return true;
  return Object.entries(requestsOf(pod)).some(([name, amount]) => amount > 0 && (has[name] ?? 0) > (had[name] ?? 0));
}

/** Resources that somebody else than Kubernetes gives names to. */
function isExtended(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.');
}

interface Room {
  allocatable: Amounts;
  requested: Amounts;
  podCount: number;
}

function lacking(requests: Amounts, { allocatable, requested, podCount }: Room, isIgnored: (name: string) => boolean) {
  const reasons: string[] = [];
  let unresolvable = false;
  if (podCount + 1 > (allocatable['pods'] ?? 0)) reasons.push('Too many pods');
  for (const name in requests) {
    const amount = requests[name] ?? 0;
    const has = allocatable[name] ?? 0;
    if (amount === 0 || amount <= has - (requested[name] ?? 0) || isIgnored(name)) continue;
    reasons.push(`Insufficient ${name}`);
    // More than the whole node has: nobody could make room for it.
    if (amount > has) unresolvable = true;
  }
  return { reasons, unresolvable };
}

/** How much of a resource a node has, is taken, and would be taken; nothing for one that does not count. */
export interface ResourceUse {
  capacity: number;
  before: number;
  after: number;
}

const UNUSED: ResourceUse = { capacity: 0, before: 0, after: 0 };

interface UseGround {
  requests: Amounts;
  state: NodeState;
  used: (name: string, state: NodeState) => number;
}

function useOf(name: string, { requests, state, used }: UseGround): ResourceUse {
  const request = requests[name] ?? 0;
  if (request === 0 && !COMMON.has(name)) return UNUSED;
  const capacity = state.allocatable[name] ?? 0;
  if (capacity === 0) return UNUSED;
  const before = used(name, state);
  return { capacity, before, after: before + request };
}

const COMMON: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);

const usedAsked = (name: string, { requested }: NodeState): number => requested[name] ?? 0;

const usedNonZero = (name: string, { nonZero, requested }: NodeState): number =>
  (name === 'cpu' || name === 'memory' ? nonZero[name] : requested[name]) ?? 0;

export interface BalancedAllocationArgs {
  resources: readonly ResourceWeight[];
}

/** Likes nodes whose resources would be used more evenly with the Pod than without it. */
export function nodeResourcesBalancedAllocation({ resources }: BalancedAllocationArgs): SchedulerPlugin {
  return {
    name: 'NodeResourcesBalancedAllocation',
    score(pod, state) {
      const requests = requestsOf(pod);
      if (resources.every(({ name }) => !requests[name])) return 0;
      const uses = resources.map(({ name }) => useOf(name, { requests, state, used: usedAsked }));
      const gain = evenness(uses, 'after') - evenness(uses, 'before');
      return 50 + Math.trunc((50 + gain) / 2);
    },
  };
}

/** 100 when every resource is used to the same share. */
function evenness(uses: readonly ResourceUse[], when: 'before' | 'after'): number {
  const shares = uses.flatMap((use) => (use.capacity === 0 ? [] : Math.min(1, use[when] / use.capacity)));
  return Math.trunc((1 - deviation(shares)) * 100);
}

function deviation(shares: readonly number[]): number {
  const [first = 0, second = 0] = shares;
  if (shares.length < 2) return 0;
  if (shares.length === 2) return Math.abs((first - second) / 2);
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length);
}
