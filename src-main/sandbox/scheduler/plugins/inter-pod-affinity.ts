import type { Node, Pod } from '#common/kube/types';
import {
  affinityTermsOf,
  meanPlacedPod,
  meansPod,
  termKey,
  withNamespaces,
  type AffinityTerm,
  type WeightedTerm,
} from '../affinity-terms';
import type { ClusterView } from '../cluster-view';
import type { HeldTerm, PodQuestion } from '../tallies';
import {
  resolvable,
  spread,
  unresolvable,
  type ImaginedRule,
  type PodRule,
  type Rejection,
  type SchedulerPlugin,
} from '../plugin';

export interface InterPodAffinityArgs {
  /** What a placed Pod's required affinity is worth to those it wants near. */
  hardPodAffinityWeight?: number;
  ignorePreferredTermsOfExistingPods?: boolean;
}

const NAME = 'InterPodAffinity';
const NOT_NEAR = unresolvable(NAME, "node(s) didn't match pod affinity rules");
const NOT_APART = resolvable(NAME, "node(s) didn't match pod anti-affinity rules");
const REPELLED = resolvable(NAME, "node(s) didn't satisfy existing pods anti-affinity rules");

/** Which Pods want to be near each other, and which apart. */
export function interPodAffinity(args: InterPodAffinityArgs = {}): SchedulerPlugin {
  return {
    name: NAME,
    forPod(pod, view): PodRule | undefined {
      const rule = { ...filterOf(pod, view), ...scoreOf(pod, view, args) };
      return rule.filter || rule.score ? rule : undefined;
    },
    hints: {
      'Pod/Add': (pod, { after }) => !!after && isPlaced(after) && meanPlacedPod(affinityTermsOf(pod).near, after),
      'Pod/Delete': (pod, { before }) => !!before && isPlaced(before) && keptApart(pod, before),
      'Pod/UpdateLabel': (pod, { before, after }) => !!before && !!after && comesToSuit(pod, before, after),
      'Node/Add': (pod, { after }) => {
        const { near, apart } = affinityTermsOf(pod);
        return apart.length > 0 || near.some(({ topologyKey }) => after?.metadata.labels?.[topologyKey] !== undefined);
      },
      'Node/UpdateLabel': movesDomain,
    },
  };
}

const isPlaced = ({ spec, status }: Pod): boolean => !!spec.nodeName || !!status?.nominatedNodeName;

function keptApart(pod: Pod, other: Pod): boolean {
  return meanPlacedPod(affinityTermsOf(pod).apart, other) || meanPlacedPod(affinityTermsOf(other).apart, pod);
}

function comesToSuit(pod: Pod, before: Pod, after: Pod): boolean {
  if (after.metadata.uid === pod.metadata.uid) return true;
  if (!isPlaced(after)) return false;
  const { near, apart } = affinityTermsOf(pod);
  if (!meanPlacedPod(near, before) && meanPlacedPod(near, after)) return true;
  return meanPlacedPod(apart, before) && !meanPlacedPod(apart, after);
}

function movesDomain(pod: Pod, { before, after }: { before: Node | undefined; after: Node | undefined }): boolean {
  const { near, apart } = affinityTermsOf(pod);
  const values = ({ topologyKey }: AffinityTerm) => [before, after].map((node) => node?.metadata.labels?.[topologyKey]);
  const changes = (terms: readonly AffinityTerm[], mayBegin: boolean) =>
    terms.some((term) => {
      const [had, has] = values(term);
      if (had === has) return false;
      return mayBegin ? has !== undefined : had !== undefined;
    });
  return changes(near, true) || changes(apart, false);
}

/** How many Pods that matter there are in the domains of one topology key. */
interface Presence {
  topologyKey: string;
  counts: ReadonlyMap<string, number>;
}

interface Found {
  pod: Pod;
  nearTerms: readonly AffinityTerm[];
  apartTerms: readonly AffinityTerm[];
  near: readonly Presence[];
  apart: readonly Presence[];
  /** Where placed Pods keep this one away. */
  repelling: readonly Presence[];
  /** Nobody it wants to be near is anywhere, but it is itself one of them: the first may go where it likes. */
  isFirst: boolean;
}

function filterOf(pod: Pod, view: ClusterView): Pick<PodRule, 'filter' | 'imagine'> {
  const { near, apart } = affinityTermsOf(pod);
  const labels = view.namespaceLabels(pod.metadata.namespace ?? '');
  const repelling = [...view.tallies.heldTerms].filter(
    ({ term }) => term.kind === 'required-apart' && meansPod(term, pod, labels),
  );
  if (near.length + apart.length + repelling.length === 0) return {};
  const nearTerms = near.map((term) => withNamespaces(term, view.namespaces));
  const apartTerms = apart.map((term) => withNamespaces(term, view.namespaces));
  const found: Found = {
    pod,
    nearTerms,
    apartTerms,
    near: nearTerms.map(({ topologyKey }) => presence(view, topologyKey, nearTerms)),
    apart: apartTerms.map((term) => presence(view, term.topologyKey, [term])),
    repelling: repelling.map(presenceOf),
    isFirst: false,
  };
  const filter = filterBy({ ...found, isFirst: isFirst(found) });
  return { filter: ({ node }) => filter(node), imagine: () => imagined(found, labels) };
}

