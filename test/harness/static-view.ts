import type { LabelSelector } from '#common/kinds/selector';
import { matchesSelector } from '#common/kinds/selector';
import type {
  CSINode,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  StorageClass,
} from '#common/kube/types';
import { classOf } from '#common/kinds/volume-matching';
import type { ClusterView, DeviceView, StorageView } from '#main/sandbox/scheduler/cluster-view';
import { Nominations } from '#main/sandbox/scheduler/nominations';
import { NodeStates } from '#main/sandbox/scheduler/node-state';

export interface StaticCluster {
  nodes?: readonly Node[];
  /** Pods with the names of their nodes. */
  placed?: readonly (readonly [Pod, string])[];
  namespaces?: readonly Namespace[];
  claims?: readonly PersistentVolumeClaim[];
  volumes?: readonly PersistentVolume[];
  classes?: readonly StorageClass[];
  csiNodes?: readonly CSINode[];
  budgets?: readonly PodDisruptionBudget[];
  companions?: (pod: Pod) => LabelSelector | undefined;
}

/** A cluster for the scheduler to look at, without an API server behind it. */
export class StaticView implements ClusterView {
  readonly states = new NodeStates();
  readonly nominations = new Nominations();
  readonly storage: StorageView;
  readonly devices: DeviceView = { claim: () => undefined, hasClass: () => false };
  readonly tallies = this.states.tallies;
  readonly images = this.states.images;
  readonly #cluster: StaticCluster;

  constructor(cluster: StaticCluster = {}) {
    const { nodes = [], placed = [] } = cluster;
    this.#cluster = cluster;
    this.storage = storageOf(cluster);
    for (const node of nodes) this.states.setNode(node);
    for (const [pod, nodeName] of placed) this.states.place(pod, nodeName);
  }

  get nodes() {
    return this.states.nodes;
  }

  node(name: string) {
    return this.states.get(name);
  }

  now(): number {
    return 0;
  }

  readonly namespaces = (selector: LabelSelector): string[] =>
    (this.#cluster.namespaces ?? [])
      .filter((one) => matchesSelector(selector, one))
      .map(({ metadata }) => metadata.name);

  namespaceLabels(name: string): Record<string, string> {
    return this.#cluster.namespaces?.find(({ metadata }) => metadata.name === name)?.metadata.labels ?? {};
  }

  companions(pod: Pod): LabelSelector | undefined {
    return this.#cluster.companions?.(pod);
  }

  budgets(): readonly PodDisruptionBudget[] {
    return this.#cluster.budgets ?? [];
  }
}

function storageOf({ claims = [], volumes = [], classes = [], csiNodes = [] }: StaticCluster): StorageView {
  const named = <T extends { metadata: { name: string } }>(all: readonly T[], name: string) =>
    all.find(({ metadata }) => metadata.name === name);
  return {
    claim: (namespace, name) =>
      named(
        claims.filter(({ metadata }) => metadata.namespace === namespace),
        name,
      ),
    volume: (name) => named(volumes, name),
    volumesOf: (className) => volumes.filter((volume) => classOf(volume) === className),
    storageClass: (name) => named(classes, name),
    csiNode: (name) => named(csiNodes, name),
    csiDriver: () => undefined,
    capacities: () => [],
    attachments: () => [],
  };
}
