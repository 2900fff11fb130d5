/** The claims of a StatefulSet's Pods: how they are made, and whose going takes them along. Pure. */
import type { OwnerReference } from '#common/kube/object';
import { apiVersionOf } from '#common/kube/resource';
import { Pods, StatefulSets } from '#common/kube/resources';
import type { PersistentVolumeClaim, Pod, StatefulSet } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { controllerReference } from '../runtime/ownership';
import { ordinalOf, ordinalRange } from './statefulset-plan';

/** Names of the claims of a Pod, in the order of their templates. */
export const claimNames = ({ spec }: StatefulSet, podName: string): string[] =>
  (spec.volumeClaimTemplates ?? []).map(({ metadata }) => `${metadata.name}-${podName}`);

/** Claims outlive their Pod: the next one of that number finds its data again. */
export function claimDrafts(set: StatefulSet, podName: string): Draft<PersistentVolumeClaim>[] {
  const { namespace } = set.metadata;
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    metadata: {
      name: `${metadata.name}-${podName}`,
      ...(namespace ? { namespace } : {}),
      labels: { ...metadata.labels, ...set.spec.selector.matchLabels },
      ...(metadata.annotations ? { annotations: metadata.annotations } : {}),
    },
    spec,
  }));
}

interface Owners {
  set: StatefulSet;
  pod: Pod;
}

/** The owners that a claim should have by the retention policy; undefined when it has them, or is somebody else's. */
export function planClaimOwners(
  { metadata: { ownerReferences = [] } }: PersistentVolumeClaim,
  { set, pod }: Owners,
): OwnerReference[] | undefined {
  const ours = ownerReferences.filter((owner) => names(owner, { set, pod }));
  const uids = new Set([set.metadata.uid, pod.metadata.uid]);
  if (ours.some(({ uid }) => !uids.has(uid))) return undefined;
  const others = ownerReferences.filter((owner) => !ours.includes(owner));
  if (isRetained(set) === false && others.some(({ controller }) => controller)) {
    // Another controller has it: we keep out.
    return ours.length > 0 ? others : undefined;
  }
  const wanted = wantedOwners({ set, pod });
  const isSame =
    wanted.length === ours.length &&
    wanted.every(({ uid }) => ours.some((owner) => owner.uid === uid && owner.controller === true));
  return isSame ? undefined : [...others, ...wanted];
}

function names({ apiVersion, kind, name }: OwnerReference, { set, pod }: Owners): boolean {
  const isOf = (resource: typeof Pods | typeof StatefulSets, owner: Pod | StatefulSet) =>
    kind === resource.kind && apiVersion === apiVersionOf(resource) && name === owner.metadata.name;
  return isOf(StatefulSets, set) || isOf(Pods, pod);
}

function isRetained({ spec: { persistentVolumeClaimRetentionPolicy: policy } }: StatefulSet): boolean {
  return policy?.whenDeleted !== 'Delete' && policy?.whenScaled !== 'Delete';
}

/** A Pod that is scaled away takes its claims along where scaling deletes; else the set does where its deletion does. */
function wantedOwners({ set, pod }: Owners): OwnerReference[] {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const { first, end } = ordinalRange(set);
  const ordinal = ordinalOf(set, pod) ?? -1;
  const isScaledAway = ordinal < first || ordinal >= end;
  if (whenScaled === 'Delete' && isScaledAway) return [controllerReference(Pods, pod)];
  return whenDeleted === 'Delete' ? [controllerReference(StatefulSets, set)] : [];
}

/** The claim is still that of an earlier Pod of the same name, and goes with it: the next Pod waits for a new one. */
export function isStaleClaim({ metadata }: PersistentVolumeClaim, set: StatefulSet, podName: string): boolean {
  if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return false;
  return metadata.ownerReferences?.some(({ kind, name }) => kind === Pods.kind && name === podName) ?? false;
}
