import { formatTime } from '#common/base/clock';
import { CSINodes, PersistentVolumes, VolumeAttachments } from '#common/kube/resources';
import type { PersistentVolume, VolumeAttachment } from '#common/kube/types';
import type { ControllerCache } from '../runtime/controller-cache';
import {
  defineController,
  namedIndex,
  settled,
  watched,
  type Controller,
  type ReconcileContext,
} from '../runtime/define-controller';
import { attachmentsOfVolume, OF_VOLUME } from './attach-detach';
import type { StorageDriver } from './storage-drivers';

const NODE_ID = 'csi.alpha.kubernetes.io/node-id';
const OF_NODE_AND_DRIVER = 'controllers/attachments-of-node-and-driver';

/** Holds attachments, and volumes that are attached, until the driver has let them go. */
const holdOf = (driver: string): string => `external-attacher/${driver.replaceAll(/[^a-zA-Z0-9-]/g, '-')}`;

/** Attaches and detaches the volumes of `driver`: an external attacher, as storage systems bring one. */
export function attacher(driver: StorageDriver): Controller {
  const hold = holdOf(driver.provisioner);
  return defineController({
    name: `attacher ${driver.provisioner}`,
    reconciles: VolumeAttachments,
    indexes: [namedIndex(VolumeAttachments, OF_NODE_AND_DRIVER, ({ spec }) => [`${spec.nodeName} ${spec.attacher}`])],
    watches: [
      watched(CSINodes, ({ metadata }, cache) =>
        cache
          .indexed(VolumeAttachments, OF_NODE_AND_DRIVER, `${metadata.name} ${driver.provisioner}`)
          .map((one) => one.metadata.name),
      ),
      watched(PersistentVolumes, () => []),
    ],

    async reconcile(key, context) {
      const attachment = context.cache.get(VolumeAttachments, key);
      if (attachment?.spec.attacher !== driver.provisioner) return settled;
      if (attachment.metadata.deletionTimestamp) await detach(attachment, hold, context);
      else if (!attachment.status?.attached) await attach(attachment, hold, context);
      return settled;
    },
  });
}

async function attach(attachment: VolumeAttachment, hold: string, context: ReconcileContext): Promise<void> {
  const { client, clock, signal } = context;
  const verdict = verdictOn(attachment, context.cache);
  if ('refusal' in verdict) {
    const { refusal: message } = verdict;
    if (attachment.status?.attachError?.message === message) return;
    const attachError = { message, time: formatTime(clock.now()) };
    const refused = { ...attachment, status: { attached: false, attachError } };
    await client.updateStatus(VolumeAttachments, refused, { signal });
    return;
  }
  await held(verdict.volume, hold, context);
  const { finalizers = [], annotations = {} } = attachment.metadata;
  const metadata = {
    ...attachment.metadata,
    finalizers: finalizers.includes(hold) ? finalizers : [...finalizers, hold],
    annotations: { ...annotations, [NODE_ID]: verdict.nodeId },
  };
  const kept = await client.update(VolumeAttachments, { ...attachment, metadata }, { signal });
  await client.updateStatus(VolumeAttachments, { ...kept, status: { attached: true } }, { signal });
}

/** The volume and what the driver calls the node, or why it cannot attach the one to the other. */
function verdictOn(
  { spec: { attacher: driver, nodeName, source } }: VolumeAttachment,
  cache: ControllerCache,
): { volume: PersistentVolume; nodeId: string } | { refusal: string } {
  const { persistentVolumeName: name = '' } = source;
  const volume = cache.get(PersistentVolumes, name);
  if (!volume) return { refusal: `persistentvolume "${name}" not found` };
  if (volume.metadata.deletionTimestamp) return { refusal: `PersistentVolume "${name}" is marked for deletion` };
  const csiNode = cache.get(CSINodes, nodeName);
  if (!csiNode) return { refusal: `csinode.storage.k8s.io "${nodeName}" not found` };
  const nodeId = csiNode.spec.drivers?.find((one) => one.name === driver)?.nodeID;
  return nodeId === undefined
    ? { refusal: `CSINode ${nodeName} does not contain driver ${driver}` }
    : { volume, nodeId };
}

async function held(volume: PersistentVolume, hold: string, { client, signal }: ReconcileContext): Promise<void> {
  const { finalizers = [] } = volume.metadata;
  if (finalizers.includes(hold)) return;
  const metadata = { ...volume.metadata, finalizers: [...finalizers, hold] };
  await client.update(PersistentVolumes, { ...volume, metadata }, { signal });
}

async function detach(attachment: VolumeAttachment, hold: string, { client, signal }: ReconcileContext): Promise<void> {
  const { finalizers = [] } = attachment.metadata;
  if (!finalizers.includes(hold)) return;
  const released = await client.updateStatus(
    VolumeAttachments,
    { ...attachment, status: { attached: false } },
    { signal },
  );
  const metadata = { ...released.metadata, finalizers: finalizers.filter((one) => one !== hold) };
  await client.update(VolumeAttachments, { ...released, metadata }, { signal });
}

/** Lets go of volumes that are to be deleted as soon as no node has them. */
export function attachedVolumes(driver: StorageDriver): Controller {
  const hold = holdOf(driver.provisioner);
  return defineController({
    name: `attached volumes ${driver.provisioner}`,
    reconciles: PersistentVolumes,
    indexes: [attachmentsOfVolume],
    watches: [watched(VolumeAttachments, ({ spec }) => [spec.source.persistentVolumeName ?? []].flat())],

    async reconcile(key, { cache, client, signal }) {
      const volume = cache.get(PersistentVolumes, key);
      const { finalizers = [], deletionTimestamp } = volume?.metadata ?? {};
      if (!volume || !deletionTimestamp || !finalizers.includes(hold)) return settled;
      if (cache.indexed(VolumeAttachments, OF_VOLUME, key).length > 0) return settled;
      const metadata = { ...volume.metadata, finalizers: finalizers.filter((one) => one !== hold) };
      await client.update(PersistentVolumes, { ...volume, metadata }, { signal });
      return settled;
    },
  });
}
