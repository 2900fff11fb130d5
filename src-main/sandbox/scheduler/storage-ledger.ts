import { classOf } from '#common/kinds/volume-matching';
import type { Scope } from '#common/base/scope';
import type { KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import {
  CSIDrivers,
  CSINodes,
  CSIStorageCapacities,
  PersistentVolumeClaims,
  PersistentVolumes,
  StorageClasses,
  VolumeAttachments,
} from '#common/kube/resources';
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  VolumeAttachment,
} from '#common/kube/types';
import type { Delta, IndexFn, Informer } from '#main/informer/informer';
import type { Informers } from '#main/informer/informers';
import type { ClusterEvent } from './cluster-event';
import type { StorageView } from './cluster-view';
import { Expected } from './expected';

const BY_CLASS = 'scheduler/class';
const BY_NODE = 'scheduler/node';

/** Claims and volumes as the scheduler's informers know them, with what it decided itself but has not seen written yet. */
export class StorageLedger implements StorageView {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly expectedClaims: Expected<PersistentVolumeClaim>;
  readonly expectedVolumes: Expected<PersistentVolume>;
  readonly #classes: Informer<StorageClass>;
  readonly #csiNodes: Informer<CSINode>;
  readonly #csiDrivers: Informer<CSIDriver>;
  readonly #capacities: Informer<CSIStorageCapacity>;
  readonly #attachments: Informer<VolumeAttachment>;
  readonly #scope: Scope;

  constructor(informers: Informers, scope: Scope) {
    const open = <T extends KubeObject>(resource: TypedResource<T>, indexes: Record<string, IndexFn<T>> = {}) =>
      scope.add(informers.open(resource, { indexes })).informer;
    this.#scope = scope;
    this.claims = open(PersistentVolumeClaims);
    this.volumes = open(PersistentVolumes, { [BY_CLASS]: (volume) => [classOf(volume)] });
    this.#classes = open(StorageClasses);
    this.#csiNodes = open(CSINodes);
    this.#csiDrivers = open(CSIDrivers);
    this.#capacities = open(CSIStorageCapacities);
    this.#attachments = open(VolumeAttachments, { [BY_NODE]: ({ spec }) => [spec.nodeName] });
    this.expectedClaims = new Expected(this.claims.cache);
    this.expectedVolumes = new Expected(this.volumes.cache);
  }

  async synced(signal: AbortSignal): Promise<void> {
    const informers = [
      this.claims,
      this.volumes,
      this.#classes,
      this.#csiNodes,
      this.#csiDrivers,
      this.#capacities,
      this.#attachments,
    ];
    await Promise.all(informers.map((informer) => informer.synced(signal)));
  }

  /** Tells what happens to any of them. */
  subscribe(listener: (event: ClusterEvent) => void): void {
    const tell = <T extends KubeObject>(informer: Informer<T>, kind: string) => {
      const onDeltas = (deltas: readonly Delta<T>[]) => {
        for (const { type, object, previous } of deltas) {
          const action = { added: 'Add', changed: 'Update', removed: 'Delete' }[type];
          const before = type === 'removed' ? object : previous;
          const after = type === 'removed' ? undefined : object;
          listener({ on: `${kind}/${action}`, before, after } as unknown as ClusterEvent);
        }
      };
      this.#scope.add(informer.subscribe(onDeltas));
    };
    tell(this.claims, 'PersistentVolumeClaim');
    tell(this.volumes, 'PersistentVolume');
    tell(this.#classes, 'StorageClass');
    tell(this.#csiNodes, 'CSINode');
    tell(this.#csiDrivers, 'CSIDriver');
    tell(this.#capacities, 'CSIStorageCapacity');
    tell(this.#attachments, 'VolumeAttachment');
  }

  claim(namespace: string, name: string): PersistentVolumeClaim | undefined {
    return this.expectedClaims.get(`${namespace}/${name}`);
  }

  volume(name: string): PersistentVolume | undefined {
    return this.expectedVolumes.get(name);
  }

  volumesOf(className: string): readonly PersistentVolume[] {
    return this.volumes.cache.indexed(BY_CLASS, className).map((one) => this.volume(one.metadata.name) ?? one);
  }

  storageClass(name: string): StorageClass | undefined {
    return this.#classes.cache.get(name);
  }

  csiNode(nodeName: string): CSINode | undefined {
    return this.#csiNodes.cache.get(nodeName);
  }

  csiDriver(name: string): CSIDriver | undefined {
    return this.#csiDrivers.cache.get(name);
  }

  capacities(): Iterable<CSIStorageCapacity> {
    return this.#capacities.cache.values();
  }

  attachments(nodeName: string): readonly VolumeAttachment[] {
    return this.#attachments.cache.indexed(BY_NODE, nodeName);
  }
}
