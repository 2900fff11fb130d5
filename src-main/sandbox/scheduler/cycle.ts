/** One scheduling decision: filter, score, choose. Pure but for the lot that decides between equals. */
import { randomInt, type Random } from '#common/base/random';
import type { Pod } from '#common/kube/types';
import type { ClusterView } from './cluster-view';
import { LocalVerdicts, type LocalVerdict } from './local-verdicts';
import type { NodeState } from './node-state';
import type { Rejection, SchedulerPlugin, SchedulerRule } from './plugin';

export type Decision = { nodeName: string } | { nodeName?: undefined; message: string };

/** What is decided with: the rules, and what they said of nodes that have not changed since. */
export interface Rules {
  plugins: readonly SchedulerPlugin[];
  local: LocalVerdicts;
  random: Random;
  /** Where among the nodes the next search begins: in a large cluster each one looks at others. */
  start: number;
}

export function rulesOf(plugins: readonly SchedulerPlugin[], random: Random): Rules {
  return { plugins, local: new LocalVerdicts(plugins), random, start: 0 };
}

interface Candidate {
  state: NodeState;
  verdict: LocalVerdict;
}

/** A rule that looks further than one node, as it applies to this Pod. */
interface WideRule {
  plugin: SchedulerPlugin;
  rule: SchedulerRule;
}

export function decide(pod: Pod, view: ClusterView, rules: Rules): Decision {
  const wide = rules.plugins.flatMap((plugin): WideRule[] => {
    const rule = plugin.forPod?.(pod, view);
    return rule ? [{ plugin, rule }] : [];
  });
  const { candidates, rejections } = search(pod, view, { rules, wide });
  const chosen = chooseFrom(candidates, totalsOf(pod, candidates, { wide, local: rules.local }), rules.random);
  return chosen
    ? { nodeName: chosen.state.node.metadata.name }
    : { message: failureMessage(view.nodes.length, rejections) };
}

function search(pod: Pod, { nodes }: ClusterView, { rules, wide }: { rules: Rules; wide: readonly WideRule[] }) {
  const candidates: Candidate[] = [];
  const rejections: Rejection[] = [];
  const verdictOf = rules.local.of(pod);
  const enough = enoughCandidates(nodes.length);
  let seen = 0;
  for (; seen < nodes.length && candidates.length < enough; seen++) {
    const state = nodes[(rules.start + seen) % nodes.length];
    if (!state) break;
    const verdict = verdictOf(state);
    const rejection = verdict.rejection ?? firstRejection(pod, state, wide);
    if (rejection) rejections.push(rejection);
    else candidates.push({ state, verdict });
  }
  rules.start = nodes.length === 0 ? 0 : (rules.start + seen) % nodes.length;
  return { candidates, rejections };
}

/** How many nodes that will do are compared: all of a hundred, a tenth of five thousand (kube-scheduler's numFeasibleNodesToFind). */
export function enoughCandidates(nodeCount: number): number {
  if (nodeCount < 100) return nodeCount;
  const percentage = Math.max(5, 50 - Math.floor(nodeCount / 125));
  return Math.max(100, Math.floor((nodeCount * percentage) / 100));
}

function firstRejection(pod: Pod, state: NodeState, wide: readonly WideRule[]): Rejection | undefined {
  for (const { rule } of wide) {
    const rejection = rule.filter?.(pod, state);
    if (rejection) return rejection;
  }
  return undefined;
}

function totalsOf(
  pod: Pod,
  candidates: readonly Candidate[],
  { wide, local }: { wide: readonly WideRule[]; local: LocalVerdicts },
): readonly number[] {
  const totals = candidates.map(({ verdict }) => verdict.open);
  if (candidates.length < 2) return totals;
  const add = (plugin: SchedulerPlugin, raw: readonly number[]) => {
    const { weight = 1, normalize } = plugin;
    const scores = normalize?.(raw) ?? raw;
    for (let at = 0; at < totals.length; at++) totals[at] = (totals[at] ?? 0) + weight * (scores[at] ?? 0);
  };
  local.comparing.forEach((plugin, at) => {
    const raw = candidates.map(({ verdict }) => verdict.raw[at] ?? 0);
    // The same everywhere decides nothing.
    if (raw.some((score) => score !== raw[0])) add(plugin, raw);
  });
  for (const { plugin, rule } of wide) {
    const { score } = rule;
    if (score)
      add(
        plugin,
        candidates.map(({ state }) => score(pod, state)),
      );
  }
  return totals;
}

/** The best; among equals by lot, each with the same chance. */
function chooseFrom(
  candidates: readonly Candidate[],
  totals: readonly number[],
  random: Random,
): Candidate | undefined {
  let best: Candidate | undefined;
  let highest = -Infinity;
  let equals = 0;
  candidates.forEach((candidate, at) => {
    const total = totals[at] ?? 0;
    if (total < highest) return;
    equals = total > highest ? 1 : equals + 1;
    highest = total;
    if (equals === 1 || randomInt(random, equals) === 0) best = candidate;
  });
  return best;
}

/** As kube-scheduler 1.36 words it: reasons counted and sorted, then why evicting others would not help. */
export function failureMessage(nodeCount: number, rejections: readonly Rejection[]): string {
  const head = `0/${nodeCount} nodes are available`;
  if (nodeCount === 0) return 'no nodes available to schedule pods';
  const reasons = counted(rejections.flatMap((rejection) => rejection.reasons));
  const preemption = counted(
    rejections.map(({ unresolvable }) =>
      unresolvable ? 'Preemption is not helpful for scheduling' : 'No preemption victims found for incoming pod',
    ),
  );
  return `${head}: ${reasons}. no new claims to deallocate, preemption: ${head}: ${preemption}.`;
}

function counted(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .toSorted()
    .join(', ');
}
