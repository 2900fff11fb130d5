import { controllerOf } from '#common/kube/object';
import { Pods, ResourceClaims } from '#common/kube/resources';
import { isNotFound } from '#common/kube/status-error';
import type { ResourceClaimConsumerReference, ResourceV1ResourceClaim } from '#common/kube/types';
import { defineController, settled, watched, type ReconcileContext } from '../runtime/define-controller';
import { ignoreGone, refOf } from '../runtime/ownership';
import { claimName, COMPONENT, isDone } from './pod-claims';

/** Holds a claim while something is allocated to it. */
const HOLD = 'resource.kubernetes.io/delete-protection';

/** Lets go of claims whose Pods are done: first the reservation, then what was allocated, then the claim that was made for one. */
export const resourceClaimConsumers = defineController({
  name: 'resource-claim-consumers',
  component: COMPONENT,
  reconciles: ResourceClaims,
  watches: [
    watched(Pods, (pod) =>
      (pod.spec.resourceClaims ?? []).flatMap((claim) => {
        const name = claimName(pod, claim);
        return name === undefined ? [] : [`${pod.metadata.namespace}/${name}`];
      }),
    ),
  ],

  async reconcile(key, context) {
    const claim = context.cache.get(ResourceClaims, key);
    if (!claim) return settled;
    const { reservedFor = [] } = claim.status ?? {};
    const remaining: ResourceClaimConsumerReference[] = [];
    for (const consumer of reservedFor) if (await isNeeded(consumer, claim, context)) remaining.push(consumer);
    const isDeleted = claim.metadata.deletionTimestamp !== undefined && remaining.length === 0;
    if (remaining.length < reservedFor.length || (isDeleted && isHeld(claim))) await letGo(claim, remaining, context);
    if (remaining.length === 0) await removeUnused(claim, context);
    return settled;
  },
});

const isHeld = ({ metadata }: ResourceV1ResourceClaim): boolean => metadata.finalizers?.includes(HOLD) === true;

/** Consumers of other kinds are not ours to judge. A Pod that the cache does not know is asked for: it may be new. */
async function isNeeded(
  { apiGroup, resource, name, uid }: ResourceClaimConsumerReference,
  { metadata: { namespace } }: ResourceV1ResourceClaim,
  { cache, client, signal }: ReconcileContext,
): Promise<boolean> {
  if (apiGroup || resource !== 'pods') return true;
  const known = cache.get(Pods, `${namespace}/${name}`);
  if (known) return known.metadata.uid === uid && !isDone(known);
  try {
    return (await client.get(Pods, { name, namespace }, { signal })).metadata.uid === uid;
  } catch (failure) {
    if (isNotFound(failure)) return false;
    throw failure;
  }
}

async function letGo(
  claim: ResourceV1ResourceClaim,
  remaining: ResourceClaimConsumerReference[],
  { client, signal }: ReconcileContext,
): Promise<void> {
  const { reservedFor: _, allocation, ...rest } = claim.status ?? {};
  const isFree = remaining.length === 0 && isHeld(claim);
  const status = {
    ...rest,
    ...(remaining.length > 0 ? { reservedFor: remaining } : {}),
    ...(allocation && !isFree ? { allocation } : {}),
  };
  const freed = await client.updateStatus(ResourceClaims, { ...claim, status }, { signal });
  if (!isFree) return;
  const finalizers = (freed.metadata.finalizers ?? []).filter((one) => one !== HOLD);
  const metadata = { ...freed.metadata, finalizers };
  await ignoreGone(client.update(ResourceClaims, { ...freed, metadata }, { signal }));
}

/** The garbage collector does it too, but only when the Pod itself goes. */
async function removeUnused(claim: ResourceV1ResourceClaim, { cache, client, signal }: ReconcileContext) {
  const owner = controllerOf(claim);
  if (owner?.kind !== 'Pod' || owner.apiVersion !== 'v1' || claim.metadata.deletionTimestamp) return;
  const pod = cache.get(Pods, `${claim.metadata.namespace}/${owner.name}`);
  if (!pod || (pod.metadata.uid === owner.uid && !isDone(pod))) return;
  await ignoreGone(client.remove(ResourceClaims, refOf(claim), { signal }));
}
