import type { Node, Pod } from '#common/kube/types';
import type { QueueingHints } from './cluster-event';
import type { ClusterView } from './cluster-view';
import type { NodeState } from './node-state';

/** Why a node cannot take a Pod. */
export interface Rejection {
  /** Who says so. */
  readonly plugin: string;
  /** In the scheduler's own words: `Insufficient cpu`. One entry per reason. */
  readonly reasons: readonly string[];
  /** Taking Pods away from the node would not help. */
  readonly unresolvable: boolean;
}

/** A plugin as it applies to one Pod, after a look at the whole cluster. */
export interface PodRule {
  /** No node will do, whichever it is. */
  hopeless?: Rejection;
  /** Only these nodes are looked at. */
  only?: ReadonlySet<string>;
  filter?(state: NodeState): Rejection | undefined;
  /** The filter as it would be with Pods elsewhere; the same unless given. */
  imagine?(): ImaginedRule;
  /** 0..100 for each node that will do; undefined when there is nothing to say. */
  score?(candidates: readonly NodeState[]): readonly number[] | undefined;
}

/** A filter that is changed in thought. */
export interface ImaginedRule {
  filter(state: NodeState): Rejection | undefined;
  /** A Pod comes to the node (1) or leaves it (-1). */
  change(pod: Pod, node: Node, sign: 1 | -1): void;
}

export interface SchedulerPlugin {
  readonly name: string;
  /** What may help a Pod that this plugin kept away. */
  readonly hints?: QueueingHints;
  /** Looks at one node alone; undefined when the node may take the Pod. Pure. */
  filter?(pod: Pod, state: NodeState): Rejection | undefined;
  /** Looks at one node alone: any number; see `normalize`. Pure. */
  score?(pod: Pod, state: NodeState): number;
  /** Brings the scores of all nodes to 0..100, the best highest; scores are that already unless given. */
  normalize?(scores: readonly number[]): readonly number[];
  /** Works out once per Pod what depends on the whole cluster; undefined when the plugin has nothing to say. */
  forPod?(pod: Pod, view: ClusterView): PodRule | undefined;
}

/** The largest score becomes 100 (DefaultNormalizeScore). */
export function stretched(scores: readonly number[]): readonly number[] {
  const largest = maxOf(scores);
  return scores.map((score) => (largest === 0 ? 0 : Math.floor((score * 100) / largest)));
}

/** The largest score becomes 0: fewer is better. */
export function reversed(scores: readonly number[]): readonly number[] {
  return stretched(scores).map((score) => 100 - score);
}

/** The largest score becomes 100 and the smallest 0. */
export function spread(scores: readonly number[]): readonly number[] {
  const least = minOf(scores);
  const range = maxOf(scores) - least;
  return scores.map((score) => (range === 0 ? 0 : Math.trunc(100 * ((score - least) / range))));
}

export const maxOf = (scores: readonly number[]): number =>
  scores.reduce((most, one) => Math.max(most, one), -Infinity);
export const minOf = (scores: readonly number[]): number =>
  scores.reduce((least, one) => Math.min(least, one), Infinity);

/** Taking Pods away may help against it. */
export const resolvable = (plugin: string, ...reasons: string[]): Rejection => ({
  plugin,
  reasons,
  unresolvable: false,
});

/** Taking Pods away does not help against it. */
export const unresolvable = (plugin: string, ...reasons: string[]): Rejection => ({
  plugin,
  reasons,
  unresolvable: true,
});
