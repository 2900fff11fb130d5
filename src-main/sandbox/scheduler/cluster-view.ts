import type { LabelSelector } from '#common/kinds/selector';
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  ResourceV1ResourceClaim,
  StorageClass,
  VolumeAttachment,
} from '#common/kube/types';
import type { NodeImages } from './node-images';
import type { KnownNode } from './node-state';
import type { Nominations } from './nominations';
import type { Tallies } from './tallies';

/** What rules that look beyond one node may ask. */
export interface ClusterView {
  readonly nodes: readonly KnownNode[];
  node(name: string): KnownNode | undefined;
  readonly tallies: Pick<Tallies, 'countsOf' | 'heldTerms' | 'usersOf'>;
  readonly images: Pick<NodeImages, 'spreadOf'>;
  readonly nominations: Nominations;
  readonly storage: StorageView;
  readonly devices: DeviceView;
  /** Names of namespaces whose labels match; all for an empty selector. */
  namespaces(selector: LabelSelector): readonly string[];
  namespaceLabels(name: string): Readonly<Record<string, string>>;
  /** The Services and the controller that count the Pod among theirs, as one selector. */
  companions(pod: Pod): LabelSelector | undefined;
  budgets(): Iterable<PodDisruptionBudget>;
  /** Epoch milliseconds. */
  now(): number;
}

/** Claims of devices. */
export interface DeviceView {
  claim(namespace: string, name: string): ResourceV1ResourceClaim | undefined;
  hasClass(name: string): boolean;
}

/** Claims and volumes, as they will be once what was decided is written. */
export interface StorageView {
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  volumesOf(className: string): readonly PersistentVolume[];
  storageClass(name: string): StorageClass | undefined;
  csiNode(nodeName: string): CSINode | undefined;
  csiDriver(name: string): CSIDriver | undefined;
  capacities(): Iterable<CSIStorageCapacity>;
  attachments(nodeName: string): readonly VolumeAttachment[];
}
