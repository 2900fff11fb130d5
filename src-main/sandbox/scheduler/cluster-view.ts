import type { LabelSelector } from '#common/kinds/selector';
import type { Pod } from '#common/kube/types';
import type { NodeState } from './node-state';
import type { PlacedPod, PodQuestion } from './placed-pods';

/** What rules that look beyond one node may ask. */
export interface ClusterView {
  readonly nodes: readonly NodeState[];
  node(name: string): NodeState | undefined;
  /** The values that a label has among the nodes. */
  domains(topologyKey: string): ReadonlySet<string>;
  /** How many matching Pods there are on each node, or in each domain. */
  countsOf(question: PodQuestion): ReadonlyMap<string, number>;
  /** Placed Pods with affinity or anti-affinity to other Pods. */
  readonly choosy: Iterable<PlacedPod>;
  /** Names of namespaces whose labels match; all for an empty selector. */
  namespaces(selector: LabelSelector): readonly string[];
  /** The Services and the controller that count the Pod among theirs, as one selector. */
  companions(pod: Pod): LabelSelector | undefined;
}
