import { messageOf } from '#common/base/errors';
import { controllerOf, keyOf } from '#common/kube/object';
import { PersistentVolumeClaims, Pods } from '#common/kube/resources';
import { ApiStatusError } from '#common/kube/status-error';
import type { Pod, Volume } from '#common/kube/types';
import {
  again,
  defineController,
  namedIndex,
  settled,
  watched,
  type ReconcileContext,
} from '../runtime/define-controller';
import { controllerReference } from '../runtime/ownership';

/** After a refusal, by a quota for example. */
const RETRY_MS = 30_000;
const BY_CLAIM = 'controllers/ephemeral-claim';

/** Makes the claims of ephemeral volumes: they live and go with their Pod. */
export const ephemeralVolumeController = defineController({
  name: 'ephemeral-volume',
  component: 'ephemeral_volume',
  reconciles: Pods,
  indexes: [namedIndex(Pods, BY_CLAIM, ephemeralClaims)],
  // A claim that is gone is made again while its Pod is there.
  watches: [watched(PersistentVolumeClaims, (claim, cache) => cache.indexed(Pods, BY_CLAIM, keyOf(claim)).map(keyOf))],

  async reconcile(key, context) {
    const pod = context.cache.get(Pods, key);
    if (!pod || pod.metadata.deletionTimestamp) return settled;
    for (const volume of pod.spec.volumes ?? []) {
      if (!volume.ephemeral) continue;
      try {
        await ensureClaim(pod, volume, context);
      } catch (failure) {
        if (context.signal.aborted) throw failure;
        const isRefused = failure instanceof ApiStatusError;
        const why = isRefused
          ? `create PVC ${pod.metadata.name}-${volume.name}: ${failure.message}`
          : messageOf(failure);
        const message = `ephemeral volume ${volume.name}: ${why}`;
        context.record(pod, { type: 'Warning', reason: 'FailedBinding', message });
        // A claim of somebody else is in the way until it changes.
        return isRefused ? again(RETRY_MS) : settled;
      }
    }
    return settled;
  },
});

function ephemeralClaims({ metadata, spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap(({ name, ephemeral }) =>
    ephemeral ? [`${metadata.namespace}/${metadata.name}-${name}`] : [],
  );
}

async function ensureClaim(pod: Pod, { name, ephemeral }: Volume, context: ReconcileContext): Promise<void> {
  const { cache, client, signal } = context;
  const { namespace = '' } = pod.metadata;
  const claimName = `${pod.metadata.name}-${name}`;
  const claim = cache.get(PersistentVolumeClaims, `${namespace}/${claimName}`);
  if (claim) {
    if (controllerOf(claim)?.uid === pod.metadata.uid) return;
    const who = `PVC ${namespace}/${claimName} was not created for pod ${namespace}/${pod.metadata.name}`;
    throw new Error(`${who} (pod is not owner)`);
  }
  const template = ephemeral?.volumeClaimTemplate;
  if (!template) return;
  const { labels, annotations } = template.metadata ?? {};
  const metadata = {
    name: claimName,
    namespace,
    ...(labels ? { labels } : {}),
    ...(annotations ? { annotations } : {}),
    ownerReferences: [controllerReference(Pods, pod)],
  };
  await client.create(PersistentVolumeClaims, { metadata, spec: template.spec }, { signal });
}
