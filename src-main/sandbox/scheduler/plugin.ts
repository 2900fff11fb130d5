import type { Node, Pod } from '#common/kube/types';
import type { NodeState } from './node-state';

/** Why a node cannot take a Pod. */
export interface Rejection {
  /** In the scheduler's own words: `Insufficient cpu`. One entry per reason. */
  reasons: readonly string[];
  /** Taking Pods away from the node would not help. */
  unresolvable: boolean;
}

/** One rule of scheduling. Both parts are pure. */
export interface SchedulerPlugin {
  readonly name: string;
  /** Undefined when the node may take the Pod. */
  filter?(pod: Pod, state: NodeState): Rejection | undefined;
  /** How well the node suits, any number; larger is better. */
  score?(pod: Pod, state: NodeState): number;
  /** Scores count this many times after they were brought to 0..100; 1 unless given. */
  readonly weight?: number;
  /** How scores of all nodes become 0..100: left as they are, or stretched to the largest (`reverse` for fewer is better). */
  readonly normalize?: 'stretch' | 'reverse';
}

export const rejected = (reason: string, { unresolvable }: { unresolvable: boolean }): Rejection => ({
  reasons: [reason],
  unresolvable,
});

/** A node's labels and the one field that selectors may ask for. */
export const nodeFields = ({ metadata }: Node): Record<string, string> => ({ 'metadata.name': metadata.name });
