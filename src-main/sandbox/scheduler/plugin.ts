import type { Pod } from '#common/kube/types';
import type { ClusterView } from './cluster-view';
import type { NodeState } from './node-state';

/** Why a node cannot take a Pod. */
export interface Rejection {
  /** In the scheduler's own words: `Insufficient cpu`. One entry per reason. */
  reasons: readonly string[];
  /** Taking Pods away from the node would not help. */
  unresolvable: boolean;
}

/** One rule of scheduling, held against one node at a time. Both parts are pure. */
export interface SchedulerRule {
  /** Undefined when the node may take the Pod. */
  filter?(pod: Pod, state: NodeState): Rejection | undefined;
  /** How well the node suits, any number; see `normalize`. */
  score?(pod: Pod, state: NodeState): number;
}

export interface SchedulerPlugin extends SchedulerRule {
  readonly name: string;
  /** Scores count this many times after they were brought to 0..100; 1 unless given. */
  readonly weight?: number;
  /** Brings the scores of all nodes to 0..100, the best highest; scores are that already unless given. */
  readonly normalize?: (scores: readonly number[]) => readonly number[];
  /** Works out once per Pod what the rule needs to know of the whole cluster; undefined when it has nothing to say. */
  forPod?(pod: Pod, view: ClusterView): SchedulerRule | undefined;
}

/** The largest score becomes 100. */
export function stretched(scores: readonly number[]): readonly number[] {
  const largest = Math.max(...scores);
  return scores.map((score) => (largest === 0 ? 0 : Math.floor((score * 100) / largest)));
}

/** The largest score becomes 0: fewer is better. */
export function reversed(scores: readonly number[]): readonly number[] {
  return stretched(scores).map((score) => 100 - score);
}

/** The largest score becomes 100 and the smallest 0. */
export function spread(scores: readonly number[]): readonly number[] {
  const least = Math.min(...scores);
  const range = Math.max(...scores) - least;
  return scores.map((score) => (range === 0 ? 0 : Math.floor(((score - least) * 100) / range)));
}

export const rejected = (reason: string, { unresolvable }: { unresolvable: boolean }): Rejection => ({
  reasons: [reason],
  unresolvable,
});
