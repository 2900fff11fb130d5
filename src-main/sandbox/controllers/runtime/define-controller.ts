import type { Clock } from '#common/base/clock';
import type { KubeObject, ObjectKey } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import type { KubeClient } from '#main/client/client';
import type { Delta, IndexFn } from '#main/informer/informer';
import type { ControllerCache } from './controller-cache';
import type { RecordEvent } from './event-recorder';

/** What a reconcile asks for next; `settled` asks for nothing. */
export interface Outcome {
  /** Look again after this many milliseconds even if nothing changes. */
  readonly againAfterMs?: number;
}

export const settled: Outcome = {};

export const again = (afterMs: number): Outcome => ({ againAfterMs: Math.max(0, afterMs) });

export interface ReconcileContext {
  readonly cache: ControllerCache;
  /** Remembers what it writes: the key comes back only after the cache has seen it. */
  readonly client: KubeClient;
  readonly record: RecordEvent;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What happened to a watched object; one that was there from the start was `added`. */
export type Change = Delta<KubeObject>['type'];

/** Other objects whose changes concern a key. */
export interface Watched<T extends KubeObject = KubeObject> {
  resource: TypedResource<T>;
  /** The keys that a change of `object` concerns; called with the state before and after it. */
  keys: (object: T, cache: ControllerCache, change: Change) => readonly ObjectKey[];
  /** Its changes are not gathered: the keys are handed out at once. */
  isUrgent?: boolean;
}

/** Typed here, forgotten in the list: a watch of one kind beside watches of others. */
export function watched<T extends KubeObject>(
  resource: TypedResource<T>,
  keys: Watched<T>['keys'],
  { isUrgent = false }: { isUrgent?: boolean } = {},
): Watched {
  return { resource, keys: (object, cache, change) => keys(object as T, cache, change), isUrgent };
}

/** An index a controller reads with `cache.indexed`; its name is known to all controllers. */
export interface NamedIndex {
  resource: TypedResource<KubeObject>;
  name: string;
  of: IndexFn<KubeObject>;
}

export function namedIndex<T extends KubeObject>(resource: TypedResource<T>, name: string, of: IndexFn<T>): NamedIndex {
  return { resource, name, of: (object) => of(object as T) };
}

export interface Controller {
  name: string;
  /** What its events name as their source; the name and `-controller` unless given. */
  component?: string;
  /** Each key of this kind is reconciled when its object changes. */
  reconciles: TypedResource<KubeObject>;
  /** Kinds whose objects lead back to their controlling owner's key. */
  owns?: readonly TypedResource<KubeObject>[];
  watches?: readonly Watched[];
  indexes?: readonly NamedIndex[];
  /** Keys reconciled side by side; five unless given, as kube-controller-manager's `--concurrent-*-syncs`. */
  concurrency?: number;
  /** The first wait after a failure, and the longest, milliseconds; client-go's 5 and 1,000,000 unless given. */
  retryMs?: { first: number; longest: number };
  /** Gathers changes of owned and watched objects for this long before the key is handed out. */
  gatherMs?: number;
  /** How long a change of a reconciled object may wait, milliseconds; each is looked at at once unless given. */
  waitMs?: (object: KubeObject, before: KubeObject, nowMs: number) => number;
  reconcile(key: ObjectKey, context: ReconcileContext): Promise<Outcome>;
}

export function defineController(controller: Controller): Controller {
  return controller;
}

/** A failure that trying again cannot mend: it is reported, and the key waits for the next change. */
export class TerminalError extends Error {}
