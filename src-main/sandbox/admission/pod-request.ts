import type { Pod } from '#common/kube/types';
import type { AdmissionRequest } from './plugin';

/** The Pod that is being created; undefined for any other write. */
export function createdPod({ operation, group, plural, subresource, object }: AdmissionRequest): Pod | undefined {
  if (operation !== 'CREATE' || group !== '' || plural !== 'pods' || subresource !== '') return undefined;
  return object as unknown as Pod;
}

/** A Pod that is being written, and how it was before. */
export interface UpdatedPod {
  pod: Pod;
  current: Pod;
}

/** The Pod that is being updated, not by way of a subresource; undefined for any other write. */
export function updatedPod({
  operation,
  group,
  plural,
  subresource,
  object,
  oldObject,
}: AdmissionRequest): UpdatedPod | undefined {
  if (operation !== 'UPDATE' || group !== '' || plural !== 'pods' || subresource !== '') return undefined;
  return { pod: object as unknown as Pod, current: oldObject as unknown as Pod };
}

/** A Pod that the kubelet mirrors from a file of its own. */
export function isMirror({ metadata }: Pod): boolean {
  return metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
}
