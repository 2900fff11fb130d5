import type { Controller } from '../runtime/define-controller';
import { attachDetachController } from './attach-detach';
import { attachedVolumes, attacher } from './attacher';
import { claimBinder } from './claim-binder';
import { ephemeralVolumeController } from './ephemeral-volumes';
import { claimProtectionController, volumeProtectionController } from './protection';
import { provisioner, volumeDeleter } from './provisioner';
import { resizer } from './resizer';
import { storageDrivers } from './storage-drivers';
import { volumeBinder } from './volume-binder';
import { volumeExpandController } from './volume-expand';

/** Everything that joins claims and volumes, and the provisioners of the cluster's storage systems. */
export function storageControllers(): Controller[] {
  return [
    claimBinder(),
    volumeBinder,
    ephemeralVolumeController,
    claimProtectionController,
    volumeProtectionController,
    volumeExpandController(),
    attachDetachController(),
    ...storageDrivers.flatMap((driver) => [provisioner(driver), volumeDeleter(driver)]),
    ...storageDrivers.filter(({ expands }) => expands).map(resizer),
    ...storageDrivers
      .filter(({ attaches }) => attaches)
      .flatMap((driver) => [attacher(driver), attachedVolumes(driver)]),
  ];
}
