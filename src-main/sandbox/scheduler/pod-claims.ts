import { controllerOf } from '#common/kube/object';
import type { PersistentVolumeClaim, Pod } from '#common/kube/types';

/** A claim that a Pod uses. */
export interface UsedClaim {
  name: string;
  /** Made for the Pod alone, after one of its volumes. */
  isEphemeral: boolean;
}

export function claimsOf({ metadata, spec }: Pod): readonly UsedClaim[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return { name: persistentVolumeClaim.claimName, isEphemeral: false };
    return ephemeral ? { name: `${metadata.name}-${name}`, isEphemeral: true } : [];
  });
}

/** Names of the claims that the Pod shares with others. */
export const sharedClaimsOf = (pod: Pod): readonly string[] =>
  claimsOf(pod).flatMap(({ name, isEphemeral }) => (isEphemeral ? [] : name));

export const usesClaim = (pod: Pod, { metadata }: PersistentVolumeClaim): boolean =>
  pod.metadata.namespace === metadata.namespace && claimsOf(pod).some(({ name }) => name === metadata.name);

/** Said of a claim that bears the name of a Pod's own but is not; undefined when it is. */
export function strangeOwner(claim: PersistentVolumeClaim, pod: Pod): string | undefined {
  if (controllerOf(claim)?.uid === pod.metadata.uid) return undefined;
  const name = ({ metadata }: Pod | PersistentVolumeClaim) => `${metadata.namespace}/${metadata.name}`;
  return `PVC ${name(claim)} was not created for pod ${name(pod)} (pod is not owner)`;
}
