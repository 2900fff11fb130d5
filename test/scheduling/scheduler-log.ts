import type { NodeScores, Outcomes } from './outcome';

/** `"Plugin scored node for pod" pod="team-a/c0-p0" plugin="ImageLocality" node="c0-n1" score=0` */
const SCORE = /"Plugin scored node for pod" pod="[^/]+\/([^"]+)" plugin="([^"]+)" node="([^"]+)" score=(-?\d+)/g;

/** Adds what the scheduler's log says of the scores to the Pods that got a node. */
export function addScores(outcomes: Outcomes, log: string): void {
  const byPod = new Map<string, Record<string, Record<string, number>>>();
  for (const [, pod = '', plugin = '', node = '', score = ''] of log.matchAll(SCORE)) {
    let nodes = byPod.get(pod);
    if (!nodes) byPod.set(pod, (nodes = {}));
    (nodes[node] ??= {})[plugin] = Number(score);
  }
  for (const outcome of Object.values(outcomes).flat()) {
    const scores: Record<string, NodeScores> | undefined = byPod.get(outcome.pod);
    if (outcome.node && scores) outcome.scores = scores;
  }
}
