/** Which volume suits which claim: the one rule that binder and scheduler share. Pure. */
import { matchesSelector } from './selector';
import { matchesTerm } from '#common/kube/node-selection';
import { quantityNumber } from '#common/kube/quantity';
import type { Node, PersistentVolume, PersistentVolumeClaim, StorageClass } from '#common/kube/types';

export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const OLD_CLASS = 'volume.beta.kubernetes.io/storage-class';

/** The name of the class; empty for none. The annotation of old wins. */
export function classOf({ metadata, spec }: PersistentVolumeClaim | PersistentVolume): string {
  return metadata.annotations?.[OLD_CLASS] ?? spec.storageClassName ?? '';
}

export const requestedSize = ({ spec }: PersistentVolumeClaim): number =>
  quantityNumber(spec.resources?.requests?.['storage']);

export const volumeSize = ({ spec }: PersistentVolume): number => quantityNumber(spec.capacity?.['storage']);

/** True when binding waits until a Pod that uses the claim has a node. */
export const waitsForConsumer = (storageClass: StorageClass | undefined): boolean =>
  storageClass?.volumeBindingMode === 'WaitForFirstConsumer';

/** The volume names this claim; a reference without a uid is somebody's reservation by name. */
export function isReservedFor(volume: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { claimRef } = volume.spec;
  if (!claimRef || claimRef.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return !claimRef.uid || claimRef.uid === metadata.uid;
}

export function isFullyBound({ metadata, spec }: PersistentVolumeClaim): boolean {
  return !!spec.volumeName && metadata.annotations?.[BIND_COMPLETED] !== undefined;
}

export function suitsNode({ spec }: PersistentVolume, node: Node): boolean {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms;
  return !terms || terms.some((term) => matchesTerm(term, node));
}

/** Why a volume that is asked for by name cannot be had, in the binder's words; undefined when it can. */
export function mismatchOf(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp) return `the volume is marked for deletion "${volume.metadata.name}"`;
  if (volumeSize(volume) < requestedSize(claim)) return 'requested PV is too small';
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match';
  if (!sameAttributesClass(volume, claim)) return 'volumeAttributesClassName does not match';
  if (!sameVolumeMode(volume, claim)) return 'incompatible volumeMode';
  return hasModes(volume, claim) ? undefined : 'incompatible accessMode';
}

export interface MatchOptions {
  /** Volumes without a reservation are left to the scheduler. */
  delayed?: boolean;
  /** Only volumes that can be used on this node. */
  node?: Node;
  /** Names of volumes that are taken by other claims of the same Pod. */
  taken?: ReadonlySet<string>;
}

/** A volume reserved for the claim first; else the smallest that will do, those with the fewest access modes before others. */
export function matchingVolume(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  { delayed = false, node, taken }: MatchOptions = {},
): PersistentVolume | undefined {
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (taken?.has(volume.metadata.name) || !mayHold(volume, claim)) continue;
    if (isReservedFor(volume, claim)) return !node || suitsNode(volume, node) ? volume : undefined;
    if (delayed || !isFree(volume, claim)) continue;
    if (node && !suitsNode(volume, node)) continue;
    if (!best || isBefore(volume, best)) best = volume;
  }
  return best;
}

function mayHold(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (volume.spec.claimRef && !isReservedFor(volume, claim)) return false;
  if (volume.metadata.deletionTimestamp || volumeSize(volume) < requestedSize(claim)) return false;
  return sameVolumeMode(volume, claim) && sameAttributesClass(volume, claim) && hasModes(volume, claim);
}

function isFree(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (volume.status?.phase !== 'Available' || classOf(volume) !== classOf(claim)) return false;
  return !claim.spec.selector || matchesSelector(claim.spec.selector, volume);
}

function isBefore(left: PersistentVolume, right: PersistentVolume): boolean {
  const modes = ({ spec }: PersistentVolume) => spec.accessModes?.length ?? 0;
  if (modes(left) !== modes(right)) return modes(left) < modes(right);
  return volumeSize(left) < volumeSize(right);
}

const sameVolumeMode = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem');

const sameAttributesClass = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (volume.spec.volumeAttributesClassName ?? '') === (claim.spec.volumeAttributesClassName ?? '');

const hasModes = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode));
