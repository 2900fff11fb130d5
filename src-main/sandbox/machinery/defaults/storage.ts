/** storage.k8s.io/v1. */
import type { CSIDriver, StorageClass } from '#common/kube/types';
import { rule, type PackageDefaults } from './rule';

export const storageDefaults: PackageDefaults = {
  prefix: 'io.k8s.api.storage.v1.',
  rules: {
    CSIDriver: rule<CSIDriver>(({ spec }) => {
      spec.attachRequired ??= true;
      spec.podInfoOnMount ??= false;
      spec.storageCapacity ??= false;
      spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
      if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
      spec.requiresRepublish ??= false;
      spec.seLinuxMount ??= false;
    }),
    StorageClass: rule<StorageClass>((storageClass) => {
      storageClass.reclaimPolicy ??= 'Delete';
      storageClass.volumeBindingMode ??= 'Immediate';
    }),
  },
};
