import type { LabelSelector } from '#common/kinds/selector';
import type { Node, Pod, TopologySpreadConstraint } from '#common/kube/types';
import { matchesSelector } from '#common/kinds/selector';
import type { ClusterView } from '../cluster-view';
import type { NodeState } from '../node-state';
import { rejected, type SchedulerPlugin, type SchedulerRule } from '../plugin';
import { acceptsNode } from '#common/kube/node-selection';
import { tolerates } from '#common/kube/tolerations';

/** For Pods that say nothing themselves: the default profile's own constraints. */
const DEFAULTS: readonly TopologySpreadConstraint[] = [
  { maxSkew: 3, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' },
  { maxSkew: 5, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
];

const UNEVEN = "node(s) didn't match pod topology spread constraints";

/** Keeps Pods that belong together evenly spread over nodes, zones or other domains. */
export const podTopologySpread: SchedulerPlugin = {
  name: 'PodTopologySpread',
  weight: 2,
  normalize: fewestFirst,
  forPod(pod, view) {
    const own = pod.spec.topologySpreadConstraints ?? [];
    if (own.length === 0) return byDefault(pod, view);
    const hard = own.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule');
    const soft = own.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway');
    const domains = (constraints: readonly TopologySpreadConstraint[]) =>
      constraints.map((constraint) => domainsOf(constraint, { pod, view, siblings: constraints }));
    return rule(domains(hard), domains(soft));
  },
};

function byDefault(pod: Pod, view: ClusterView): SchedulerRule | undefined {
  const labelSelector = view.companions(pod);
  if (!labelSelector) return undefined;
  const present = DEFAULTS.filter(({ topologyKey }) => view.domains(topologyKey).size > 0);
  const soft = present.map((constraint) => domainsOf({ ...constraint, labelSelector }, { pod, view, siblings: [] }));
  return rule([], soft);
}

interface Domains {
  constraint: TopologySpreadConstraint;
  /** Matching Pods in each domain; domains without any may be missing. */
  counts: ReadonlyMap<string, number>;
  /** How many domains there are. */
  size: number;
  /** 1 when the Pod counts among those that are spread. */
  self: number;
}

interface Ground {
  pod: Pod;
  view: ClusterView;
  /** A node counts only if it has the keys of all of them. */
  siblings: readonly TopologySpreadConstraint[];
}

function domainsOf(constraint: TopologySpreadConstraint, ground: Ground): Domains {
  const { pod, view } = ground;
  const { topologyKey } = constraint;
  const selector = withLabelsOf(pod, constraint);
  const self = matchesSelector(selector, pod) ? 1 : 0;
  const question = { namespace: pod.metadata.namespace ?? '', selector, leaving: false };
  if (countsEverywhere(constraint, ground)) {
    const counts = view.countsOf({ ...question, topologyKey });
    return { constraint, counts, size: view.domains(topologyKey).size, self };
  }
  const counts = countsWhereCounted(constraint, view.countsOf(question), ground);
  return { constraint, counts, size: counts.size, self };
}

/** No node is left out: the running counts will do. */
function countsEverywhere(
  { nodeTaintsPolicy = 'Ignore' }: TopologySpreadConstraint,
  { pod, siblings }: Ground,
): boolean {
  const { nodeSelector, affinity } = pod.spec;
  const isPicky = nodeSelector || affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return siblings.length < 2 && !isPicky && nodeTaintsPolicy === 'Ignore';
}

function countsWhereCounted(
  constraint: TopologySpreadConstraint,
  perNode: ReadonlyMap<string, number>,
  ground: Ground,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { node } of ground.view.nodes) {
    const domain = node.metadata.labels?.[constraint.topologyKey];
    if (domain === undefined || !isCounted(node, constraint, ground)) continue;
    counts.set(domain, (counts.get(domain) ?? 0) + (perNode.get(node.metadata.name) ?? 0));
  }
  return counts;
}

/** Nodes the Pod could not be on anyway are left out, as the constraint's policies say. */
function isCounted(
  node: Node,
  { nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' }: TopologySpreadConstraint,
  { pod, siblings }: Pick<Ground, 'pod' | 'siblings'>,
): boolean {
  const hasKeys = siblings.every(({ topologyKey }) => node.metadata.labels?.[topologyKey] !== undefined);
  if (!hasKeys || (nodeAffinityPolicy === 'Honor' && !acceptsNode(pod.spec, node))) return false;
  if (nodeTaintsPolicy !== 'Honor') return true;
  const hard = (node.spec.taints ?? []).filter(({ effect }) => effect !== 'PreferNoSchedule');
  return hard.every((taint) => tolerates(pod.spec.tolerations, taint));
}

/** `matchLabelKeys` take the Pod's own values: Pods of one revision are spread among themselves. */
function withLabelsOf({ metadata }: Pod, { labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint) {
  const own: NonNullable<LabelSelector['matchExpressions']> = matchLabelKeys.flatMap((key) => {
    const value = metadata.labels?.[key];
    return value === undefined ? [] : [{ key, operator: 'In', values: [value] }];
  });
  if (!labelSelector || own.length === 0) return labelSelector;
  return { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...own] };
}

function rule(hard: readonly Domains[], soft: readonly Domains[]): SchedulerRule | undefined {
  if (hard.length === 0 && soft.length === 0) return undefined;
  return {
    ...(hard.length > 0 ? { filter: (_pod, { node }) => firstUneven(node, hard) } : {}),
    ...(soft.length > 0 ? { score: crowdingOf(soft) } : {}),
  };
}

function firstUneven({ metadata }: Node, hard: readonly Domains[]) {
  for (const { constraint, counts, size, self } of hard) {
    const domain = metadata.labels?.[constraint.topologyKey];
    if (domain === undefined) return rejected(`${UNEVEN} (missing required label)`, { unresolvable: true });
    const isSparse = size < (constraint.minDomains ?? 1) || counts.size < size;
    const least = isSparse ? 0 : Math.min(...counts.values());
    const skew = (counts.get(domain) ?? 0) + self - least;
    if (skew > constraint.maxSkew) return rejected(UNEVEN, { unresolvable: false });
  }
  return undefined;
}

/** Domains weigh more the more of them there are: a step between two zones says less than one among a hundred nodes. */
function crowdingOf(soft: readonly Domains[]): (pod: Pod, state: NodeState) => number {
  const parts = soft.map(({ constraint: { topologyKey, maxSkew }, counts, size }) => ({
    topologyKey,
    counts,
    factor: Math.log(size + 2),
    base: maxSkew - 1,
  }));
  return (_pod, { node }) => {
    const { labels } = node.metadata;
    let total = 0;
    for (const { topologyKey, counts, factor, base } of parts) {
      const domain = labels?.[topologyKey];
      if (domain !== undefined) total += (counts.get(domain) ?? 0) * factor + base;
    }
    return total;
  };
}

/** The emptiest gets 100, the others the less the fuller they are (podtopologyspread's NormalizeScore). */
function fewestFirst(scores: readonly number[]): readonly number[] {
  const most = Math.max(...scores);
  const least = Math.min(...scores);
  return scores.map((score) => (most === 0 ? 100 : Math.floor((100 * (most + least - score)) / most)));
}
