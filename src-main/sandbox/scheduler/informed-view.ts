import type { Clock } from '#common/base/clock';
import type { Scope } from '#common/base/scope';
import { matchesSelector, type LabelSelector } from '#common/kinds/selector';
import type { KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import {
  Namespaces,
  PodDisruptionBudgets,
  ReplicaSets,
  ReplicationControllers,
  Services,
  StatefulSets,
} from '#common/kube/resources';
import type {
  Namespace,
  Pod,
  PodDisruptionBudget,
  ReplicaSet,
  ReplicationController,
  Service,
  StatefulSet,
} from '#common/kube/types';
import type { Informer } from '#main/informer/informer';
import type { Informers } from '#main/informer/informers';
import type { ClusterView } from './cluster-view';
import { companionSelector, type OwnerKind } from './companions';
import { Nominations } from './nominations';
import { NodeStates, type KnownNode } from './node-state';
import { DeviceLedger } from './device-ledger';
import { StorageLedger } from './storage-ledger';

const BY_NAMESPACE = 'scheduler/namespace';
const NO_LABELS: Readonly<Record<string, string>> = {};

/** The cluster as the scheduler's informers know it, and as its own decisions leave it. */
export class InformedView implements ClusterView {
  readonly states = new NodeStates();
  readonly nominations = new Nominations();
  readonly storage: StorageLedger;
  readonly devices: DeviceLedger;
  readonly tallies = this.states.tallies;
  readonly images = this.states.images;
  readonly #clock: Clock;
  readonly #namespaces: Informer<Namespace>;
  readonly #services: Informer<Service>;
  readonly #replicaSets: Informer<ReplicaSet>;
  readonly #statefulSets: Informer<StatefulSet>;
  readonly #replicationControllers: Informer<ReplicationController>;
  readonly #budgets: Informer<PodDisruptionBudget>;

  constructor({ informers, clock, scope }: { informers: Informers; clock: Clock; scope: Scope }) {
    const open = <T extends KubeObject>(resource: TypedResource<T>): Informer<T> => {
      const indexes = { [BY_NAMESPACE]: ({ metadata }: T) => [metadata.namespace ?? ''] };
      return scope.add(informers.open(resource, { indexes })).informer;
    };
    this.#clock = clock;
    this.storage = new StorageLedger(informers, scope);
    this.devices = new DeviceLedger(informers, scope);
    this.#namespaces = open(Namespaces);
    this.#services = open(Services);
    this.#replicaSets = open(ReplicaSets);
    this.#statefulSets = open(StatefulSets);
    this.#replicationControllers = open(ReplicationControllers);
    this.#budgets = open(PodDisruptionBudgets);
  }

  async synced(signal: AbortSignal): Promise<void> {
    const informers = [
      this.#namespaces,
      this.#services,
      this.#replicaSets,
      this.#statefulSets,
      this.#replicationControllers,
      this.#budgets,
    ];
    const ledgers = [this.storage.synced(signal), this.devices.synced(signal)];
    await Promise.all([...ledgers, ...informers.map((informer) => informer.synced(signal))]);
  }

  get nodes(): readonly KnownNode[] {
    return this.states.nodes;
  }

  node(name: string): KnownNode | undefined {
    return this.states.get(name);
  }

  now(): number {
    return this.#clock.now();
  }

  /** Bound to this, so that plugins can hand it on. */
  readonly namespaces = (selector: LabelSelector): readonly string[] =>
    [...this.#namespaces.cache.values()]
      .filter((namespace) => matchesSelector(selector, namespace))
      .map(({ metadata }) => metadata.name);

  namespaceLabels(name: string): Readonly<Record<string, string>> {
    return this.#namespaces.cache.get(name)?.metadata.labels ?? NO_LABELS;
  }

  companions(pod: Pod): LabelSelector | undefined {
    const { namespace = '' } = pod.metadata;
    return companionSelector(pod, {
      services: this.#services.cache.indexed(BY_NAMESPACE, namespace),
      selectorOf: (kind, name) => this.#selectorOf(kind, `${namespace}/${name}`),
    });
  }

  budgets(): Iterable<PodDisruptionBudget> {
    return this.#budgets.cache.values();
  }

  #selectorOf(kind: OwnerKind, key: string): LabelSelector | undefined {
    switch (kind) {
      case 'apps/v1/ReplicaSet':
        return this.#replicaSets.cache.get(key)?.spec.selector;
      case 'apps/v1/StatefulSet':
        return this.#statefulSets.cache.get(key)?.spec.selector;
      case 'v1/ReplicationController': {
        const matchLabels = this.#replicationControllers.cache.get(key)?.spec?.selector;
        return matchLabels && { matchLabels };
      }
    }
  }
}
