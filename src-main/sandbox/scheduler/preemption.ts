/** Whom to evict so that a Pod finds a place (DefaultPreemption). Pure but for the lot between equals. */
import { randomInt } from '#common/base/random';
import { matchesSelector } from '#common/kinds/selector';
import type { Pod, PodDisruptionBudget } from '#common/kube/types';
import type { Diagnosis } from './diagnosis';
import { counted } from './failure-message';
import type { KnownNode } from './node-state';
import { priorityOf, type PodRules } from './pod-rules';
import type { PreemptionArgs } from './profile';

export interface PreemptionPlan {
  /** What it says of the Pod; empty when room will be made. */
  word: string;
  /** The node that is made free; empty for none, undefined to leave things as they are. */
  nominated?: string;
  /** Most important first. */
  victims?: readonly Pod[];
}

/** The plugin of devices. */
const DEVICES = 'DynamicResources';
const NOT_HELPFUL = 'Preemption is not helpful for scheduling';
const NO_VICTIMS = 'No preemption victims found for incoming pod';

export function planPreemption(rules: PodRules, diagnosis: Diagnosis): PreemptionPlan {
  const { preemption, dynamicResources } = rules.profile.settings;
  // Claims of devices are asked first. They were not even read where another plugin gave up before: kube-scheduler says so.
  const areRead = !diagnosis.isHopeless || rules.hopeless?.plugin === DEVICES;
  if (dynamicResources && !areRead) return { word: 'not found' };
  const words = dynamicResources ? [deviceWords(rules)] : [];
  if (!preemption) return { word: words.join(', '), nominated: '' };
  const plan = evictions(rules, diagnosis, preemption);
  if (!plan.word) return plan;
  return { ...plan, word: [...words, `preemption: ${plan.word}`].join(', ') };
}

/** What the plugin that could set devices free says when it does not. */
const deviceWords = ({ pod, hopeless }: PodRules): string =>
  pod.spec.resourceClaims?.length && !hopeless ? 'still not schedulable' : 'no new claims to deallocate';

interface PreemptionCandidate {
  nodeName: string;
  victims: readonly Pod[];
  /** How many victims are taken against a PodDisruptionBudget. */
  violations: number;
}

function evictions(rules: PodRules, diagnosis: Diagnosis, args: PreemptionArgs): PreemptionPlan {
  const { view } = rules;
  const obstacle = ineligibility(rules, diagnosis);
  if (obstacle) return { word: obstacle };
  const helped = view.nodes.filter((state) => {
    const rejection = diagnosis.rejections.get(state.node.metadata.name);
    return rejection ? !rejection.unresolvable : diagnosis.others && !diagnosis.others.unresolvable;
  });
  const { candidates, reasons } = tryNodes(rules, helped, args);
  const best = bestOf(candidates, rules);
  if (best) return { word: '', nominated: best.nodeName, victims: best.victims };
  const total = view.nodes.length;
  for (let rest = total - helped.length; rest > 0; rest--) reasons.push(NOT_HELPFUL);
  return { word: `0/${total} nodes are available: ${counted(reasons)}.`, nominated: '' };
}

/** Why the Pod may not evict anybody at all. */
function ineligibility({ pod, view }: PodRules, { rejections }: Diagnosis): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = pod.status?.nominatedNodeName;
  if (!nominated || rejections.get(nominated)?.unresolvable) return undefined;
  const isMakingRoom = [...(view.node(nominated)?.pods.values() ?? [])].some(
    (other) => priorityOf(other) < priorityOf(pod) && isPreempted(other),
  );
  return isMakingRoom ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}

function isPreempted({ metadata, status }: Pod): boolean {
  if (!metadata.deletionTimestamp) return false;
  const condition = status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  return condition?.status === 'True' && condition.reason === 'PreemptionByScheduler';
}

function tryNodes(rules: PodRules, nodes: readonly KnownNode[], args: PreemptionArgs) {
  const candidates: PreemptionCandidate[] = [];
  const reasons: string[] = [];
  if (nodes.length === 0) return { candidates, reasons };
  const budgets = [...rules.view.budgets()];
  const share = Math.floor((nodes.length * args.minCandidateNodesPercentage) / 100);
  const enough = Math.min(nodes.length, Math.max(share, args.minCandidateNodesAbsolute));
  const offset = randomInt(rules.profile.random, nodes.length);
  let harmless = 0;
  for (let at = 0; at < nodes.length; at++) {
    const state = nodes[(offset + at) % nodes.length];
    if (!state) continue;
    const result = victimsOn(state, rules, budgets);
    if ('reasons' in result) {
      reasons.push(...result.reasons);
      continue;
    }
    candidates.push(result);
    if (result.violations === 0) harmless++;
    if (harmless > 0 && candidates.length >= enough) break;
  }
  return { candidates, reasons };
}

