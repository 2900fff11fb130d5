/** How many Pods the controllers of some Pods want in all. */
import { controllerOf, type OwnerReference } from '#common/kube/object';
import { groupResource, parseApiVersion, type TypedResource } from '#common/kube/resource';
import { Deployments, ReplicaSets, ReplicationControllers, StatefulSets } from '#common/kube/resources';
import { isNotFound } from '#common/kube/status-error';
import type { Deployment, Pod, ReplicaSet, ReplicationController, StatefulSet } from '#common/kube/types';
import type { KubeObject } from '#common/kube/object';
import { discover } from '#main/client/discovery/discover';
import { findTarget } from '../autoscaling/scale-target';
import type { ReconcileContext } from '../runtime/define-controller';

export interface ExpectedScale {
  count: number;
  /** Names of Pods that nobody controls: they count for nothing. */
  unmanaged: string[];
}

interface ControllerScale {
  uid: string;
  replicas: number;
}

/** Throws an Error whose message the budget's condition tells. */
export async function expectedScale(pods: readonly Pod[], context: ReconcileContext): Promise<ExpectedScale> {
  const unmanaged: string[] = [];
  /** By the uid of the Pods' own controller. */
  const asked = new Set<string>();
  const scales = new Map<string, number>();
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (!owner) {
      unmanaged.push(pod.metadata.name);
      continue;
    }
    if (asked.has(owner.uid)) continue;
    asked.add(owner.uid);
    const scale = await scaleOf(owner, pod.metadata.namespace ?? '', context);
    if (!scale) throw new Error(`found no controllers for pod "${pod.metadata.name}"`);
    scales.set(scale.uid, scale.replicas);
  }
  return { count: [...scales.values()].reduce((sum, replicas) => sum + replicas, 0), unmanaged };
}

type Scaled = Deployment | ReplicaSet | ReplicationController | StatefulSet;

const KNOWN: Readonly<Record<string, TypedResource<Scaled>>> = {
  'apps/ReplicaSet': ReplicaSets,
  'apps/StatefulSet': StatefulSets,
  '/ReplicationController': ReplicationControllers,
};

async function scaleOf(
  owner: OwnerReference,
  namespace: string,
  context: ReconcileContext,
): Promise<ControllerScale | undefined> {
  const resource = KNOWN[`${parseApiVersion(owner.apiVersion).group}/${owner.kind}`];
  const known = resource && cached(resource, owner, namespace, context);
  // A ReplicaSet of a Deployment stands for all of them.
  const above = known && owner.kind === 'ReplicaSet' ? controllerOf(known) : undefined;
  if (above?.kind === 'Deployment') {
    const deployment = cached(Deployments, above, namespace, context);
    if (deployment) return sizeOf(deployment);
  } else if (known) return sizeOf(known);
  return askedScale(owner, namespace, context);
}

function cached<T extends KubeObject>(
  resource: TypedResource<T>,
  { name, uid }: OwnerReference,
  namespace: string,
  { cache }: ReconcileContext,
): T | undefined {
  const object = cache.get(resource, `${namespace}/${name}`);
  return object?.metadata.uid === uid ? object : undefined;
}

const sizeOf = ({ metadata, spec }: Scaled): ControllerScale => ({ uid: metadata.uid, replicas: spec?.replicas ?? 1 });

/** Any other kind, custom ones too, through its scale subresource. */
async function askedScale(
  owner: OwnerReference,
  namespace: string,
  { client, signal }: ReconcileContext,
): Promise<ControllerScale | undefined> {
  try {
    const { scale } = await findTarget(client, owner, namespace, signal);
    if (scale.metadata.uid !== owner.uid) return undefined;
    return { uid: owner.uid, replicas: scale.spec?.replicas ?? 0 };
  } catch (failure) {
    if (!isNotFound(failure)) throw failure;
  }
  const { group } = parseApiVersion(owner.apiVersion);
  const { resources } = await discover(client, signal);
  const kind = resources.find((one) => one.group === group && one.kind === owner.kind);
  if (kind && !kind.scalable) throw new Error(`${groupResource(kind)} does not implement the scale subresource`);
  return undefined;
}
