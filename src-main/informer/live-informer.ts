import type { Clock } from '#common/base/clock';
import type { Random } from '#common/base/random';
import type { Scope } from '#common/base/scope';
import type { KubeObject, ObjectKey } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import { keyOf } from '#common/kube/object';
import { Gate } from '#main/base/gate';
import { orAborted } from '#main/base/linked-abort';
import type { FailurePlan } from './failure-plan';
import type { Delta, Freshness, Informer, InformerOptions } from './informer';
import { ObjectCache } from './object-cache';
import { Reflector, type Sink, type WatchListSupport } from './reflector';
import type { Source } from './source';
import type { SharedParts } from './shared-parts';
import { trimmed } from './trim';

/** What all informers of one client share. */
export interface InformerSettings {
  clock: Clock;
  random: Random;
  watchList: WatchListSupport;
  /** Runs `flush` soon; everything that came until then is one batch. */
  batch: (flush: () => void) => void;
  parts: SharedParts;
}

type Listener<T extends KubeObject> = (deltas: readonly Delta<T>[]) => void;

/** An Informer that runs from its creation until its scope closes. */
export class LiveInformer<T extends KubeObject> implements Informer<T> {
  readonly resource: TypedResource<T>;
  readonly cache = new ObjectCache<T>();
  readonly #settings: InformerSettings;
  readonly #scope: Scope;
  readonly #reflector: Reflector<T>;
  readonly #keep: (object: T) => T;
  readonly #listeners = new Set<Listener<T>>();
  readonly #waiters = new Set<Waiter>();
  readonly #synced = new Gate();
  #freshness: Freshness;
  #pending: Delta<T>[] = [];
  #flushing = false;
  /** Keys of an earlier state that the one being read has not shown yet. */
  #unseen: Set<ObjectKey> | undefined;

  constructor(
    resource: TypedResource<T>,
    source: Source<T>,
    settings: InformerSettings,
    options: LiveInformerOptions<T>,
  ) {
    this.resource = resource;
    this.#settings = settings;
    this.#scope = options.scope;
    this.#keep = options.trim ? (object) => settings.parts.share(trimmed(object)) : (object) => object;
    this.#freshness = { state: 'loading', since: settings.clock.now() };
    this.cache.addIndexes(options.indexes);
    this.#reflector = new Reflector(source, this.#sink(), settings);
    const running = this.#reflector.run(this.#scope.signal);
    this.#scope.add(() => running);
    this.#scope.add(() => this.#close());
  }

  get freshness(): Freshness {
    return this.#freshness;
  }

  synced(signal?: AbortSignal): Promise<void> {
    return orAborted(this.#synced.opened, signal);
  }

  subscribe(listener: Listener<T>): Disposable {
    // What is in the cache now belongs to the readers before: the new one reads it there and is told what follows.
    this.#flush();
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async reached(revision: string, signal?: AbortSignal): Promise<void> {
    const wanted = Number(revision);
    if (this.cache.revision >= wanted) return;
    const waiter = new Waiter(wanted);
    this.#waiters.add(waiter);
    try {
      await orAborted(waiter.reached, signal);
    } finally {
      this.#waiters.delete(waiter);
    }
  }

  /** Resumes at once, from the revision reached. */
  reconnect(reason: string): void {
    this.#reflector.reconnect(reason);
  }

  #sink(): Sink<T> {
    return {
      begin: () => (this.#unseen = this.cache.size > 0 ? new Set(this.cache.keys()) : undefined),
      upsert: (object) => this.#upsert(object),
      remove: (object) => this.#push(this.cache.remove(this.#keep(object))),
      complete: (revision) => this.#complete(revision),
      advance: (revision) => this.#advance(revision),
      live: () => this.#become({ state: 'live', since: this.#now() }),
      lost: (plan, attempt) => this.#lost(plan, attempt),
      refused: (failure) => this.#synced.refuse(failure),
    };
  }

  #upsert(object: T): void {
    this.#unseen?.delete(keyOf(object));
    this.#push(this.cache.upsert(this.#keep(object)));
  }

  #complete(revision: string): void {
    for (const key of this.#unseen ?? []) this.#push(this.cache.removeKey(key));
    this.#unseen = undefined;
    this.#advance(revision);
    this.#synced.open();
  }

  #advance(revision: string): void {
    this.cache.advance(revision);
    for (const waiter of this.#waiters) waiter.tell(this.cache.revision);
  }

  #lost({ state, message }: Pick<FailurePlan, 'state' | 'message'>, attempt: number): void {
    const since = this.#freshness.state === state ? this.#freshness.since : this.#now();
    this.#become(state === 'reconnecting' ? { state, since, message, attempt } : { state, since, message });
  }

  #become(freshness: Freshness): void {
    if (freshness.state === 'live' && this.#freshness.state === 'live') return;
    this.#freshness = freshness;
    this.#scheduleFlush();
  }

  #push(deltas: Delta<T>[]): void {
    if (deltas.length === 0) return;
    this.#pending.push(...deltas);
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    if (this.#flushing || this.#listeners.size === 0) {
      if (this.#listeners.size === 0) this.#pending = [];
      return;
    }
    this.#flushing = true;
    this.#settings.batch(() => {
      if (this.#flushing && !this.#scope.closed) this.#deliver();
    });
  }

  #flush(): void {
    if (this.#flushing) this.#deliver();
  }

  #deliver(): void {
    this.#flushing = false;
    const deltas = this.#pending;
    this.#pending = [];
    for (const listener of this.#listeners) listener(deltas);
  }

  #now(): number {
    return this.#settings.clock.now();
  }

  #close(): void {
    const reason = new Error(`the informer of ${this.resource.plural} was closed`);
    reason.name = 'ScopeClosed';
    this.#synced.refuse(reason);
    for (const waiter of this.#waiters) waiter.refuse(reason);
    this.#listeners.clear();
  }
}

export interface LiveInformerOptions<T extends KubeObject> extends Pick<InformerOptions<T>, 'indexes' | 'trim'> {
  scope: Scope;
}

class Waiter {
  readonly reached: Promise<void>;
  readonly #wanted: number;
  #resolve: () => void = () => undefined;
  #reject: (failure: unknown) => void = () => undefined;

  constructor(wanted: number) {
    this.#wanted = wanted;
    this.reached = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  tell(revision: number): void {
    if (revision >= this.#wanted) this.#resolve();
  }

  refuse(failure: unknown): void {
    this.#reject(failure);
  }
}
