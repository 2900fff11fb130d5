import {
  BIND_COMPLETED,
  classOf,
  isReservedFor,
  matchingVolume,
  mismatchOf,
  SELECTED_NODE,
  waitsForConsumer,
} from '#common/kinds/volume-matching';
import { keyOf } from '#common/kube/object';
import { PersistentVolumeClaims, PersistentVolumes, Pods, StorageClasses } from '#common/kube/resources';
import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '#common/kube/types';
import type { ControllerCache } from '../runtime/controller-cache';
import {
  defineController,
  namedIndex,
  settled,
  watched,
  type Controller,
  type ReconcileContext,
} from '../runtime/define-controller';
import type { EventNote } from '../runtime/event-recorder';
import { annotated, bind, writeClaimStatus } from './binding-writes';
import { claimNames } from './pod-claims';
import { Told } from './told';

export const BINDER_COMPONENT = 'persistentvolume-controller';
const UNBOUND = 'controllers/unbound-claim';
const PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
const OLD_PROVISIONER = 'volume.beta.kubernetes.io/storage-provisioner';
const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

/** Finds a volume for every claim, or asks for one to be made. */
export function claimBinder(): Controller {
  const told = new Told();
  return defineController({
    name: 'persistentvolume-claim-binder',
    component: BINDER_COMPONENT,
    reconciles: PersistentVolumeClaims,
    // One at a time, as the real one: two claims never reach for the same volume.
    concurrency: 1,
    indexes: [namedIndex(PersistentVolumeClaims, UNBOUND, (claim) => (wasBound(claim) ? [] : ['']))],
    watches: [
      watched(PersistentVolumes, claimsOfVolume),
      watched(StorageClasses, (_, cache) => unbound(cache)),
      watched(Pods, unboundOfPod),
    ],

    async reconcile(key, context) {
      const claim = context.cache.get(PersistentVolumeClaims, key);
      if (!claim) return settled;
      const quiet = { ...context, record: newsOnly(context, told) };
      await (wasBound(claim) ? keepBound(claim, quiet) : findVolume(claim, quiet));
      return settled;
    },
  });
}

const wasBound = ({ metadata }: PersistentVolumeClaim): boolean => metadata.annotations?.[BIND_COMPLETED] !== undefined;

function newsOnly({ record }: ReconcileContext, told: Told): ReconcileContext['record'] {
  return (about, note) => {
    if (told.isNew(about.metadata.uid, `${note.reason} ${note.message}`)) record(about, note);
  };
}

function unbound(cache: ControllerCache): string[] {
  return cache.indexed(PersistentVolumeClaims, UNBOUND, '').map(keyOf);
}

function claimsOfVolume({ spec }: PersistentVolume, cache: ControllerCache): string[] {
  const { claimRef } = spec;
  return claimRef ? [`${claimRef.namespace}/${claimRef.name}`] : unbound(cache);
}

function unboundOfPod(pod: Pod, cache: ControllerCache): string[] {
  const keys = claimNames(pod).map((name) => `${pod.metadata.namespace}/${name}`);
  return keys.filter((key) => {
    const claim = cache.get(PersistentVolumeClaims, key);
    return claim && !wasBound(claim);
  });
}

async function findVolume(claim: PersistentVolumeClaim, context: ReconcileContext): Promise<void> {
  if (claim.spec.volumeName) return takeNamed(claim, claim.spec.volumeName, context);
  const storageClass = context.cache.get(StorageClasses, classOf(claim));
  const delayed = waitsForConsumer(storageClass);
  const volume = matchingVolume(claim, context.cache.values(PersistentVolumes), { delayed });
  if (volume) return bind(volume, claim, context);
  if (await takeDefaultClass(claim, context)) return;
  const waits = delayed && !claim.metadata.annotations?.[SELECTED_NODE];
  if (!waits && classOf(claim)) return askForVolume(claim, storageClass, context);
  context.record(claim, waits ? consumerNote(claim, context.cache) : NO_CLASS);
  await writeClaimStatus(claim, 'Pending', { context });
}

const NO_CLASS: EventNote = {
  type: 'Normal',
  reason: 'FailedBinding',
  message: 'no persistent volumes available for this claim and no storage class is set',
};

/** A claim that named no class gets the default one when there is one at last. */
async function takeDefaultClass(
  claim: PersistentVolumeClaim,
  { cache, client, signal }: ReconcileContext,
): Promise<boolean> {
  if (claim.spec.storageClassName !== undefined || classOf(claim)) return false;
  const chosen = newest([...cache.values(StorageClasses)].filter(isDefault));
  if (!chosen) return false;
  const spec = { ...claim.spec, storageClassName: chosen.metadata.name };
  await client.update(PersistentVolumeClaims, { ...claim, spec }, { signal });
  return true;
}

