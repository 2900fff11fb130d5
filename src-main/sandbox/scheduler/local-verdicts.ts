import type { Pod } from '#common/kube/types';
import type { NodeState } from './node-state';
import type { Rejection, SchedulerPlugin } from './plugin';

/** What the rules that look at one node alone say of it. */
export interface LocalVerdict {
  /** The state of the node this was said of. */
  version: number;
  rejection: Rejection | undefined;
  /** Weighted sum of the scores that stand for themselves. */
  open: number;
  /** Scores that must be compared over all nodes, in the order of `comparing`. */
  raw: readonly number[];
}

/** Kinds of Pods whose verdicts are kept; a rollout or two go on at a time. */
const MOST_KINDS = 16;

/**
 * Verdicts about every node for Pods that are alike, worked out anew only for nodes that changed: of a thousand Pods of
 * one Deployment each changes one node.
 */
export class LocalVerdicts {
  /** The rules whose scores must be compared. */
  readonly comparing: readonly SchedulerPlugin[];
  readonly #plugins: readonly SchedulerPlugin[];
  readonly #kinds = new Map<string, Map<string, LocalVerdict>>();

  constructor(plugins: readonly SchedulerPlugin[]) {
    this.#plugins = plugins.filter(({ forPod }) => !forPod);
    this.comparing = this.#plugins.filter(({ score, normalize }) => score && normalize);
  }

  /** A reader of verdicts for Pods like this one. */
  of(pod: Pod): (state: NodeState) => LocalVerdict {
    const verdicts = this.#kind(signatureOf(pod));
    return (state) => {
      const { name } = state.node.metadata;
      const known = verdicts.get(name);
      if (known?.version === state.version) return known;
      const verdict = this.#judge(pod, state);
      verdicts.set(name, verdict);
      return verdict;
    };
  }

  #kind(signature: string): Map<string, LocalVerdict> {
    const known = this.#kinds.get(signature) ?? new Map<string, LocalVerdict>();
    this.#kinds.delete(signature);
    this.#kinds.set(signature, known);
    const [oldest] = this.#kinds.keys();
    if (this.#kinds.size > MOST_KINDS && oldest !== undefined) this.#kinds.delete(oldest);
    return known;
  }

  #judge(pod: Pod, state: NodeState): LocalVerdict {
    const { version } = state;
    for (const { filter } of this.#plugins) {
      const rejection = filter?.(pod, state);
      if (rejection) return { version, rejection, open: 0, raw: [] };
    }
    let open = 0;
    for (const { score, normalize, weight = 1 } of this.#plugins) {
      if (score && !normalize) open += weight * score(pod, state);
    }
    return { version, rejection: undefined, open, raw: this.comparing.map(({ score }) => score?.(pod, state) ?? 0) };
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
    spec.initContainers?.map(({ restartPolicy, resources }) => [restartPolicy, resources?.requests]),
  ]);
}
