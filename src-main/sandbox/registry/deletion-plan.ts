/** What a request to delete comes to, decided from the object and the options alone. */
import type { AnyObject } from '#common/kube/object';
import type { GarbagePolicy } from './strategy';

/** meta/v1 DeleteOptions. */
export interface DeleteOptions {
  gracePeriodSeconds?: number;
  preconditions?: { uid?: string; resourceVersion?: string };
  orphanDependents?: boolean;
  propagationPolicy?: string;
  dryRun?: string[];
}

export type DeletionPlan =
  /** Take it away now. */
  | { step: 'remove' }
  /** It is on its way already and nothing changes. */
  | { step: 'wait' }
  /** Write the marks of deletion; afterwards take it away if `thenRemove`. */
  | { step: 'mark'; graceSeconds?: number; finalizers: string[]; thenRemove: boolean };

export const ORPHAN = 'orphan';
export const FOREGROUND = 'foregroundDeletion';

export interface DeletionRules {
  garbage: GarbagePolicy;
  /** Seconds the kind asks for; undefined for kinds that go at once. */
  graceSeconds: number | undefined;
  /** Something besides finalizers keeps the object. */
  isHeld: boolean;
}

export function planDeletion({ metadata }: AnyObject, options: DeleteOptions, rules: DeletionRules): DeletionPlan {
  const isGraceful = rules.graceSeconds !== undefined;
  const running = metadata.deletionGracePeriodSeconds ?? 0;
  let grace = isGraceful ? rules.graceSeconds : undefined;
  if (isGraceful && metadata.deletionTimestamp) {
    const asked = options.gracePeriodSeconds;
    if (running > 0 && (asked === undefined || asked >= running)) return { step: 'wait' };
    grace = running > 0 ? asked : undefined;
  }
  const finalizers = finalizersFor(metadata.finalizers ?? [], options, rules.garbage);
  const stays = rules.isHeld || finalizers.length > 0;
  if (grace !== undefined) return { step: 'mark', graceSeconds: grace, finalizers, thenRemove: grace <= 0 && !stays };
  return stays ? { step: 'mark', finalizers, thenRemove: false } : { step: 'remove' };
}

/** The finalizers that make the garbage collector look after the children first. */
function finalizersFor(current: readonly string[], options: DeleteOptions, garbage: GarbagePolicy): string[] {
  if (garbage === 'unsupported') return [...current];
  const kept = current.filter((name) => name !== ORPHAN && name !== FOREGROUND);
  const wanted =
    wantedFinalizer(current, options) ?? (isUndecided(options) && garbage === 'orphan' ? ORPHAN : undefined);
  return wanted ? [...kept, wanted] : kept;
}

/** Nothing in the request says what becomes of the children. */
export function isUndecided({ orphanDependents, propagationPolicy }: DeleteOptions): boolean {
  return orphanDependents === undefined && !propagationPolicy;
}

function wantedFinalizer(current: readonly string[], { orphanDependents, propagationPolicy }: DeleteOptions) {
  if (orphanDependents !== undefined) return orphanDependents ? ORPHAN : undefined;
  if (propagationPolicy === 'Orphan') return ORPHAN;
  if (propagationPolicy === 'Foreground') return FOREGROUND;
  if (propagationPolicy === 'Background') return undefined;
  if (current.includes(ORPHAN)) return ORPHAN;
  return current.includes(FOREGROUND) ? FOREGROUND : undefined;
}
