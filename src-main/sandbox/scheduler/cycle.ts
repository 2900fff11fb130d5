/** One scheduling decision: filter, score, choose. Pure but for the lot that decides between equals. */
import { randomInt, type Random } from '#common/base/random';
import type { Pod } from '#common/kube/types';
import type { NodeState } from './node-state';
import type { Rejection, SchedulerPlugin } from './plugin';

export type Decision = { nodeName: string } | { nodeName?: undefined; message: string };

export interface DecisionGround {
  pod: Pod;
  nodes: readonly NodeState[];
  plugins: readonly SchedulerPlugin[];
  random: Random;
}

export function decide({ pod, nodes, plugins, random }: DecisionGround): Decision {
  const feasible: NodeState[] = [];
  const rejections: Rejection[] = [];
  for (const state of nodes) {
    const rejection = firstRejection(pod, state, plugins);
    if (rejection) rejections.push(rejection);
    else feasible.push(state);
  }
  if (feasible.length === 0) return { message: failureMessage(nodes.length, rejections) };
  return { nodeName: best(pod, feasible, { plugins, random }).node.metadata.name };
}

function firstRejection(pod: Pod, state: NodeState, plugins: readonly SchedulerPlugin[]): Rejection | undefined {
  for (const plugin of plugins) {
    const rejection = plugin.filter?.(pod, state);
    if (rejection) return rejection;
  }
  return undefined;
}

function best(
  pod: Pod,
  nodes: readonly NodeState[],
  { plugins, random }: Pick<DecisionGround, 'plugins' | 'random'>,
): NodeState {
  const totals = Array.from({ length: nodes.length }, () => 0);
  for (const plugin of nodes.length > 1 ? plugins : []) {
    if (!plugin.score) continue;
    const raw = nodes.map((state) => plugin.score?.(pod, state) ?? 0);
    const scores = normalized(raw, plugin.normalize);
    scores.forEach((score, at) => (totals[at] = (totals[at] ?? 0) + score * (plugin.weight ?? 1)));
  }
  const highest = Math.max(...totals);
  const equals = nodes.filter((_, at) => totals[at] === highest);
  const [first] = nodes;
  const chosen = equals[randomInt(random, equals.length)] ?? first;
  if (!chosen) throw new RangeError('no node to choose from');
  return chosen;
}

export function normalized(scores: readonly number[], how: SchedulerPlugin['normalize']): readonly number[] {
  if (!how) return scores;
  const largest = Math.max(...scores);
  if (largest === 0) return scores.map(() => (how === 'reverse' ? 100 : 0));
  return scores.map((score) => {
    const share = Math.floor((score * 100) / largest);
    return how === 'reverse' ? 100 - share : share;
  });
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
