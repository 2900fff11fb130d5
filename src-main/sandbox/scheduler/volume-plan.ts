/** What binding a Pod to a node means for its claims. Pure. */
import {
  classOf,
  isFullyBound,
  matchingVolume,
  requestedSize,
  SELECTED_NODE,
  suitsNode,
  waitsForConsumer,
} from '#common/kinds/volume-matching';
import { matchesSelector } from '#common/kinds/selector';
import { quantityNumber } from '#common/kube/quantity';
import type {
  CSIStorageCapacity,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from '#common/kube/types';
import type { StorageView } from './cluster-view';
import { claimsOf, strangeOwner, type UsedClaim } from './pod-claims';

/** The claims of a Pod, by what must be done about them. */
export interface ClaimGroups {
  bound: readonly PersistentVolumeClaim[];
  /** Get their volume once the Pod has a node. */
  delayed: readonly PersistentVolumeClaim[];
}

export interface VolumePlan {
  /** Volumes that are there and will be given to the claims. */
  bindings: readonly { claim: PersistentVolumeClaim; volume: PersistentVolume }[];
  /** Claims whose volumes will be made. */
  provisions: readonly PersistentVolumeClaim[];
}

const NOT_BOUND = 'pod has unbound immediate PersistentVolumeClaims';
const NO_VOLUME = "node(s) didn't find available persistent volumes to bind";
const ELSEWHERE = "node(s) didn't match PersistentVolume's node affinity";
const NO_SPACE = 'node(s) did not have enough free storage';
const LOST = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';

/** The claims, or why the Pod cannot be placed at all before they are mended; undefined for a Pod without claims. */
export function groupClaims(pod: Pod, storage: StorageView): ClaimGroups | { reason: string } | undefined {
  const used = claimsOf(pod);
  if (used.length === 0) return undefined;
  const claims: PersistentVolumeClaim[] = [];
  for (const one of used) {
    const claim = storage.claim(pod.metadata.namespace ?? '', one.name);
    const reason = claim ? defectOf(claim, one, pod) : missing(one);
    if (reason) return { reason };
    if (claim) claims.push(claim);
  }
  const bound = claims.filter(isFullyBound);
  const open = claims.filter((claim) => !isFullyBound(claim));
  const isDelayed = (claim: PersistentVolumeClaim) =>
    !claim.spec.volumeName && waitsForConsumer(storage.storageClass(classOf(claim)));
  return open.every(isDelayed) ? { bound, delayed: open } : { reason: NOT_BOUND };
}

function missing({ name, isEphemeral }: UsedClaim): string {
  return isEphemeral
    ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
    : `persistentvolumeclaim "${name}" not found`;
}

function defectOf(claim: PersistentVolumeClaim, { isEphemeral }: UsedClaim, pod: Pod): string | undefined {
  const { name, deletionTimestamp } = claim.metadata;
  if (claim.status?.phase === 'Lost')
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`;
  if (deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`;
  return isEphemeral ? strangeOwner(claim, pod) : undefined;
}

/** What would be done for a Pod on the node, or why it cannot be there. */
export function planVolumes(
  { bound, delayed }: ClaimGroups,
  node: Node,
  storage: StorageView,
): VolumePlan | { reasons: readonly string[] } {
  const reasons: string[] = [];
  const obstacle = boundObstacle(bound, node, storage);
  const open = planDelayed(delayed, node, storage);
  if (obstacle === ELSEWHERE) reasons.push(obstacle);
  if ('reason' in open) reasons.push(open.reason);
  if (obstacle === LOST) reasons.push(obstacle);
  return reasons.length > 0 ? { reasons } : (open as VolumePlan);
}

function boundObstacle(claims: readonly PersistentVolumeClaim[], node: Node, storage: StorageView): string | undefined {
  for (const { spec } of claims) {
    const volume = storage.volume(spec.volumeName ?? '');
    if (!volume) return LOST;
    if (!suitsNode(volume, node)) return ELSEWHERE;
  }
  return undefined;
}

function planDelayed(
  claims: readonly PersistentVolumeClaim[],
  node: Node,
  storage: StorageView,
): VolumePlan | { reason: string } {
  const bindings: { claim: PersistentVolumeClaim; volume: PersistentVolume }[] = [];
  const provisions: PersistentVolumeClaim[] = [];
  const taken = new Set<string>();
  const selected = (claim: PersistentVolumeClaim) => claim.metadata.annotations?.[SELECTED_NODE];
  for (const claim of claims) {
    if (selected(claim) === undefined) continue;
    if (selected(claim) !== node.metadata.name) return { reason: NO_VOLUME };
    provisions.push(claim);
  }
  // The smallest claim first, so that it does not take what only a larger one needs.
  for (const claim of claims.filter((one) => selected(one) === undefined).toSorted(bySize)) {
    const volume = matchingVolume(claim, storage.volumesOf(classOf(claim)), { node, taken });
    if (volume) {
      taken.add(volume.metadata.name);
      bindings.push({ claim, volume });
    } else {
      provisions.push(claim);
    }
  }
  for (const claim of provisions) {
    const reason = provisionObstacle(claim, node, storage);
    if (reason) return { reason };
  }
  return { bindings, provisions };
}

const bySize = (left: PersistentVolumeClaim, right: PersistentVolumeClaim): number =>
  requestedSize(left) - requestedSize(right);

function provisionObstacle(claim: PersistentVolumeClaim, node: Node, storage: StorageView): string | undefined {
  const storageClass = storage.storageClass(classOf(claim));
  if (!storageClass || ['', 'kubernetes.io/no-provisioner'].includes(storageClass.provisioner)) return NO_VOLUME;
  if (!isAllowed(storageClass, node)) return NO_VOLUME;
  return hasSpace(claim, storageClass, { node, storage }) ? undefined : NO_SPACE;
}

function isAllowed({ allowedTopologies = [] }: StorageClass, { metadata: { labels = {} } }: Node): boolean {
  if (allowedTopologies.length === 0) return true;
  return allowedTopologies.some(
    ({ matchLabelExpressions = [] }) =>
      matchLabelExpressions.length > 0 &&
      matchLabelExpressions.every(({ key, values }) => values.includes(labels[key] ?? '')),
  );
}

/** Only drivers that publish capacities are asked for them. */
function hasSpace(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  { node, storage }: { node: Node; storage: StorageView },
): boolean {
  const size = requestedSize(claim);
  if (Number.isNaN(size) || !storage.csiDriver(storageClass.provisioner)?.spec.storageCapacity) return true;
  for (const capacity of storage.capacities()) {
    if (capacity.storageClassName !== storageClass.metadata.name || !capacity.nodeTopology) continue;
    if (roomOf(capacity) >= size && matchesSelector(capacity.nodeTopology, node)) return true;
  }
  return false;
}

/** Bytes; nothing for a capacity that names none. */
export function roomOf({ maximumVolumeSize, capacity }: CSIStorageCapacity): number {
  const room = quantityNumber(maximumVolumeSize ?? capacity);
  return Number.isNaN(room) ? -1 : room;
}
