import { matchesSelector, type LabelSelector } from '#common/kinds/selector';
import type { Node, Pod, PodAffinityTerm, WeightedPodAffinityTerm } from '#common/kube/types';
import type { ClusterView } from '../cluster-view';
import { rejected, spread, type Rejection, type SchedulerPlugin } from '../plugin';

/** Weight of a placed Pod's required affinity in the score of nodes (hardPodAffinityWeight). */
const REQUIRED_WEIGHT = 1;

/** Which Pods want to be near each other, and which apart. */
export const interPodAffinity: SchedulerPlugin = {
  name: 'InterPodAffinity',
  weight: 2,
  normalize: spread,
  forPod(pod, view) {
    const near = nearby(pod, view);
    const apart = requiredApart(pod).map((term) => domainsOf(term, pod, view));
    const repelling = repellingDomains(pod, view);
    const sums = scoreSums(pod, view);
    const filters = near.length + apart.length + repelling.size > 0;
    if (!filters && sums.size === 0) return undefined;
    return {
      ...(filters ? { filter: (_pod, { node }) => rejection(node, { near, apart, repelling }) } : {}),
      ...(sums.size > 0 ? { score: (_pod, { node }) => sumAt(node, sums) } : {}),
    };
  },
};

/** Domain values that hold matching Pods, by topology key. */
interface TermDomains {
  key: string;
  values: ReadonlySet<string>;
}

interface Found {
  near: readonly TermDomains[];
  apart: readonly TermDomains[];
  /** Topology key to values where a placed Pod keeps this one away. */
  repelling: ReadonlyMap<string, ReadonlySet<string>>;
}

function rejection({ metadata }: Node, { near, apart, repelling }: Found): Rejection | undefined {
  const valueOf = (key: string) => metadata.labels?.[key];
  const isAt = ({ key, values }: TermDomains) => values.has(valueOf(key) ?? '') && valueOf(key) !== undefined;
  if (!near.every(isAt)) return rejected("node(s) didn't match pod affinity rules", { unresolvable: true });
  if (apart.some(isAt)) return rejected("node(s) didn't match pod anti-affinity rules", { unresolvable: false });
  const isRepelled = [...repelling].some(([key, values]) => isAt({ key, values }));
  if (!isRepelled) return undefined;
  return rejected("node(s) didn't satisfy existing pods anti-affinity rules", { unresolvable: false });
}

const requiredNear = ({ spec }: Pod) =>
  spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
const requiredApart = ({ spec }: Pod) =>
  spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];

/** The first Pod of a group that wants to be together may go anywhere the topology exists. */
function nearby(pod: Pod, view: ClusterView): TermDomains[] {
  const terms = requiredNear(pod);
  const domains = terms.map((term) => domainsOf(term, pod, view));
  const isFirst = domains.every(({ values }) => values.size === 0);
  if (!isFirst || !terms.every((term) => selectsPod(term, pod, { owner: pod, view }))) return domains;
  return terms.map(({ topologyKey }) => ({ key: topologyKey, values: view.domains(topologyKey) }));
}

function domainsOf(term: PodAffinityTerm, owner: Pod, view: ClusterView): TermDomains {
  return { key: term.topologyKey, values: new Set(countsByDomain(term, owner, view).keys()) };
}

function countsByDomain(term: PodAffinityTerm, owner: Pod, view: ClusterView): Map<string, number> {
  const counts = new Map<string, number>();
  const selector = selectorOf(term, owner);
  for (const namespace of namespacesOf(term, owner, view)) {
    const question = { namespace, selector, leaving: true, topologyKey: term.topologyKey };
    for (const [domain, count] of view.countsOf(question)) counts.set(domain, (counts.get(domain) ?? 0) + count);
  }
  return counts;
}

/** Without namespaces a term means the namespace of the Pod that has it. */
function namespacesOf(
  { namespaces = [], namespaceSelector }: PodAffinityTerm,
  owner: Pod,
  view: ClusterView,
): string[] {
  const selected = namespaceSelector ? view.namespaces(namespaceSelector) : [];
  if (namespaces.length === 0 && !namespaceSelector) return [owner.metadata.namespace ?? ''];
  return [...new Set([...namespaces, ...selected])];
}

function selectorOf(term: PodAffinityTerm, { metadata }: Pod): LabelSelector | undefined {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  const own = (keys: readonly string[], operator: string) =>
    keys.flatMap((key) => {
      const value = metadata.labels?.[key];
      return value === undefined ? [] : [{ key, operator, values: [value] }];
    });
  const more = [...own(matchLabelKeys, 'In'), ...own(mismatchLabelKeys, 'NotIn')];
  if (!labelSelector || more.length === 0) return labelSelector;
  return { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...more] };
}

function selectsPod(term: PodAffinityTerm, pod: Pod, { owner, view }: { owner: Pod; view: ClusterView }): boolean {
  return (
    namespacesOf(term, owner, view).includes(pod.metadata.namespace ?? '') &&
    matchesSelector(selectorOf(term, owner), pod)
  );
}

/** Where placed Pods do not want this one. */
function repellingDomains(pod: Pod, view: ClusterView): Map<string, Set<string>> {
  const domains = new Map<string, Set<string>>();
  for (const { pod: other, nodeName } of view.choosy) {
    for (const term of requiredApart(other)) {
      if (!selectsPod(term, pod, { owner: other, view })) continue;
      const value = view.node(nodeName)?.node.metadata.labels?.[term.topologyKey];
      if (value === undefined) continue;
      const values = domains.get(term.topologyKey) ?? new Set();
      domains.set(term.topologyKey, values.add(value));
    }
  }
  return domains;
}

/** Topology key to value to score. */
type Sums = Map<string, Map<string, number>>;

/** What this Pod would rather have, and what placed Pods would rather have of it. */
function scoreSums(pod: Pod, view: ClusterView): Sums {
  const sums: Sums = new Map();
  for (const { term, weight } of preferences(pod)) {
    for (const [value, count] of countsByDomain(term, pod, view))
      addTo(sums, { key: term.topologyKey, value }, weight * count);
  }
  for (const { pod: other, nodeName } of view.choosy) {
    const required = requiredNear(other).map((term) => ({ term, weight: REQUIRED_WEIGHT }));
    for (const { term, weight } of [...preferences(other), ...required]) {
      const value = view.node(nodeName)?.node.metadata.labels?.[term.topologyKey];
      if (value === undefined || !selectsPod(term, pod, { owner: other, view })) continue;
      addTo(sums, { key: term.topologyKey, value }, weight);
    }
  }
  return sums;
}

function preferences({ spec }: Pod): { term: PodAffinityTerm; weight: number }[] {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const signed = (terms: readonly WeightedPodAffinityTerm[] | undefined, sign: 1 | -1) =>
    (terms ?? []).map(({ podAffinityTerm, weight }) => ({ term: podAffinityTerm, weight: sign * weight }));
  return [
    ...signed(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution, 1),
    ...signed(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution, -1),
  ];
}

function addTo(sums: Sums, { key, value }: { key: string; value: string }, score: number): void {
  const values = sums.get(key) ?? new Map<string, number>();
  sums.set(key, values.set(value, (values.get(value) ?? 0) + score));
}

function sumAt({ metadata }: Node, sums: Sums): number {
  let total = 0;
  for (const [key, values] of sums) total += values.get(metadata.labels?.[key] ?? '') ?? 0;
  return total;
}
