/**
 * How a claim that grows shows how far its growth has come: the fields that a storage system's resizer and the kubelet of
 * the node write in turn (volume/util/resize_util.go, external-resizer's resize_status.go). Pure.
 */
import { quantityNumber } from '#common/kube/quantity';
import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimCondition,
  PersistentVolumeClaimStatus,
} from '#common/kube/types';
import { requestedSize } from './volume-matching';

const STORAGE = 'storage';
/** Conditions that tell of growth and of nothing else. */
const GROWTH_CONDITIONS = ['FileSystemResizePending', 'Resizing', 'ControllerResizeError', 'NodeResizeError'];
const REQUIRES_POD = 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.';

/** What a growing claim waits for; absent when nobody works on it. */
export type GrowthState =
  | 'ControllerResizeInProgress'
  | 'ControllerResizeInfeasible'
  | 'NodeResizePending'
  | 'NodeResizeInProgress'
  | 'NodeResizeInfeasible';

export const growthState = ({ status }: PersistentVolumeClaim): GrowthState | undefined =>
  status?.allocatedResourceStatuses?.[STORAGE] as GrowthState | undefined;

/** The size that is being made, or was made last. */
export const allocatedSize = ({ status }: PersistentVolumeClaim): string | undefined =>
  status?.allocatedResources?.[STORAGE];

/** Bytes that the claim has. */
export const grownSize = ({ status }: PersistentVolumeClaim): number =>
  quantityNumber(status?.capacity?.[STORAGE] ?? '0');

/** True while the claim is bound and asks for more than it has. */
export const wantsMore = (claim: PersistentVolumeClaim): boolean =>
  claim.status?.phase === 'Bound' && !!claim.spec.volumeName && requestedSize(claim) > grownSize(claim);

/** True when the file system on the volume is the next to grow, which the kubelet does where the volume is mounted. */
export function waitsForNode(claim: PersistentVolumeClaim): boolean {
  const state = growthState(claim);
  return state === 'NodeResizePending' || state === 'NodeResizeInProgress';
}

/** The storage system begins; `isSame` when it tries the same size once more, which hides no earlier failure. */
export function growthBegun(
  claim: PersistentVolumeClaim,
  { size, time, isSame }: { size: string; time: string; isSame: boolean },
): PersistentVolumeClaimStatus {
  const { status = {} } = claim;
  const begun = condition('Resizing', time);
  const next = {
    ...status,
    conditions: merged(status.conditions, [begun], isSame),
    allocatedResources: { ...status.allocatedResources, [STORAGE]: size },
  };
  return isSame ? next : withState(next, 'ControllerResizeInProgress');
}

/** The volume is larger, its file system not yet. */
export function volumeGrown({ status = {} }: PersistentVolumeClaim, time: string): PersistentVolumeClaimStatus {
  const pending = condition('FileSystemResizePending', time, REQUIRES_POD);
  return withState({ ...status, conditions: merged(status.conditions, [pending], true) }, 'NodeResizePending');
}

/** The storage system will not do it. `infeasible` when no other attempt at this size will help. */
export function growthFailed(
  { status = {} }: PersistentVolumeClaim,
  { reason, time, infeasible }: { reason: string; time: string; infeasible: boolean },
): PersistentVolumeClaimStatus {
  const failed = condition('ControllerResizeError', time, `failed to expand pvc with ${reason}`);
  const next = { ...status, conditions: merged(status.conditions, [failed], true) };
  return infeasible ? withState(next, 'ControllerResizeInfeasible') : next;
}

/** The kubelet begins with the file system. */
export const fileSystemGrows = ({ status = {} }: PersistentVolumeClaim): PersistentVolumeClaimStatus =>
  withState(status, 'NodeResizeInProgress');

/** Everything that had to grow has grown. */
export function growthFinished({ status = {} }: PersistentVolumeClaim, size: string): PersistentVolumeClaimStatus {
  const { [STORAGE]: _, ...others } = status.allocatedResourceStatuses ?? {};
  const { allocatedResourceStatuses: _states, conditions, ...rest } = status;
  const left = merged(conditions, [], false);
  return {
    ...rest,
    capacity: { ...status.capacity, [STORAGE]: size },
    ...(Object.keys(others).length > 0 ? { allocatedResourceStatuses: others } : {}),
    ...(left.length > 0 ? { conditions: left } : {}),
  };
}

const condition = (type: string, time: string, message?: string): PersistentVolumeClaimCondition => ({
  type,
  status: 'True',
  lastTransitionTime: time,
  ...(message === undefined ? {} : { message }),
});

function withState(status: PersistentVolumeClaimStatus, state: GrowthState): PersistentVolumeClaimStatus {
  return { ...status, allocatedResourceStatuses: { ...status.allocatedResourceStatuses, [STORAGE]: state } };
}

/** Other conditions stay; one that was there keeps its time, and its words too. */
function merged(
  before: readonly PersistentVolumeClaimCondition[] = [],
  next: readonly PersistentVolumeClaimCondition[],
  keepOld: boolean,
): PersistentVolumeClaimCondition[] {
  const isNext = ({ type }: PersistentVolumeClaimCondition) => next.some((one) => one.type === type);
  const kept = before.filter((one) => keepOld || isNext(one) || !GROWTH_CONDITIONS.includes(one.type));
  const isThere = ({ type }: PersistentVolumeClaimCondition) => kept.some((one) => one.type === type);
  return [...kept, ...next.filter((one) => !isThere(one))];
}
