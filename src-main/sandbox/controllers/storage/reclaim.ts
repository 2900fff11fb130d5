/** What becomes of a volume whose claim is gone: kept, scrubbed for the next one, or deleted. */
import { PersistentVolumes, Pods } from '#common/kube/resources';
import { isAlreadyExists } from '#common/kube/status-error';
import type { PersistentVolume, Pod, Volume } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { settled, type Outcome, type ReconcileContext } from '../runtime/define-controller';
import { ignoreGone } from '../runtime/ownership';
import { unbind, writePhase } from './binding-writes';

export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
const RECYCLER_NAMESPACE = 'default';
const RECYCLER_PREFIX = 'recycler-for-';

export async function reclaim(volume: PersistentVolume, context: ReconcileContext): Promise<Outcome> {
  switch (volume.spec.persistentVolumeReclaimPolicy) {
    case 'Recycle':
      await recycle(volume, context);
      return settled;
    case 'Delete':
      await deleteVolume(volume, context);
      return settled;
    default:
      return settled;
  }
}

async function deleteVolume(volume: PersistentVolume, context: ReconcileContext): Promise<void> {
  // Whoever made it takes it away.
  if (volume.metadata.annotations?.[PROVISIONED_BY]) return;
  const failure = deletionFailure(volume);
  if (failure) return fail(volume, context, { reason: 'VolumeFailedDelete', message: failure });
  const { name, uid, deletionTimestamp } = volume.metadata;
  if (deletionTimestamp) return;
  const { client, signal } = context;
  await ignoreGone(client.remove(PersistentVolumes, { name }, { preconditions: { uid }, signal }));
}

/** The controller manager itself can delete no volume but a folder under /tmp. */
export function deletionFailure({ metadata, spec }: PersistentVolume): string | undefined {
  if (!spec.hostPath) {
    return `error getting deleter volume plugin for volume "${metadata.name}": no deletable volume plugin matched`;
  }
  const { path } = spec.hostPath;
  return /^\/tmp\/.+/.test(path) ? undefined : `host_path deleter only supports /tmp/.+ but received provided ${path}`;
}

async function fail(
  volume: PersistentVolume,
  context: ReconcileContext,
  { reason, message }: { reason: string; message: string },
): Promise<void> {
  if (volume.status?.phase === 'Failed' && volume.status.message === message) return;
  await writePhase(volume, 'Failed', context, message);
  context.record(volume, { type: 'Warning', reason, message });
}

/** The volume whose scrubbing a Pod does; undefined for other Pods. */
export function recycledVolume({ metadata }: Pod): string | undefined {
  const isRecycler = metadata.namespace === RECYCLER_NAMESPACE && metadata.name.startsWith(RECYCLER_PREFIX);
  return isRecycler ? metadata.name.slice(RECYCLER_PREFIX.length) : undefined;
}

async function recycle(volume: PersistentVolume, context: ReconcileContext): Promise<void> {
  const source = recyclable(volume);
  if (!source) {
    const message = 'No recycler plugin found for the volume!';
    return fail(volume, context, { reason: 'VolumeFailedRecycle', message });
  }
  const ref = { name: `${RECYCLER_PREFIX}${volume.metadata.name}`, namespace: RECYCLER_NAMESPACE };
  const pod = context.cache.get(Pods, `${ref.namespace}/${ref.name}`);
  const { client, record, signal } = context;
  if (!pod) {
    await unlessThere(client.create(Pods, recyclerPod(ref, source), { signal }));
    return;
  }
  const phase = pod.status?.phase;
  if (phase !== 'Succeeded' && phase !== 'Failed') return;
  await ignoreGone(client.remove(Pods, ref, { preconditions: { uid: pod.metadata.uid }, signal }));
  if (phase === 'Failed') {
    const message = `Recycle failed: ${pod.status?.message ?? 'pod failed, pod.Status.Message unknown'}`;
    return fail(volume, context, { reason: 'VolumeFailedRecycle', message });
  }
  record(volume, { type: 'Normal', reason: 'VolumeRecycled', message: 'Volume recycled' });
  await unbind(volume, context);
}

function recyclable({ spec: { hostPath, nfs } }: PersistentVolume): Omit<Volume, 'name'> | undefined {
  if (hostPath) return { hostPath };
  return nfs ? { nfs } : undefined;
}

/** The Pod the release's controller manager runs to empty a volume. */
function recyclerPod(metadata: { name: string; namespace: string }, source: Omit<Volume, 'name'>): Draft<Pod> {
  const script = 'test -e /scrub && find /scrub -mindepth 1 -delete && test -z "$(ls -A /scrub)" || exit 1';
  const container = {
    name: 'pv-recycler',
    image: 'registry.k8s.io/build-image/debian-base:bookworm-v1.0.6',
    command: ['/bin/sh'],
    args: ['-c', script],
    volumeMounts: [{ name: 'vol', mountPath: '/scrub' }],
  };
  const spec = {
    activeDeadlineSeconds: 60,
    restartPolicy: 'Never',
    volumes: [{ name: 'vol', ...source }],
    containers: [container],
  };
  return { metadata, spec };
}

async function unlessThere(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (failure) {
    if (!isAlreadyExists(failure)) throw failure;
  }
}
