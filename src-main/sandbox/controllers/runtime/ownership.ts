import type { KubeObject, OwnerReference } from '#common/kube/object';
import { apiVersionOf, type TypedResource } from '#common/kube/resource';
import { isNotFound } from '#common/kube/status-error';
import { matchesSelector, type LabelSelector } from '#common/kinds/selector';
import type { ReconcileContext } from './define-controller';

/** The reference with which `owner` controls an object. */
export function controllerReference(resource: TypedResource<KubeObject>, { metadata }: KubeObject): OwnerReference {
  return {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    name: metadata.name,
    uid: metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Which objects an owner keeps, takes in and lets go. */
export interface ClaimPlan<T extends KubeObject> {
  kept: T[];
  adopt: T[];
  release: T[];
}

/** Orphans that match are adopted, children that no longer match are released; an owner on its way out does neither. */
export function planClaims<T extends KubeObject>(
  owner: KubeObject,
  selector: LabelSelector | undefined,
  { owned, orphans }: { owned: readonly T[]; orphans: readonly T[] },
): ClaimPlan<T> {
  const matches = (object: T) => matchesSelector(selector, object);
  const kept: T[] = [];
  const others: T[] = [];
  for (const object of owned) (matches(object) ? kept : others).push(object);
  if (owner.metadata.deletionTimestamp) return { kept, adopt: [], release: [] };
  const adopt = orphans.filter((object) => !object.metadata.deletionTimestamp && matches(object));
  return { kept, adopt, release: others };
}

interface Claim<T extends KubeObject> {
  owner: KubeObject;
  ownerResource: TypedResource<KubeObject>;
  selector: LabelSelector | undefined;
  resource: TypedResource<T>;
  /** Others are neither adopted nor released. */
  only?: (object: T) => boolean;
  /** Finalizers that adopted objects get. */
  finalizers?: readonly string[];
}

/** The objects of `resource` that belong to the owner, after adopting and releasing. */
export async function claim<T extends KubeObject>(
  { owner, ownerResource, selector, resource, only = () => true, finalizers = [] }: Claim<T>,
  { cache, client, signal }: ReconcileContext,
): Promise<T[]> {
  const owned = cache.ownedBy(resource, owner);
  const orphans = cache.orphansIn(resource, owner.metadata.namespace);
  const plan = planClaims(owner, selector, { owned, orphans });
  const adopted: T[] = [];
  for (const object of plan.adopt.filter(only)) {
    const ownerReferences = [controllerReference(ownerResource, owner)];
    const marks = finalizers.length > 0 ? { finalizers } : {};
    const patch = { metadata: { ownerReferences, ...marks, uid: object.metadata.uid } };
    adopted.push(await client.patch(resource, refOf(object), { type: 'strategic', patch }, { signal }));
  }
  for (const object of plan.release.filter(only)) {
    const ownerReferences = [{ $patch: 'delete', uid: owner.metadata.uid }];
    const patch = { metadata: { ownerReferences, uid: object.metadata.uid } };
    await ignoreGone(client.patch(resource, refOf(object), { type: 'strategic', patch }, { signal }));
  }
  return [...plan.kept, ...adopted];
}

export function refOf({ metadata }: KubeObject): { name: string; namespace?: string | undefined } {
  return { name: metadata.name, namespace: metadata.namespace };
}

/** What is gone needs nothing more done to it. */
export async function ignoreGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (failure) {
    if (!isNotFound(failure)) throw failure;
  }
}
