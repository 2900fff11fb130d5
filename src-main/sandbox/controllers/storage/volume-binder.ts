import { keyOf } from '#common/kube/object';
import { PersistentVolumeClaims, PersistentVolumes, Pods } from '#common/kube/resources';
import { isNotFound } from '#common/kube/status-error';
import type { PersistentVolume, PersistentVolumeClaim } from '#common/kube/types';
import {
  defineController,
  namedIndex,
  settled,
  watched,
  type Outcome,
  type ReconcileContext,
} from '../runtime/define-controller';
import { unbind, writePhase } from './binding-writes';
import { BINDER_COMPONENT } from './claim-binder';
import { PROVISIONED_BY, reclaim, recycledVolume } from './reclaim';

const BY_CLAIM = 'controllers/volume-of-claim';

/** Keeps the phase of every volume true, and lets go of those whose claim is gone as their policy says. */
export const volumeBinder = defineController({
  name: 'persistentvolume-binder',
  component: BINDER_COMPONENT,
  reconciles: PersistentVolumes,
  indexes: [
    namedIndex(PersistentVolumes, BY_CLAIM, ({ spec: { claimRef } }) =>
      claimRef ? [`${claimRef.namespace}/${claimRef.name}`] : [],
    ),
  ],
  watches: [
    watched(PersistentVolumeClaims, (claim, cache) =>
      cache.indexed(PersistentVolumes, BY_CLAIM, keyOf(claim)).map(keyOf),
    ),
    watched(Pods, (pod) => [recycledVolume(pod) ?? []].flat()),
  ],

  async reconcile(key, context) {
    const volume = context.cache.get(PersistentVolumes, key);
    if (!volume) return settled;
    const { claimRef } = volume.spec;
    if (!claimRef?.uid) {
      await writePhase(volume, 'Available', context);
      return settled;
    }
    const claim = await claimOf(volume, context);
    switch (relationOf(volume, claim)) {
      case 'bound':
        await writePhase(volume, 'Bound', context);
        return settled;
      case 'released':
        return release(volume, context);
      case 'elsewhere':
        await unbind(volume, context);
        return settled;
      case 'binding':
        return settled;
    }
  },
});

/** The claim a volume is bound to; asked of the server before a volume is given up, for the cache may lag. */
async function claimOf(
  { spec: { claimRef }, status }: PersistentVolume,
  { cache, client, signal }: ReconcileContext,
): Promise<PersistentVolumeClaim | undefined> {
  const { name = '', namespace = '', uid } = claimRef ?? {};
  const known = cache.get(PersistentVolumeClaims, `${namespace}/${name}`);
  if (known?.metadata.uid === uid) return known;
  if (status?.phase === 'Released' || status?.phase === 'Failed') return undefined;
  try {
    const claim = await client.get(PersistentVolumeClaims, { name, namespace }, { signal });
    return claim.metadata.uid === uid ? claim : undefined;
  } catch (failure) {
    if (isNotFound(failure)) return undefined;
    throw failure;
  }
}

export type Relation = 'bound' | 'binding' | 'released' | 'elsewhere';

/** How a volume with a full reference stands to its claim. */
export function relationOf({ metadata, spec }: PersistentVolume, claim: PersistentVolumeClaim | undefined): Relation {
  if (!claim) return 'released';
  if (!claim.spec.volumeName) return 'binding';
  if (claim.spec.volumeName === metadata.name) return 'bound';
  const isMadeForIt = metadata.annotations?.[PROVISIONED_BY] !== undefined;
  return isMadeForIt && spec.persistentVolumeReclaimPolicy === 'Delete' ? 'released' : 'elsewhere';
}

async function release(volume: PersistentVolume, context: ReconcileContext): Promise<Outcome> {
  const { phase } = volume.status ?? {};
  const isKnown = phase === 'Released' || phase === 'Failed';
  const released = isKnown ? volume : await writePhase(volume, 'Released', context);
  return reclaim(released, context);
}
