/** Who depends on whom, and what becomes of dependents: the decisions of the garbage collector. Pure. */
import type { KubeObject, OwnerReference } from '#common/kube/object';

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

/** What is known of an owner that a reference names. */
export type OwnerState = 'present' | 'waiting' | 'absent' | 'unknown';

export type DependentPlan =
  | { step: 'nothing' }
  /** Some owners stay: references to the others are taken away. */
  | { step: 'unlink'; uids: readonly string[] }
  | { step: 'delete'; policy: 'Foreground' | 'Background' | 'Orphan' };

export interface DependentFacts {
  object: KubeObject;
  stateOf: (owner: OwnerReference) => OwnerState;
  hasDependents: boolean;
}

/** After kube-controller-manager's attemptToDeleteItem. */
export function planDependent({ object, stateOf, hasDependents }: DependentFacts): DependentPlan {
  const { ownerReferences = [], deletionTimestamp } = object.metadata;
  if (deletionTimestamp || ownerReferences.length === 0) return { step: 'nothing' };
  const states = ownerReferences.map((owner) => ({ owner, state: stateOf(owner) }));
  if (states.some(({ state }) => state === 'unknown')) return { step: 'nothing' };
  // Whether the dependent holds its owner back does not matter here: an owner that waits takes all along.
  const isWaiting = states.some(({ state }) => state === 'waiting');
  const gone = states.filter(({ state }) => state !== 'present');
  if (gone.length === 0) return { step: 'nothing' };
  if (gone.length < states.length) return { step: 'unlink', uids: gone.map(({ owner }) => owner.uid) };
  if (isWaiting && hasDependents) return { step: 'delete', policy: 'Foreground' };
  return { step: 'delete', policy: policyOf(object) };
}

/** A finalizer that is there already says how the object wants to go. */
function policyOf({ metadata: { finalizers = [] } }: KubeObject): 'Foreground' | 'Background' | 'Orphan' {
  if (finalizers.includes(ORPHAN)) return 'Orphan';
  return finalizers.includes(FOREGROUND) ? 'Foreground' : 'Background';
}

export type OwnerPlan =
  | { step: 'nothing' }
  /** Dependents are let go first. */
  | { step: 'orphan' }
  /** Dependents are deleted first; `blocked` while one of them holds the owner back. */
  | { step: 'foreground'; blocked: boolean };

/** What an owner on its way out asks for. */
export function planOwner(owner: KubeObject, dependents: readonly KubeObject[]): OwnerPlan {
  const { deletionTimestamp, finalizers = [], uid } = owner.metadata;
  if (!deletionTimestamp) return { step: 'nothing' };
  if (finalizers.includes(ORPHAN)) return { step: 'orphan' };
  if (!finalizers.includes(FOREGROUND)) return { step: 'nothing' };
  const blocks = ({ metadata }: KubeObject) =>
    metadata.ownerReferences?.some((reference) => reference.uid === uid && reference.blockOwnerDeletion) ?? false;
  return { step: 'foreground', blocked: dependents.some(blocks) };
}

export function isWaitingForDependents({ metadata }: KubeObject): boolean {
  return !!metadata.deletionTimestamp && (metadata.finalizers?.includes(FOREGROUND) ?? false);
}
