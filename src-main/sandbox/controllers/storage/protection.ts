/** Claims in use by Pods and volumes bound to claims are not deleted under them: a finalizer holds them until they are free. */
import type { KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import { PersistentVolumeClaims, PersistentVolumes, Pods } from '#common/kube/resources';
import type { Pod } from '#common/kube/types';
import { defineController, settled, watched, type ReconcileContext } from '../runtime/define-controller';
import { claimNames } from './pod-claims';

export const CLAIM_PROTECTION = 'kubernetes.io/pvc-protection';
export const VOLUME_PROTECTION = 'kubernetes.io/pv-protection';

export const claimProtectionController = defineController({
  name: 'persistentvolumeclaim-protection',
  reconciles: PersistentVolumeClaims,
  watches: [watched(Pods, (pod) => claimNames(pod).map((name) => `${pod.metadata.namespace}/${name}`))],

  async reconcile(key, context) {
    const claim = context.cache.get(PersistentVolumeClaims, key);
    if (!claim) return settled;
    const isUsed = () =>
      context.cache.inNamespace(Pods, claim.metadata.namespace).some((pod) => uses(pod, claim.metadata.name));
    await protect({ resource: PersistentVolumeClaims, finalizer: CLAIM_PROTECTION, isUsed }, claim, context);
    return settled;
  },
});

/** A Pod without a node does not count: no kubelet starts it on a claim that is on its way out. */
function uses(pod: Pod, claim: string): boolean {
  return !!pod.spec.nodeName && claimNames(pod).includes(claim);
}

export const volumeProtectionController = defineController({
  name: 'persistentvolume-protection',
  reconciles: PersistentVolumes,

  async reconcile(key, context) {
    const volume = context.cache.get(PersistentVolumes, key);
    if (!volume) return settled;
    const isUsed = () => volume.status?.phase === 'Bound';
    await protect({ resource: PersistentVolumes, finalizer: VOLUME_PROTECTION, isUsed }, volume, context);
    return settled;
  },
});

interface Protection<T extends KubeObject> {
  resource: TypedResource<T>;
  finalizer: string;
  isUsed: () => boolean;
}

async function protect<T extends KubeObject>(
  { resource, finalizer, isUsed }: Protection<T>,
  object: T,
  { client, signal }: ReconcileContext,
): Promise<void> {
  const { finalizers = [], deletionTimestamp } = object.metadata;
  const has = finalizers.includes(finalizer);
  const wanted = deletionTimestamp ? has && isUsed() : true;
  if (wanted === has) return;
  const next = wanted ? [...finalizers, finalizer] : finalizers.filter((name) => name !== finalizer);
  const metadata = { ...object.metadata, finalizers: next };
  await client.update(resource, { ...object, metadata }, { signal });
}