const isDefault = ({ metadata }: StorageClass): boolean => metadata.annotations?.[DEFAULT_CLASS] === 'true';

function newest(classes: readonly StorageClass[]): StorageClass | undefined {
  const order = ({ metadata: left }: StorageClass, { metadata: right }: StorageClass) =>
    right.creationTimestamp.localeCompare(left.creationTimestamp) || left.name.localeCompare(right.name);
  return classes.toSorted(order)[0];
}

async function takeNamed(claim: PersistentVolumeClaim, name: string, context: ReconcileContext): Promise<void> {
  const volume = context.cache.get(PersistentVolumes, name);
  const refusal = volume && refusalOf(volume, claim);
  if (volume && !refusal) return bind(volume, claim, context);
  if (refusal) context.record(claim, { type: 'Warning', ...refusal });
  await writeClaimStatus(claim, 'Pending', { context });
}

/** Why a claim does not get the volume it names. */
export function refusalOf(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
): { reason: string; message: string } | undefined {
  const { name } = volume.metadata;
  if (isReservedFor(volume, claim)) return undefined;
  if (volume.spec.claimRef) {
    return { reason: 'FailedBinding', message: `volume "${name}" already bound to a different claim.` };
  }
  const mismatch = mismatchOf(volume, claim);
  return mismatch
    ? { reason: 'VolumeMismatch', message: `Cannot bind to requested volume "${name}": ${mismatch}` }
    : undefined;
}

function consumerNote(claim: PersistentVolumeClaim, cache: ControllerCache): EventNote {
  const waiting = cache
    .inNamespace(Pods, claim.metadata.namespace)
    .filter((pod) => !pod.spec.nodeName && claimNames(pod).includes(claim.metadata.name))
    .map(({ metadata }) => metadata.name);
  if (waiting.length === 0) {
    const message = 'waiting for first consumer to be created before binding';
    return { type: 'Normal', reason: 'WaitForFirstConsumer', message };
  }
  const pods = waiting.length > 1 ? 'pods' : 'pod';
  const message = `waiting for ${pods} ${waiting.join(',')} to be scheduled`;
  return { type: 'Normal', reason: 'WaitForPodScheduled', message };
}

/** Leaves the rest to the provisioner of the class: it looks for its name on claims. */
async function askForVolume(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass | undefined,
  { client, record, signal }: ReconcileContext,
): Promise<void> {
  const failure = classFailure(classOf(claim), storageClass);
  if (failure || !storageClass) {
    record(claim, { type: 'Warning', reason: 'ProvisioningFailed', message: failure ?? '' });
    return;
  }
  const { provisioner } = storageClass;
  if (claim.metadata.annotations?.[PROVISIONER] !== provisioner) {
    const metadata = annotated(claim.metadata, { [PROVISIONER]: provisioner, [OLD_PROVISIONER]: provisioner });
    await client.update(PersistentVolumeClaims, { ...claim, metadata }, { signal });
  }
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
  record(claim, { type: 'Normal', reason: 'ExternalProvisioning', message });
}

/** Names under `kubernetes.io/` are those of plugins in the controller manager, which has none any more. */
function classFailure(name: string, storageClass: StorageClass | undefined): string | undefined {
  if (!storageClass) return `storageclass.storage.k8s.io "${name}" not found`;
  const { provisioner } = storageClass;
  return provisioner.startsWith('kubernetes.io/') ? `no volume plugin matched name: ${provisioner}` : undefined;
}

const LOST_REFERENCE = 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!';
const LOST_VOLUME = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!';
const MISBOUND = 'Two claims are bound to the same volume, this one is bound incorrectly';

async function keepBound(claim: PersistentVolumeClaim, context: ReconcileContext): Promise<void> {
  const { volumeName } = claim.spec;
  if (!volumeName) return lose(claim, 'ClaimLost', { message: LOST_REFERENCE, context });
  const volume = context.cache.get(PersistentVolumes, volumeName);
  if (!volume) return lose(claim, 'ClaimLost', { message: LOST_VOLUME, context });
  const { claimRef } = volume.spec;
  if (claimRef && claimRef.uid !== claim.metadata.uid) {
    return lose(claim, 'ClaimMisbound', { message: MISBOUND, context });
  }
  if (claim.metadata.deletionTimestamp && claim.status?.phase === 'Bound') return;
  await bind(volume, claim, context);
}

async function lose(
  claim: PersistentVolumeClaim,
  reason: string,
  { message, context }: { message: string; context: ReconcileContext },
): Promise<void> {
  if (claim.status?.phase === 'Lost') return;
  await writeClaimStatus(claim, 'Lost', { context });
  context.record(claim, { type: 'Warning', reason, message });
}
