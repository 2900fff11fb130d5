import type { Scope } from '#common/base/scope';
import { matchesSelector, type LabelSelector } from '#common/kinds/selector';
import type { KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import { Namespaces, ReplicaSets, Services, StatefulSets } from '#common/kube/resources';
import type { Namespace, Pod, ReplicaSet, Service, StatefulSet } from '#common/kube/types';
import type { Informer } from '#main/informer/informer';
import type { Informers } from '#main/informer/informers';
import type { ClusterView } from './cluster-view';
import { companionSelector } from './companions';
import type { NodeState, NodeStates } from './node-state';
import type { PlacedPod, PodQuestion } from './placed-pods';

const BY_NAMESPACE = 'scheduler/namespace';

/** The cluster as the scheduler's informers know it. */
export class InformedView implements ClusterView {
  readonly #states: NodeStates;
  readonly #namespaces: Informer<Namespace>;
  readonly #services: Informer<Service>;
  readonly #replicaSets: Informer<ReplicaSet>;
  readonly #statefulSets: Informer<StatefulSet>;

  constructor(states: NodeStates, informers: Informers, scope: Scope) {
    const open = <T extends KubeObject>(resource: TypedResource<T>): Informer<T> => {
      const indexes = { [BY_NAMESPACE]: ({ metadata }: T) => [metadata.namespace ?? ''] };
      return scope.add(informers.open(resource, { indexes })).informer;
    };
    this.#states = states;
    this.#namespaces = open(Namespaces);
    this.#services = open(Services);
    this.#replicaSets = open(ReplicaSets);
    this.#statefulSets = open(StatefulSets);
  }

  async synced(signal: AbortSignal): Promise<void> {
    const informers = [this.#namespaces, this.#services, this.#replicaSets, this.#statefulSets];
    await Promise.all(informers.map((informer) => informer.synced(signal)));
  }

  get nodes(): readonly NodeState[] {
    return this.#states.nodes;
  }

  node(name: string): NodeState | undefined {
    return this.#states.get(name);
  }

  domains(topologyKey: string): ReadonlySet<string> {
    return this.#states.domains(topologyKey);
  }

  countsOf(question: PodQuestion): ReadonlyMap<string, number> {
    return this.#states.pods.countsOf(question);
  }

  get choosy(): Iterable<PlacedPod> {
    return this.#states.pods.choosy;
  }

  namespaces(selector: LabelSelector): readonly string[] {
    return [...this.#namespaces.cache.values()]
      .filter((namespace) => matchesSelector(selector, namespace))
      .map(({ metadata }) => metadata.name);
  }

  companions(pod: Pod): LabelSelector | undefined {
    const { namespace = '' } = pod.metadata;
    return companionSelector(pod, {
      services: this.#services.cache.indexed(BY_NAMESPACE, namespace),
      ownerOf: (kind, name) => {
        if (kind === 'ReplicaSet') return this.#replicaSets.cache.get(`${namespace}/${name}`);
        return kind === 'StatefulSet' ? this.#statefulSets.cache.get(`${namespace}/${name}`) : undefined;
      },
    });
  }
}
