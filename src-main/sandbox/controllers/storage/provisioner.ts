import { classOf, SELECTED_NODE, waitsForConsumer } from '#common/kinds/volume-matching';
import { quantityNumber } from '#common/kube/quantity';
import { PersistentVolumeClaims, PersistentVolumes, StorageClasses, VolumeAttachments } from '#common/kube/resources';
import { isAlreadyExists } from '#common/kube/status-error';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { attachmentsOfVolume, OF_VOLUME } from './attach-detach';
import {
  defineController,
  settled,
  watched,
  type Controller,
  type ReconcileContext,
} from '../runtime/define-controller';
import { ignoreGone } from '../runtime/ownership';
import { claimReference } from './binding-writes';
import { VOLUME_PROTECTION } from './protection';
import { PROVISIONED_BY } from './reclaim';
import type { StorageDriver, VolumeRequest } from './storage-drivers';
import { Told } from './told';

const PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
const HOLD = 'external-provisioner.volume.kubernetes.io/finalizer';

/** Makes a volume for every claim that asks `driver` for one: an external provisioner, as a storage system brings its own. */
export function provisioner(driver: StorageDriver): Controller {
  const told = new Told();
  return defineController({
    name: `provisioner ${driver.provisioner}`,
    component: `${driver.provisioner}_sandbox`,
    reconciles: PersistentVolumeClaims,

    async reconcile(key, context) {
      const claim = context.cache.get(PersistentVolumeClaims, key);
      if (!claim || claim.metadata.deletionTimestamp || claim.spec.volumeName) return settled;
      if (claim.metadata.annotations?.[PROVISIONER] !== driver.provisioner) return settled;
      const storageClass = await classFor(claim, context);
      const node = claim.metadata.annotations[SELECTED_NODE];
      if (!node && (driver.needsNode || waitsForConsumer(storageClass))) return settled;
      const failure = refusalOf(driver, claim);
      if (failure) {
        const message = `failed to provision volume with StorageClass "${storageClass.metadata.name}": ${failure}`;
        if (told.isNew(claim.metadata.uid, message)) {
          context.record(claim, { type: 'Warning', reason: 'ProvisioningFailed', message });
        }
        return settled;
      }
      const request = { claim, node, name: `pvc-${claim.metadata.uid}` };
      await provision(driver, request, { ...context, storageClass });
      return settled;
    },
  });
}

function classFor(claim: PersistentVolumeClaim, { client, signal }: ReconcileContext): Promise<StorageClass> {
  return client.get(StorageClasses, { name: classOf(claim) }, { signal });
}

/** Why the driver cannot make what the claim asks for. */
export function refusalOf(driver: StorageDriver, { spec }: PersistentVolumeClaim): string | undefined {
  if (spec.selector) return 'claim Selector is not supported';
  const isOffered = (mode: string) => driver.accessModes.includes(mode);
  if (!(spec.accessModes ?? []).every(isOffered)) return driver.modesRefusal;
  return driver.sizeRefusal?.(quantityNumber(spec.resources?.requests?.['storage']));
}

async function provision(
  driver: StorageDriver,
  request: VolumeRequest,
  { client, record, signal, storageClass }: ReconcileContext & { storageClass: StorageClass },
): Promise<void> {
  const { namespace, name } = request.claim.metadata;
  const message = `External provisioner is provisioning volume for claim "${namespace}/${name}"`;
  record(request.claim, { type: 'Normal', reason: 'Provisioning', message });
  try {
    await client.create(PersistentVolumes, volumeFor(driver, request, storageClass), { signal });
  } catch (failure) {
    if (isAlreadyExists(failure)) return;
    throw failure;
  }
  const success = `Successfully provisioned volume ${request.name}`;
  record(request.claim, { type: 'Normal', reason: 'ProvisioningSucceeded', message: success });
}

/** The volume as its provisioner writes it: reserved for the claim from the start. */
export function volumeFor(
  driver: StorageDriver,
  request: VolumeRequest,
  { metadata, reclaimPolicy, mountOptions }: StorageClass,
): Draft<PersistentVolume> {
  const { spec } = request.claim;
  const size = spec.resources?.requests?.['storage'];
  return {
    metadata: {
      name: request.name,
      annotations: { [PROVISIONED_BY]: driver.provisioner, ...driver.annotations?.(request) },
      finalizers: [...(driver.holdsVolumes ? [HOLD] : []), VOLUME_PROTECTION],
    },
    spec: {
      accessModes: spec.accessModes ?? [],
      ...(size ? { capacity: { storage: size } } : {}),
      claimRef: claimReference(request.claim),
      persistentVolumeReclaimPolicy: reclaimPolicy ?? 'Delete',
      storageClassName: metadata.name,
      ...(mountOptions ? { mountOptions } : {}),
      volumeMode: spec.volumeMode ?? 'Filesystem',
      ...driver.source(request),
    },
  };
}

/** Takes away the volumes of `driver` that nobody claims any more, where their policy says so. */
export function volumeDeleter(driver: StorageDriver): Controller {
  const told = new Told();
  return defineController({
    name: `deleter ${driver.provisioner}`,
    component: `${driver.provisioner}_sandbox`,
    reconciles: PersistentVolumes,
    indexes: [attachmentsOfVolume],
    watches: [watched(VolumeAttachments, ({ spec }) => [spec.source.persistentVolumeName ?? []].flat())],

    async reconcile(key, { cache, client, record, signal }) {
      const volume = cache.get(PersistentVolumes, key);
      if (volume?.metadata.annotations?.[PROVISIONED_BY] !== driver.provisioner) return settled;
      const { finalizers = [], uid, name, deletionTimestamp } = volume.metadata;
      const [attached] = cache.indexed(VolumeAttachments, OF_VOLUME, key);
      if (attached && isToDelete(volume)) {
        const message = `persistentvolume ${name} is still attached to node ${attached.spec.nodeName}`;
        if (uid && told.isNew(uid, message)) record(volume, { type: 'Warning', reason: 'VolumeFailedDelete', message });
        return settled;
      }
      if (!deletionTimestamp && isToDelete(volume)) {
        await ignoreGone(client.remove(PersistentVolumes, { name }, { preconditions: { uid }, signal }));
      }
      if (deletionTimestamp && finalizers.includes(HOLD) && volume.status?.phase !== 'Bound') {
        const metadata = { ...volume.metadata, finalizers: finalizers.filter((one) => one !== HOLD) };
        await client.update(PersistentVolumes, { ...volume, metadata }, { signal });
      }
      return settled;
    },
  });
}

function isToDelete({ spec, status }: PersistentVolume): boolean {
  return status?.phase === 'Released' && spec.persistentVolumeReclaimPolicy === 'Delete';
}