/** The fewest and least important Pods of the node that must go. */
function victimsOn(
  state: KnownNode,
  rules: PodRules,
  budgets: readonly PodDisruptionBudget[],
): PreemptionCandidate | { reasons: readonly string[] } {
  const { pod, view } = rules;
  const lesser = [...state.pods.values()].filter((other) => priorityOf(other) < priorityOf(pod));
  if (lesser.length === 0) return { reasons: [NO_VICTIMS] };
  const place = rules.imagine(state);
  for (const other of lesser) place.remove(other);
  const rejection = rules.rejectionAt(place);
  if (rejection) return { reasons: rejection.reasons };
  const important = moreImportant(view.now());
  const { violating, harmless } = byBudgets(lesser.toSorted(important), budgets);
  const victims: Pod[] = [];
  /** Lets the Pod stay if there is room for both. */
  const mustGo = (other: Pod): boolean => {
    place.add(other);
    if (!rules.rejectionAt(place)) return false;
    place.remove(other);
    victims.push(other);
    return true;
  };
  const violations = violating.filter(mustGo).length;
  for (const other of harmless) mustGo(other);
  if (victims.length === 0) return { reasons: [NO_VICTIMS] };
  return { nodeName: state.node.metadata.name, victims: victims.toSorted(important), violations };
}

const startOf = ({ status }: Pod, nowMs: number): number => (status?.startTime ? Date.parse(status.startTime) : nowMs);

/** By priority, then by who has run longer. */
function moreImportant(nowMs: number): (left: Pod, right: Pod) => number {
  return (left, right) => priorityOf(right) - priorityOf(left) || startOf(left, nowMs) - startOf(right, nowMs);
}

/** Who is protected by a budget that has no more to give; the order stays. */
export function byBudgets(
  pods: readonly Pod[],
  budgets: readonly PodDisruptionBudget[],
): { violating: Pod[]; harmless: Pod[] } {
  const allowed = budgets.map(({ status }) => status?.disruptionsAllowed ?? 0);
  const violating: Pod[] = [];
  const harmless: Pod[] = [];
  for (const pod of pods) {
    let isProtected = false;
    budgets.forEach((budget, at) => {
      if (!covers(budget, pod)) return;
      const left = (allowed[at] ?? 0) - 1;
      allowed[at] = left;
      isProtected ||= left < 0;
    });
    (isProtected ? violating : harmless).push(pod);
  }
  return { violating, harmless };
}

function covers({ metadata, spec, status }: PodDisruptionBudget, pod: Pod): boolean {
  if (metadata.namespace !== pod.metadata.namespace || Object.keys(pod.metadata.labels ?? {}).length === 0)
    return false;
  const { matchLabels = {}, matchExpressions = [] } = spec?.selector ?? {};
  if (Object.keys(matchLabels).length === 0 && matchExpressions.length === 0) return false;
  return matchesSelector(spec?.selector, pod) && status?.disruptedPods?.[pod.metadata.name] === undefined;
}

/** Fewest budgets broken, least important victims, fewest of them, those that ran shortest; then by lot. */
function bestOf(
  candidates: readonly PreemptionCandidate[],
  { view, profile }: PodRules,
): PreemptionCandidate | undefined {
  let best = candidates;
  for (const cost of costs(view.now())) {
    const least = Math.min(...best.map(cost));
    best = best.filter((candidate) => cost(candidate) === least);
    if (best.length < 2) break;
  }
  return best[randomInt(profile.random, best.length)];
}

/** Priorities are raised by this before they are summed, so that fewer victims are better among negative ones too. */
const ABOVE_ALL_NEGATIVE = 2 ** 31;

function costs(nowMs: number): ((candidate: PreemptionCandidate) => number)[] {
  const highest = ({ victims }: PreemptionCandidate) => Math.max(...victims.map(priorityOf));
  return [
    ({ violations }) => violations,
    highest,
    ({ victims }) => victims.reduce((sum, victim) => sum + priorityOf(victim) + ABOVE_ALL_NEGATIVE, 0),
    ({ victims }) => victims.length,
    (candidate) => {
      const most = highest(candidate);
      const starts = candidate.victims
        .filter((victim) => priorityOf(victim) === most)
        .map((one) => startOf(one, nowMs));
      return -Math.min(...starts);
    },
  ];
}
