import type { Pod } from '#common/kube/types';
import type { KnownNode, NodeState } from './node-state';
import type { Rejection } from './plugin';
import type { ActivePlugin } from './profile';

/** What the rules that look at one node alone say of it. */
export interface LocalVerdict {
  /** The state of the node this was said of. */
  readonly version: number;
  readonly rejection: Rejection | undefined;
  /** Weighted sum of the scores that stand for themselves. */
  readonly open: number;
  /** Scores as they are, in the order of `scoring`. */
  readonly raw: readonly number[];
}

/** Kinds of Pods whose verdicts are kept; a rollout or two go on at a time. */
const MOST_KINDS = 16;

/**
 * Verdicts about every node for Pods that are alike, worked out anew only for nodes that changed: of a thousand Pods of
 * one Deployment each changes one node.
 */
export class LocalVerdicts {
  /** The rules that score one node alone. */
  readonly scoring: readonly ActivePlugin[];
  readonly #filtering: readonly ActivePlugin[];
  /** By signature, then by the node's slot. */
  readonly #kinds = new Map<string, (LocalVerdict | undefined)[]>();

  constructor(plugins: readonly ActivePlugin[]) {
    this.#filtering = plugins.filter(({ plugin, filters }) => filters && plugin.filter);
    this.scoring = plugins.filter(({ plugin, weight }) => weight > 0 && plugin.score);
  }

  /** A reader of verdicts for Pods like this one. */
  of(pod: Pod): (state: KnownNode) => LocalVerdict {
    const verdicts = this.#kind(signatureOf(pod));
    return (state) => {
      const known = verdicts[state.slot];
      if (known?.version === state.version) return known;
      const verdict = this.#judge(pod, state);
      verdicts[state.slot] = verdict;
      return verdict;
    };
  }

  /** Of a node that is only imagined. */
  rejectionOf(pod: Pod, state: NodeState): Rejection | undefined {
    for (const { plugin } of this.#filtering) {
      const rejection = plugin.filter?.(pod, state);
      if (rejection) return rejection;
    }
    return undefined;
  }

  #kind(signature: string): (LocalVerdict | undefined)[] {
    const known = this.#kinds.get(signature) ?? [];
    this.#kinds.delete(signature);
    this.#kinds.set(signature, known);
    const [oldest] = this.#kinds.keys();
    if (this.#kinds.size > MOST_KINDS && oldest !== undefined) this.#kinds.delete(oldest);
    return known;
  }

  #judge(pod: Pod, state: KnownNode): LocalVerdict {
    const { version } = state;
    const rejection = this.rejectionOf(pod, state);
    if (rejection) return { version, rejection, open: 0, raw: [] };
    let open = 0;
    const raw = this.scoring.map(({ plugin, weight }) => {
      const score = plugin.score?.(pod, state) ?? 0;
      if (!plugin.normalize) open += weight * score;
      return score;
    });
    return { version, rejection: undefined, open, raw };
  }
}

/** Everything of a Pod that those rules may look at: alike here, alike to them. */
function signatureOf({ spec }: Pod): string {
  return JSON.stringify([
    spec.nodeName,
    spec.nodeSelector,
    spec.affinity?.nodeAffinity,
    spec.tolerations,
    spec.overhead,
    spec.resources,
    spec.containers.map(({ ports, resources }) => [ports, resources?.requests]),
    spec.initContainers?.map(({ restartPolicy, ports, resources }) => [restartPolicy, ports, resources?.requests]),
  ]);
}
