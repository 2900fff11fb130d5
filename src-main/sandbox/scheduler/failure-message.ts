/** Why a Pod found no place, as kube-scheduler 1.36 words it. Pure. */
import type { Diagnosis } from './diagnosis';

export const NO_NODES = 'no nodes available to schedule pods';

/** `afterword` is what came of trying to make room; empty when room is made. */
export function refusalMessage(
  nodeCount: number,
  { rejections, others, isHopeless }: Diagnosis,
  afterword: string,
): string {
  const head = `0/${nodeCount} nodes are available:`;
  const reasons = [...rejections.values()].flatMap((rejection) => rejection.reasons);
  if (others && !isHopeless) {
    for (let left = nodeCount - rejections.size; left > 0; left--) reasons.push(...others.reasons);
  }
  const why = isHopeless ? (others?.reasons.join(', ') ?? '') : counted(reasons);
  return [head, ...(why ? [`${why}.`] : []), ...(afterword ? [afterword] : [])].join(' ');
}

/** `1 Insufficient cpu, 2 node(s) were unschedulable`: counted, then sorted by the text. */
export function counted(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .toSorted(byBytes)
    .join(', ');
}

const byBytes = (left: string, right: string): number => (left < right ? -1 : Number(left > right));
