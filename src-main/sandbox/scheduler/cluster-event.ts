/** What happens in a cluster, as far as it may help a Pod that found no place. Pure. */
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  DeviceClass,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ResourceV1ResourceClaim,
  StorageClass,
  VolumeAttachment,
} from '#common/kube/types';
import { takenBy } from './resources';

interface Objects {
  Node: Node;
  Pod: Pod;
  PersistentVolume: PersistentVolume;
  PersistentVolumeClaim: PersistentVolumeClaim;
  StorageClass: StorageClass;
  CSINode: CSINode;
  CSIDriver: CSIDriver;
  CSIStorageCapacity: CSIStorageCapacity;
  VolumeAttachment: VolumeAttachment;
  ResourceClaim: ResourceV1ResourceClaim;
  DeviceClass: DeviceClass;
}

type Kind = keyof Objects;

/** What of an object changed: kube-scheduler's action types. */
export type Action =
  | 'Add'
  | 'Delete'
  | 'Update'
  | 'UpdateAllocatable'
  | 'UpdateLabel'
  | 'UpdateTaint'
  | 'UpdateDeclaredFeatures'
  | 'UpdateScaleDown'
  | 'UpdateToleration';

export type ClusterEvent = {
  [K in Kind]: { on: `${K}/${Action}`; before: Objects[K] | undefined; after: Objects[K] | undefined };
}[Kind];

export type EventName = ClusterEvent['on'];

type EventOf<N extends EventName> = N extends `${infer K extends Kind}/${Action}`
  ? { before: Objects[K] | undefined; after: Objects[K] | undefined }
  : never;

/** By event: whether it may help the Pod; `always` where that is not looked at more closely. */
export type QueueingHints = {
  readonly [N in EventName]?: (pod: Pod, event: EventOf<N>) => boolean;
};

export const always = (): boolean => true;

export function nodeEvents(before: Node | undefined, after: Node | undefined): ClusterEvent[] {
  const event = (action: Action): ClusterEvent => ({ on: `Node/${action}`, before, after });
  if (!before) return [event('Add')];
  if (!after) return [event('Delete')];
  const events: ClusterEvent[] = [];
  if (before.spec.unschedulable && !after.spec.unschedulable) events.push(event('UpdateTaint'));
  if (!isSame(before.status?.allocatable, after.status?.allocatable)) events.push(event('UpdateAllocatable'));
  if (!isSame(before.metadata.labels, after.metadata.labels)) events.push(event('UpdateLabel'));
  if (!isSame(before.spec.taints, after.spec.taints)) events.push(event('UpdateTaint'));
  if (!isSame(before.status?.declaredFeatures, after.status?.declaredFeatures))
    events.push(event('UpdateDeclaredFeatures'));
  return events;
}

/** Of a Pod that changed, with or without a node. */
export function podEvents(before: Pod | undefined, after: Pod | undefined): ClusterEvent[] {
  const event = (action: Action): ClusterEvent => ({ on: `Pod/${action}`, before, after });
  if (!before) return [event('Add')];
  if (!after) return [event('Delete')];
  const events: ClusterEvent[] = [];
  if (!isSame(before.metadata.labels, after.metadata.labels)) events.push(event('UpdateLabel'));
  if (asksForLess(before, after)) events.push(event('UpdateScaleDown'));
  if (before.spec.tolerations?.length !== after.spec.tolerations?.length) events.push(event('UpdateToleration'));
  return events.length > 0 ? events : [event('Update')];
}

function asksForLess(before: Pod, after: Pod): boolean {
  if (before.spec === after.spec && before.status === after.status) return false;
  const { requests } = takenBy(after);
  return Object.entries(takenBy(before).requests).some(([name, amount]) => amount > (requests[name] ?? 0));
}

/** Objects are shared where they did not change; what was read anew is compared by its text. */
function isSame(left: unknown, right: unknown): boolean {
  return left === right || JSON.stringify(left ?? null) === JSON.stringify(right ?? null);
}
