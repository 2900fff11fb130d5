/** Claims, volumes and attribute classes are held by a finalizer from the start, so that none is deleted while in use. */
import type { AdmissionPlugin } from './plugin';
import { writtenResource } from './written-resource';

const FINALIZERS: ReadonlyMap<string, string> = new Map([
  ['persistentvolumes', 'kubernetes.io/pv-protection'],
  ['persistentvolumeclaims', 'kubernetes.io/pvc-protection'],
  ['volumeattributesclasses.storage.k8s.io', 'kubernetes.io/vac-protection'],
]);

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  mutate(request) {
    if (request.operation !== 'CREATE' || !request.object) return;
    const finalizer = FINALIZERS.get(writtenResource(request));
    if (!finalizer) return;
    const { metadata } = request.object;
    if (metadata.finalizers?.includes(finalizer)) return;
    metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
  },
};
