import type { KubeObject, ObjectKey } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';

/** One change of a cache. `previous` is there for changes and removals. */
export interface Delta<T extends KubeObject> {
  type: 'added' | 'changed' | 'removed';
  object: T;
  previous?: T;
}

/** How far the cache can be trusted; `since` is when this state began, in epoch milliseconds. */
export type Freshness =
  | { state: 'loading'; since: number }
  | { state: 'live'; since: number }
  | { state: 'reconnecting'; since: number; message: string; attempt: number }
  | { state: 'forbidden'; since: number; message: string }
  | { state: 'failed'; since: number; message: string };

/** An index function: the values under which an object is found. Indexes are named at the informer's creation. */
export type IndexFn<T> = (object: T) => readonly string[];

/** The objects of one (kind, namespace scope, selector), kept up to date. Objects are never edited in place. */
export interface Cache<T extends KubeObject> {
  readonly size: number;
  get(key: ObjectKey): T | undefined;
  byUid(uid: string): T | undefined;
  values(): Iterable<T>;
  /** Objects that the index `name` files under `value`. */
  indexed(name: string, value: string): readonly T[];
  /** The revision the cache has reached, as a comparable number. */
  readonly revision: number;
}

/** LIST + WATCH (WatchList where the server has it) into a Cache; resume, expiry and back-off live here and nowhere else. */
export interface Informer<T extends KubeObject> {
  readonly resource: TypedResource<T>;
  readonly cache: Cache<T>;
  readonly freshness: Freshness;
  /** Resolves when the first complete state is in the cache; rejects when the server refuses (forbidden, unknown kind). */
  synced(signal?: AbortSignal): Promise<void>;
  /** Called with each batch of changes, after they are in the cache, and with an empty batch when only freshness changed. */
  subscribe(listener: (deltas: readonly Delta<T>[]) => void): Disposable;
  /** Resolves when the cache has passed `revision`: how a writer waits to see its own write. */
  reached(revision: string, signal?: AbortSignal): Promise<void>;
}

export interface InformerOptions<T extends KubeObject> {
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  indexes?: Readonly<Record<string, IndexFn<T>>>;
  /** Drops managedFields and the last-applied annotation before an object is kept. */
  trim?: boolean;
}
