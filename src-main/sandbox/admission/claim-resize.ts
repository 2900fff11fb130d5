import { StorageClasses } from '#common/kube/resources';
import type { PersistentVolumeClaim } from '#common/kube/types';
import { quantityNanos } from '#main/sandbox/machinery/quantity';
import type { AdmissionPlugin } from './plugin';
import { refused } from './refusal';
import { writtenResource } from './written-resource';

const ONLY_DYNAMIC =
  'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';

/** A claim grows only where its class lets it. */
export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  validate(request, cluster) {
    if (request.operation !== 'UPDATE' || writtenResource(request) !== 'persistentvolumeclaims') return;
    const claim = request.object as unknown as PersistentVolumeClaim;
    const before = request.oldObject as unknown as PersistentVolumeClaim;
    if (before.status?.phase !== 'Bound' || sizeOf(claim) <= sizeOf(before)) return;
    const storageClass = cluster.get(StorageClasses, claim.spec.storageClassName ?? '');
    if (!storageClass?.allowVolumeExpansion) throw refused(request, ONLY_DYNAMIC);
  },
};

function sizeOf({ spec }: PersistentVolumeClaim): bigint {
  return quantityNanos(spec.resources?.requests?.['storage'] ?? '0');
}
