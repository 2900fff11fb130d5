/** The volume of a claim on the node where a Pod uses it: found, and its file system grown where the volume has grown. */
import { allocatedSize, fileSystemGrows, grownSize, growthFinished, waitsForNode } from '#common/kinds/claim-growth';
import { attachableName } from '#common/kinds/volume-attachment';
import { quantityNumber } from '#common/kube/quantity';
import { PersistentVolumeClaims, PersistentVolumes } from '#common/kube/resources';
import { isConflict, isNotFound } from '#common/kube/status-error';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '#common/kube/types';
import type { PodVolume } from '../containers/container-files';
import { recordPodEvent, type NodeContext } from './pod-context';

/** A volume that is not attached to the node yet: no failure to tell anybody of. */
export class NotAttachedError extends Error {
  override readonly name = 'NotAttachedError';
}

/** Someone else may write a claim's status at the same time. */
const ATTEMPTS = 3;

export interface ClaimUser {
  node: NodeContext;
  pod: Pod;
  /** Its files may not be written, nor its file system grown. */
  readOnly: boolean;
  signal: AbortSignal;
}

/** What keeps the files of a claim: the volume it is bound to, or the claim itself before that. */
export async function claimedVolume(claim: PersistentVolumeClaim, user: ClaimUser): Promise<PodVolume> {
  const { node, signal } = user;
  const { volumeName } = claim.spec;
  const kept = node.volumes.persistent(volumeName ?? claim.metadata.uid);
  if (!volumeName) return kept;
  const volume = await volumeNamed(volumeName, user);
  if (!volume?.spec.csi) return kept;
  await attached(volume, user);
  if (volume.spec.volumeMode === 'Block') return kept;
  const grown = await withGrownFiles(claim, volume, user);
  signal.throwIfAborted();
  kept.deviceBytes = grownSize(grown);
  return kept;
}

/** Says that the node is going to use the volume, then looks whether the control plane has attached it. */
async function attached(volume: PersistentVolume, { node, pod }: ClaimUser): Promise<void> {
  const name = attachableName(volume, node.csiDriver);
  if (name === undefined) return;
  await node.volumesInUse.use(name, pod.metadata.uid);
  if (node.node()?.status?.volumesAttached?.some((one) => one.name === name)) return;
  throw new NotAttachedError(`volume "${volume.metadata.name}" is not attached according to node status`);
}

/** Grows the file system of a claim that waits for it; answers the claim as it is then. */
async function withGrownFiles(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
  user: ClaimUser,
): Promise<PersistentVolumeClaim> {
  let current = claim;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (!waitsForNode(current) || grownSize(current) >= quantityNumber(volume.spec.capacity?.['storage'])) break;
    if (user.readOnly) {
      tell(current, volume, user, 'failed');
      break;
    }
    try {
      return await growFiles(current, volume, user);
    } catch (failure) {
      if (!isConflict(failure)) throw failure;
      const { name, namespace } = current.metadata;
      current = await user.node.client.get(PersistentVolumeClaims, { name, namespace }, { signal: user.signal });
    }
  }
  return current;
}

async function growFiles(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
  user: ClaimUser,
): Promise<PersistentVolumeClaim> {
  const { client } = user.node;
  const options = { signal: user.signal };
  const begun = { ...claim, status: fileSystemGrows(claim) };
  const growing = await client.updateStatus(PersistentVolumeClaims, begun, options);
  tell(growing, volume, user, 'succeeded');
  const size = allocatedSize(growing) ?? volume.spec.capacity?.['storage'] ?? '';
  return client.updateStatus(PersistentVolumeClaims, { ...growing, status: growthFinished(growing, size) }, options);
}

function tell(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
  { node, pod }: ClaimUser,
  how: 'succeeded' | 'failed',
): void {
  const isDone = how === 'succeeded';
  const suffix = isDone ? node.name : 'requested read-only file system';
  const note = {
    type: isDone ? ('Normal' as const) : ('Warning' as const),
    reason: isDone ? 'FileSystemResizeSuccessful' : 'FileSystemResizeFailed',
    message: `MountVolume.NodeExpandVolume ${how} for volume "${volume.metadata.name}" ${suffix}`,
  };
  recordPodEvent(node, pod, note);
  const { name, namespace = 'default', uid, resourceVersion } = claim.metadata;
  const about = { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion };
  node.events.record(node.name, about, note);
}

async function volumeNamed(name: string, { node, signal }: ClaimUser): Promise<PersistentVolume | undefined> {
  try {
    return await node.client.get(PersistentVolumes, { name }, { signal });
  } catch (failure) {
    if (isNotFound(failure)) return undefined;
    throw failure;
  }
}
