/** One scheduling decision: filter, score, choose; where nothing will do, see who could be evicted. Pure but for the lot between equals. */
import { randomInt, type Random } from '#common/base/random';
import type { Pod } from '#common/kube/types';
import type { ClusterView } from './cluster-view';
import { NO_NODES, refusalMessage } from './failure-message';
import type { LocalVerdict } from './local-verdicts';
import type { KnownNode } from './node-state';
import type { Rejection } from './plugin';
import { PodRules } from './pod-rules';
import { planPreemption } from './preemption';
import type { Profile } from './profile';
import { notLookedAt, type Diagnosis } from './diagnosis';

export type Decision = Placement | Refusal;

export interface Placement {
  nodeName: string;
  evaluation: Evaluation;
}

export interface Refusal {
  nodeName?: undefined;
  message: string;
  /** The plugins that said no: what may help them may help the Pod. None for a cluster without nodes. */
  rejectors: ReadonlySet<string>;
  evaluation: Evaluation;
  /** The node that is made free for the Pod; empty when it need not wait for one any more, undefined when nothing changes. */
  nominated?: string;
  victims?: readonly Pod[];
}

export interface Candidate {
  state: KnownNode;
  verdict: LocalVerdict;
}

/** Scores of one plugin for the candidates, in their order, 0..100. */
export interface ScoreColumn {
  plugin: string;
  weight: number;
  /** One number where all have the same. */
  scores: readonly number[] | number;
}

/** What was found out on the way to a decision. */
export interface Evaluation {
  candidates: readonly Candidate[];
  columns: readonly ScoreColumn[];
  totals: readonly number[];
  rejections: ReadonlyMap<string, Rejection>;
  /** Said of every node at once. */
  hopeless?: Rejection | undefined;
}

/** Where among the nodes the next search begins: in a large cluster each one looks at others. */
export interface Cursor {
  start: number;
}

export function decide(
  pod: Pod,
  view: ClusterView,
  { profile, cursor }: { profile: Profile; cursor: Cursor },
): Decision {
  if (view.nodes.length === 0)
    return { message: NO_NODES, rejectors: new Set(), nominated: '', evaluation: emptyEvaluation };
  const rules = new PodRules(pod, view, profile);
  if (rules.hopeless) return refuse(rules, new Map());
  const awaiting = awaitedNode(rules);
  const { candidates, rejections } = awaiting
    ? { candidates: [awaiting], rejections: new Map<string, Rejection>() }
    : search(rules, cursor);
  if (candidates.length === 0) return refuse(rules, rejections);
  const { columns, totals } = scored(rules, candidates);
  const chosen = chooseFrom(candidates, totals, profile.random);
  return { nodeName: chosen.state.node.metadata.name, evaluation: { candidates, columns, totals, rejections } };
}

const emptyEvaluation: Evaluation = { candidates: [], columns: [], totals: [], rejections: new Map() };

/** The node that was made free for the Pod, when it will do now: no other is looked at then. */
function awaitedNode(rules: PodRules): Candidate | undefined {
  const { pod, view } = rules;
  const nodeName = pod.status?.nominatedNodeName;
  const state = nodeName ? view.node(nodeName) : undefined;
  if (!state) return undefined;
  const verdict = rules.verdictOf(state);
  return rules.rejectionOf(state, verdict) ? undefined : { state, verdict };
}

function search(rules: PodRules, cursor: Cursor) {
  const { view, only, verdictOf, profile } = rules;
  const candidates: Candidate[] = [];
  const rejections = new Map<string, Rejection>();
  const nodes = only ? [...only].flatMap((name) => view.node(name) ?? []) : view.nodes;
  const enough = enoughCandidates(nodes.length, profile.settings.percentageOfNodesToScore);
  let seen = 0;
  for (; seen < nodes.length && candidates.length < enough; seen++) {
    const state = nodes[(cursor.start + seen) % nodes.length];
    if (!state) break;
    const verdict = verdictOf(state);
    const rejection = rules.rejectionOf(state, verdict);
    if (rejection) rejections.set(state.node.metadata.name, rejection);
    else candidates.push({ state, verdict });
  }
  cursor.start = (cursor.start + seen) % view.nodes.length;
  return { candidates, rejections };
}