const presenceOf = ({ term, counts }: HeldTerm): Presence => ({ topologyKey: term.topologyKey, counts });

/** Pods that all the terms mean, by domain. */
function presence({ tallies }: ClusterView, topologyKey: string, terms: readonly AffinityTerm[]): Presence {
  const asked: PodQuestion = {
    key: `${NAME} ${topologyKey} ${terms.map(termKey).join()}`,
    topologyKey,
    counts: (other) => meanPlacedPod(terms, other),
  };
  return { topologyKey, counts: tallies.countsOf(asked) };
}

function isFirst({ pod, near, nearTerms }: Found): boolean {
  return nearTerms.length > 0 && near.every(({ counts }) => isVoid(counts)) && meanPlacedPod(nearTerms, pod);
}

function isVoid(counts: ReadonlyMap<string, number>): boolean {
  for (const count of counts.values()) if (count > 0) return false;
  return true;
}

function filterBy({ near, apart, repelling, isFirst: mayBegin }: Found): (node: Node) => Rejection | undefined {
  return ({ metadata: { labels = {} } }) => {
    const isAt = ({ topologyKey, counts }: Presence) =>
      (counts.get(labels[topologyKey] ?? '') ?? 0) > 0 && labels[topologyKey] !== undefined;
    const isNear = mayBegin ? near.every(({ topologyKey }) => labels[topologyKey] !== undefined) : near.every(isAt);
    if (!isNear) return NOT_NEAR;
    if (apart.some(isAt)) return NOT_APART;
    return repelling.some(isAt) ? REPELLED : undefined;
  };
}

function imagined(found: Found, namespaceLabels: Readonly<Record<string, string>>): ImaginedRule {
  const copy = ({ topologyKey, counts }: Presence) => ({ topologyKey, counts: new Map(counts) });
  const near = found.near.map(copy);
  const apart = found.apart.map(copy);
  const repelling = merged(found.repelling);
  let filter: ((node: Node) => Rejection | undefined) | undefined;
  return {
    filter({ node }) {
      if (!filter) {
        const now = { ...found, near, apart, repelling };
        filter = filterBy({ ...now, isFirst: isFirst(now) });
      }
      return filter(node);
    },
    change(other, node, sign) {
      filter = undefined;
      const { labels } = node.metadata;
      if (meanPlacedPod(found.nearTerms, other)) for (const one of near) shift(one, labels, sign);
      found.apartTerms.forEach((term, at) => {
        const one = apart[at];
        if (one && meanPlacedPod([term], other)) shift(one, labels, sign);
      });
      for (const term of affinityTermsOf(other).apart) {
        if (!meansPod(term, found.pod, namespaceLabels)) continue;
        let one = repelling.find(({ topologyKey }) => topologyKey === term.topologyKey);
        if (!one) repelling.push((one = { topologyKey: term.topologyKey, counts: new Map() }));
        shift(one, labels, sign);
      }
    },
  };
}

/** One count for each topology key. */
function merged(presences: readonly Presence[]): { topologyKey: string; counts: Map<string, number> }[] {
  const byKey = new Map<string, Map<string, number>>();
  for (const { topologyKey, counts } of presences) {
    const sums = byKey.get(topologyKey) ?? new Map<string, number>();
    byKey.set(topologyKey, sums);
    for (const [domain, count] of counts) sums.set(domain, (sums.get(domain) ?? 0) + count);
  }
  return [...byKey].map(([topologyKey, counts]) => ({ topologyKey, counts }));
}

function shift(
  { topologyKey, counts }: { topologyKey: string; counts: Map<string, number> },
  labels: Readonly<Record<string, string>> | undefined,
  by: number,
): void {
  const domain = labels?.[topologyKey];
  if (domain !== undefined) counts.set(domain, (counts.get(domain) ?? 0) + by);
}

interface Pull extends Presence {
  weight: number;
}

/** What this Pod would rather have, and what placed Pods would rather have of it. */
function scoreOf(pod: Pod, view: ClusterView, args: InterPodAffinityArgs): Pick<PodRule, 'score'> {
  const { hardPodAffinityWeight = 1, ignorePreferredTermsOfExistingPods = false } = args;
  const { preferred } = affinityTermsOf(pod);
  if (ignorePreferredTermsOfExistingPods && preferred.length === 0) return {};
  const labels = view.namespaceLabels(pod.metadata.namespace ?? '');
  const pulls = preferred.map((one) => pullOf(one, view));
  for (const held of view.tallies.heldTerms) {
    const weight = held.term.kind === 'required' ? hardPodAffinityWeight : held.term.weight;
    if (weight !== 0 && meansPod(held.term, pod, labels)) pulls.push({ ...presenceOf(held), weight });
  }
  const felt = pulls.filter(({ counts }) => !isVoid(counts));
  if (felt.length === 0) return {};
  return {
    score: (candidates) =>
      spread(
        candidates.map(({ node: { metadata } }) => {
          let total = 0;
          for (const { topologyKey, counts, weight } of felt) {
            const domain = metadata.labels?.[topologyKey];
            if (domain !== undefined) total += weight * (counts.get(domain) ?? 0);
          }
          return total;
        }),
      ),
  };
}

function pullOf({ term, weight }: WeightedTerm, view: ClusterView): Pull {
  const named = withNamespaces(term, view.namespaces);
  return { ...presence(view, term.topologyKey, [named]), weight };
}
