import { formatTime } from '#common/base/clock';
import {
  allocatedSize,
  growthBegun,
  growthFailed,
  growthFinished,
  growthState,
  volumeGrown,
  waitsForNode,
  wantsMore,
} from '#common/kinds/claim-growth';
import { requestedSize, volumeSize } from '#common/kinds/volume-matching';
import { keyOf } from '#common/kube/object';
import { quantityNumber } from '#common/kube/quantity';
import { PersistentVolumeClaims, PersistentVolumes } from '#common/kube/resources';
import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimStatus } from '#common/kube/types';
import {
  again,
  defineController,
  settled,
  type Controller,
  type Outcome,
  type ReconcileContext,
} from '../runtime/define-controller';
import type { StorageDriver } from './storage-drivers';

/** How long what cannot be done is left alone (external-resizer's --retry-interval-max). */
const SLOW_RETRY_MS = 300_000;

/** Makes the volumes of `driver` larger when their claims ask for it: an external resizer, as storage systems bring one. */
export function resizer(driver: StorageDriver): Controller {
  /** Until when a claim that cannot be served is not tried with the same size, by its key. */
  const slow = new Map<string, number>();
  return defineController({
    name: `resizer ${driver.provisioner}`,
    component: `external-resizer ${driver.provisioner}`,
    reconciles: PersistentVolumeClaims,
    retryMs: { first: 1000, longest: SLOW_RETRY_MS },

    async reconcile(key, context) {
      const claim = context.cache.get(PersistentVolumeClaims, key);
      if (!claim) slow.delete(key);
      if (!claim || !wantsMore(claim)) return settled;
      const volume = context.cache.get(PersistentVolumes, claim.spec.volumeName ?? '');
      if (volume?.spec.csi?.driver !== driver.provisioner) return settled;
      if (volume.spec.claimRef?.uid !== claim.metadata.uid) return settled;
      return grow(driver, { claim, volume, slow }, context);
    },
  });
}

interface Growing {
  claim: PersistentVolumeClaim;
  volume: PersistentVolume;
  slow: Map<string, number>;
}

async function grow(
  driver: StorageDriver,
  { claim, volume, slow }: Growing,
  context: ReconcileContext,
): Promise<Outcome> {
  const size = nextSize(claim, volume);
  if (size === undefined) return settled;
  const { clock, record } = context;
  const key = keyOf(claim);
  const waitMs = (slow.get(key) ?? 0) - clock.now();
  if (growthState(claim) === 'ControllerResizeInfeasible' && waitMs <= 0) {
    slow.set(key, clock.now() + SLOW_RETRY_MS);
  }
  const isSame = allocatedSize(claim) !== undefined && sameSize(allocatedSize(claim), size);
  if (isSame && waitMs > 0) return again(waitMs);
  const time = formatTime(clock.now());
  const begun = await written(claim, growthBegun(claim, { size, time, isSame }), context);
  const { name } = volume.metadata;
  record(begun, { type: 'Normal', reason: 'Resizing', message: `External resizer is resizing volume ${name}` });
  const refusal = driver.sizeRefusal?.(quantityNumber(size));
  if (refusal !== undefined) {
    await written(begun, growthFailed(begun, { reason: refusal, time, infeasible: true }), context);
    const message = `resize volume "${name}" by resizer "${driver.provisioner}" failed: ${refusal}`;
    record(begun, { type: 'Warning', reason: 'VolumeResizeFailed', message });
    return again(SLOW_RETRY_MS);
  }
  slow.delete(key);
  await finish(begun, { volume, size, time }, context);
  return settled;
}

async function finish(
  claim: PersistentVolumeClaim,
  { volume, size, time }: { volume: PersistentVolume; size: string; time: string },
  context: ReconcileContext,
): Promise<void> {
  const { client, record, signal } = context;
  const spec = { ...volume.spec, capacity: { ...volume.spec.capacity, storage: size } };
  await client.update(PersistentVolumes, { ...volume, spec }, { signal });
  // Whoever uses a volume without a file system has all of it at once.
  if (volume.spec.volumeMode === 'Block') {
    await written(claim, growthFinished(claim, size), context);
    record(claim, { type: 'Normal', reason: 'VolumeResizeSuccessful', message: 'Resize volume succeeded' });
    return;
  }
  await written(claim, volumeGrown(claim, time), context);
  const message = 'Require file system resize of volume on node';
  record(claim, { type: 'Normal', reason: 'FileSystemResizeRequired', message });
}

function written(
  claim: PersistentVolumeClaim,
  status: PersistentVolumeClaimStatus,
  { client, signal }: ReconcileContext,
): Promise<PersistentVolumeClaim> {
  return client.updateStatus(PersistentVolumeClaims, { ...claim, status }, { signal });
}

/**
 * The size that a claim's volume is to get next; nothing while another step of its growth is under way. What was begun is
 * brought to its end before anything else, unless it cannot be done.
 */
export function nextSize(claim: PersistentVolumeClaim, volume: PersistentVolume): string | undefined {
  const wanted = claim.spec.resources?.requests?.['storage'];
  const begun = allocatedSize(claim) ?? wanted;
  const state = growthState(claim);
  if (volumeSize(volume) >= requestedSize(claim)) return waitsForNode(claim) ? undefined : begun;
  switch (state) {
    case 'NodeResizePending':
    case 'NodeResizeInProgress':
      return volumeSize(volume) >= quantityNumber(begun) ? undefined : begun;
    case 'NodeResizeInfeasible':
    case 'ControllerResizeInProgress':
      return begun;
    case 'ControllerResizeInfeasible':
    case undefined:
      return wanted;
  }
}

const sameSize = (left: string | undefined, right: string): boolean => quantityNumber(left) === quantityNumber(right);