/** How many nodes that will do are compared: all of a hundred, a tenth of five thousand (kube-scheduler's numFeasibleNodesToFind). */
export function enoughCandidates(nodeCount: number, percentageOfNodesToScore = 0): number {
  if (nodeCount < 100) return nodeCount;
  const percentage = percentageOfNodesToScore || Math.max(5, 50 - Math.floor(nodeCount / 125));
  return Math.max(100, Math.floor((nodeCount * percentage) / 100));
}

function scored(rules: PodRules, candidates: readonly Candidate[]) {
  const totals = candidates.map(({ verdict }) => verdict.open);
  const columns: ScoreColumn[] = [];
  if (candidates.length < 2) return { columns, totals };
  const add = (column: ScoreColumn) => {
    columns.push(column);
    for (let at = 0; at < totals.length; at++) totals[at] = (totals[at] ?? 0) + weightedScore(column, at);
  };
  rules.profile.local.scoring.forEach(({ plugin, weight }, at) => {
    if (!plugin.normalize) return;
    const same = commonScore(candidates, at);
    const raw = same === undefined ? candidates.map(({ verdict }) => verdict.raw[at] ?? 0) : [same];
    const scores = plugin.normalize(raw);
    add({ plugin: plugin.name, weight, scores: same === undefined ? scores : (scores[0] ?? 0) });
  });
  const states = candidates.map(({ state }) => state);
  for (const { active, rule } of rules.wide) {
    const scores = active.weight > 0 ? rule.score?.(states) : undefined;
    if (scores) add({ plugin: active.plugin.name, weight: active.weight, scores });
  }
  return { columns, totals };
}

/** Of the candidate at that place. */
export function weightedScore({ weight, scores }: ScoreColumn, at: number): number {
  return weight * (typeof scores === 'number' ? scores : (scores[at] ?? 0));
}

/** What all have alike: most plugins have nothing to say of most Pods. */
function commonScore(candidates: readonly Candidate[], at: number): number | undefined {
  const first = candidates[0]?.verdict.raw[at] ?? 0;
  for (const { verdict } of candidates) if (verdict.raw[at] !== first) return undefined;
  return first;
}

/** The best; among equals by lot, each with the same chance. There is at least one. */
function chooseFrom(candidates: readonly Candidate[], totals: readonly number[], random: Random): Candidate {
  let [best] = candidates;
  let highest = -Infinity;
  let equals = 0;
  for (const [at, candidate] of candidates.entries()) {
    const total = totals[at] ?? 0;
    if (total < highest) continue;
    equals = total > highest ? 1 : equals + 1;
    highest = total;
    if (equals === 1 || randomInt(random, equals) === 0) best = candidate;
  }
  if (!best) throw new Error('there is nothing to choose from');
  return best;
}

function refuse(rules: PodRules, rejections: ReadonlyMap<string, Rejection>): Refusal {
  const { hopeless, narrowing, view } = rules;
  const diagnosis: Diagnosis = {
    rejections,
    others: hopeless ?? (narrowing ? notLookedAt(narrowing) : undefined),
    isHopeless: !!hopeless,
  };
  const rejectors = new Set([...rejections.values()].map(({ plugin }) => plugin));
  if (hopeless) rejectors.add(hopeless.plugin);
  if (narrowing) rejectors.add(narrowing);
  const { word, nominated, victims } = planPreemption(rules, diagnosis);
  return {
    message: refusalMessage(view.nodes.length, diagnosis, word),
    rejectors,
    ...(nominated === undefined ? {} : { nominated }),
    ...(victims ? { victims } : {}),
    evaluation: { ...emptyEvaluation, rejections, hopeless },
  };
}
