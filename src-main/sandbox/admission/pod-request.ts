import type { Pod } from '#common/kube/types';
import type { AdmissionRequest } from './plugin';

/** The Pod that is being created; undefined for any other write. */
export function createdPod({ operation, group, plural, subresource, object }: AdmissionRequest): Pod | undefined {
  if (operation !== 'CREATE' || group !== '' || plural !== 'pods' || subresource !== '') return undefined;
  return object as unknown as Pod;
}

/** A Pod that the kubelet mirrors from a file of its own. */
export function isMirror({ metadata }: Pod): boolean {
  return metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
}
