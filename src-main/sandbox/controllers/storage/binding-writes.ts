/** The writes that join a claim and a volume, and the phases both show. */
import { formatTime } from '#common/base/clock';
import { BIND_COMPLETED, BOUND_BY_CONTROLLER, isReservedFor } from '#common/kinds/volume-matching';
import { PersistentVolumeClaims, PersistentVolumes } from '#common/kube/resources';
import type { ObjectReference, PersistentVolume, PersistentVolumeClaim } from '#common/kube/types';
import type { ReconcileContext } from '../runtime/define-controller';
import { sameJson } from '../runtime/same-json';

/** Joins both sides in the order that a crash in between does not hurt: the volume first. Writes only what is missing. */
export async function bind(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
  context: ReconcileContext,
): Promise<void> {
  const bound = await writePhase(await reserve(volume, claim, context), 'Bound', context);
  await writeClaimStatus(await fill(claim, bound, context), 'Bound', { volume: bound, context });
}

export function claimReference({ metadata }: PersistentVolumeClaim): ObjectReference {
  const { name, namespace = '', uid, resourceVersion } = metadata;
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion };
}

async function reserve(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
  { client, signal }: ReconcileContext,
): Promise<PersistentVolume> {
  const isOurs = isReservedFor(volume, claim);
  if (isOurs && volume.spec.claimRef?.uid === claim.metadata.uid) return volume;
  const metadata = isOurs ? volume.metadata : annotated(volume.metadata, { [BOUND_BY_CONTROLLER]: 'yes' });
  const spec = { ...volume.spec, claimRef: claimReference(claim) };
  return client.update(PersistentVolumes, { ...volume, metadata, spec }, { signal });
}

async function fill(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
  { client, signal }: ReconcileContext,
): Promise<PersistentVolumeClaim> {
  const { name } = volume.metadata;
  const isNamed = claim.spec.volumeName === name;
  if (isNamed && claim.metadata.annotations?.[BIND_COMPLETED]) return claim;
  const marks = { [BIND_COMPLETED]: 'yes', ...(isNamed ? {} : { [BOUND_BY_CONTROLLER]: 'yes' }) };
  const metadata = annotated(claim.metadata, marks);
  const spec = { ...claim.spec, volumeName: name };
  return client.update(PersistentVolumeClaims, { ...claim, metadata, spec }, { signal });
}

/** `message` says why a volume has failed. */
export async function writePhase(
  volume: PersistentVolume,
  phase: string,
  { client, clock, signal }: ReconcileContext,
  message = '',
): Promise<PersistentVolume> {
  const { status } = volume;
  if (status?.phase === phase && (status.message ?? '') === message) return volume;
  const lastPhaseTransitionTime = status?.phase === phase ? status.lastPhaseTransitionTime : formatTime(clock.now());
  const next = {
    phase,
    ...(message ? { message } : {}),
    ...(lastPhaseTransitionTime ? { lastPhaseTransitionTime } : {}),
  };
  return client.updateStatus(PersistentVolumes, { ...volume, status: next }, { signal });
}

interface ClaimPhaseOptions {
  volume?: PersistentVolume;
  context: ReconcileContext;
}

/** What a bound claim has is what its volume has; it grows only by way of an expansion. */
export async function writeClaimStatus(
  claim: PersistentVolumeClaim,
  phase: string,
  { volume, context: { client, signal } }: ClaimPhaseOptions,
): Promise<PersistentVolumeClaim> {
  const { accessModes: _, capacity: before, ...rest } = claim.status ?? {};
  const becomesBound = claim.status?.phase !== phase;
  const capacity = becomesBound ? volume?.spec.capacity : before;
  const given = volume ? { accessModes: volume.spec.accessModes ?? [], ...(capacity ? { capacity } : {}) } : {};
  const status = { ...rest, phase, ...given };
  if (sameJson(status, claim.status)) return claim;
  return client.updateStatus(PersistentVolumeClaims, { ...claim, status }, { signal });
}

/** A volume that somebody reserved by name keeps the name. */
export async function unbind(volume: PersistentVolume, context: ReconcileContext): Promise<void> {
  const { claimRef, ...spec } = volume.spec;
  const { [BOUND_BY_CONTROLLER]: byController, ...annotations } = volume.metadata.annotations ?? {};
  const { uid: _, ...named } = claimRef ?? {};
  const next: PersistentVolume = byController
    ? { ...volume, metadata: { ...volume.metadata, annotations }, spec }
    : { ...volume, spec: { ...spec, ...(claimRef ? { claimRef: named } : {}) } };
  const { client, signal } = context;
  await writePhase(await client.update(PersistentVolumes, next, { signal }), 'Available', context);
}

type Metadata = PersistentVolume['metadata'];

export function annotated(metadata: Metadata, marks: Record<string, string>): Metadata {
  return { ...metadata, annotations: { ...metadata.annotations, ...marks } };
}
