/** What Pods want of other Pods, in the form in which it is compared. Pure. */
import { matchesSelector, type LabelSelector } from '#common/kinds/selector';
import type { Pod, PodAffinityTerm, WeightedPodAffinityTerm } from '#common/kube/types';

type Labels = Readonly<Record<string, string>>;

/** Which Pods are meant, and by which label of their nodes they are near. */
export interface AffinityTerm {
  topologyKey: string;
  /** Names of namespaces. */
  namespaces: ReadonlySet<string>;
  namespaceSelector: LabelSelector | undefined;
  selector: LabelSelector | undefined;
}

export interface WeightedTerm {
  term: AffinityTerm;
  /** Negative where the Pod would rather be apart. */
  weight: number;
}

/** A term of a placed Pod, with which every newcomer is compared. */
export interface StandingTerm extends AffinityTerm {
  /** The same for terms that mean the same. */
  key: string;
  kind: 'required' | 'required-apart' | 'preferred';
  weight: number;
}

export interface PodTerms {
  near: readonly AffinityTerm[];
  apart: readonly AffinityTerm[];
  preferred: readonly WeightedTerm[];
  /** All of them, as they stand once the Pod is placed. */
  standing: readonly StandingTerm[];
}

const none: PodTerms = { near: [], apart: [], preferred: [], standing: [] };
const known = new WeakMap<Pod, PodTerms>();

export function affinityTermsOf(pod: Pod): PodTerms {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  if (!podAffinity && !podAntiAffinity) return none;
  let terms = known.get(pod);
  if (!terms) known.set(pod, (terms = workOut(pod)));
  return terms;
}

function workOut(pod: Pod): PodTerms {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const plain = (terms: readonly PodAffinityTerm[] = []) => terms.map((term) => termOf(term, pod));
  const weighted = (terms: readonly WeightedPodAffinityTerm[] = [], sign: 1 | -1 = 1) =>
    terms.map(({ podAffinityTerm, weight }) => ({ term: termOf(podAffinityTerm, pod), weight: sign * weight }));
  const near = plain(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution);
  const apart = plain(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution);
  const preferred = [
    ...weighted(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    ...weighted(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution, -1),
  ];
  const standing = [
    ...near.map((term) => stand(term, 'required')),
    ...apart.map((term) => stand(term, 'required-apart')),
    ...preferred.map(({ term, weight }) => stand(term, 'preferred', weight)),
  ];
  return { near, apart, preferred, standing };
}

/** Without namespaces a term means the namespace of the Pod that has it. */
function termOf({ topologyKey, namespaces = [], namespaceSelector, labelSelector }: PodAffinityTerm, pod: Pod) {
  const isOwn = namespaces.length === 0 && !namespaceSelector;
  const names = isOwn ? [pod.metadata.namespace ?? ''] : namespaces;
  return { topologyKey, namespaces: new Set(names), namespaceSelector, selector: labelSelector };
}

function stand(term: AffinityTerm, kind: StandingTerm['kind'], weight = 0): StandingTerm {
  return { ...term, kind, weight, key: `${kind} ${weight} ${term.topologyKey} ${termKey(term)}` };
}

/** The same for terms that mean the same Pods. */
export function termKey({ namespaces, namespaceSelector, selector }: AffinityTerm): string {
  return JSON.stringify([[...namespaces].sort(), namespaceSelector, selector]);
}

/** Whether the term means the Pod, whose namespace has these labels. */
export function meansPod(term: AffinityTerm, { metadata }: Pod, namespaceLabels: Labels): boolean {
  const isNamed = term.namespaces.has(metadata.namespace ?? '');
  if (!isNamed && !matchesSelector(term.namespaceSelector, { metadata: { labels: namespaceLabels } })) return false;
  return matchesSelector(term.selector, { metadata });
}

const NO_LABELS: Labels = {};

/**
 * Whether all terms mean a Pod that is there already. Namespaces are looked up by name alone then: a selector that also
 * matches a namespace without labels means every namespace, as in kube-scheduler.
 */
export function meanPlacedPod(terms: readonly AffinityTerm[], pod: Pod): boolean {
  return terms.length > 0 && terms.every((term) => meansPod(term, pod, NO_LABELS));
}

/** The term with the namespaces that its selector names at the moment. */
export function withNamespaces(
  term: AffinityTerm,
  namespaces: (selector: LabelSelector) => readonly string[],
): AffinityTerm {
  const { namespaceSelector } = term;
  if (!namespaceSelector || isEmpty(namespaceSelector)) return term;
  return { ...term, namespaces: new Set([...term.namespaces, ...namespaces(namespaceSelector)]) };
}

const isEmpty = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean =>
  Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
