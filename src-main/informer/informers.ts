import type { Clock } from '#common/base/clock';
import type { Random } from '#common/base/random';
import type { Scope } from '#common/base/scope';
import type { KubeObject, TableColumnDefinition } from '#common/kube/object';
import { resourceId, type Resource, type TypedResource } from '#common/kube/resource';
import type { KubeClient } from '#main/client/client';
import type { Informer, InformerOptions } from './informer';
import { LiveInformer, type InformerSettings } from './live-informer';
import type { WatchListSupport } from './reflector';
import { SharedParts } from './shared-parts';
import { objectSource } from './source';
import { TableColumns, tableSource, type TableRowObject } from './table-source';

/** A reader's hold on a shared informer; the watch closes a grace period after the last hold is disposed. */
export interface InformerLease<T extends KubeObject> extends Disposable {
  readonly informer: Informer<T>;
}

/** A reader's hold on the server's own Table of a kind. */
export interface TableLease extends InformerLease<TableRowObject> {
  /** The columns of the latest Table; empty until the first one came. */
  readonly columns: readonly TableColumnDefinition[];
}

export interface TableOptions {
  namespace?: string | undefined;
  labelSelector?: string | undefined;
}

/** The informers of one client: one watch per (kind, scope, selector), however many readers. */
export interface Informers {
  open<T extends KubeObject>(resource: TypedResource<T>, options?: InformerOptions<T>): InformerLease<T>;
  /** The server's own Table of a kind, live: cells and metadata of each object instead of the object. */
  openTable(resource: Resource, options?: TableOptions): TableLease;
  /** Makes every watch resume at once: after sleep, or when a server that was gone answers again. */
  reconnect(reason: string): void;
}

export interface InformersOptions {
  clock: Clock;
  random: Random;
  /** Everything closes with it. */
  scope: Scope;
  /** How long a watch stays open after its last reader has left. */
  graceMs: number;
  /** Set to false for servers before 1.27, which take WatchList for a plain watch; what reflectors find out is written back. */
  watchList?: WatchListSupport;
  /** When readers are told: by default once per turn of the event loop; `queueMicrotask` for a world that runs on a ManualClock. */
  batch?: (flush: () => void) => void;
}

export function createInformers(client: KubeClient, options: InformersOptions): Informers {
  return new SharedInformers(client, options);
}

interface Shared {
  informer: LiveInformer<KubeObject>;
  columns: TableColumns;
  scope: Scope;
  readers: number;
  closing: Disposable | undefined;
}

class SharedInformers implements Informers {
  readonly #client: KubeClient;
  readonly #options: InformersOptions;
  readonly #settings: InformerSettings;
  readonly #shared = new Map<string, Shared>();

  constructor(client: KubeClient, options: InformersOptions) {
    const { clock, random, watchList = { supported: true }, batch = onNextTurn } = options;
    this.#client = client;
    this.#options = options;
    this.#settings = { clock, random, watchList, batch, parts: new SharedParts() };
  }

  open<T extends KubeObject>(resource: TypedResource<T>, options: InformerOptions<T> = {}): InformerLease<T> {
    const { namespace, labelSelector, fieldSelector, trim = false } = options;
    const key = JSON.stringify(['objects', resourceId(resource), namespace, labelSelector, fieldSelector, trim]);
    const shared = this.#take(key, resource.plural, (scope) => {
      const source = objectSource(this.#client, resource, options);
      return new LiveInformer(resource, source, this.#settings, { scope, trim }) as unknown as LiveInformer<KubeObject>;
    });
    // Readers who name the same kind mean the same type: the key above keeps them together.
    const informer = shared.informer as unknown as LiveInformer<T>;
    informer.cache.addIndexes(options.indexes);
    return { informer, [Symbol.dispose]: this.#leaveOnce(key, shared) };
  }

  openTable(resource: Resource, options: TableOptions = {}): TableLease {
    const key = JSON.stringify(['table', resourceId(resource), options.namespace, options.labelSelector]);
    const shared = this.#take(key, `table of ${resource.plural}`, (scope, columns) => {
      const source = tableSource(this.#client, resource, { ...options, columns });
      const informer = new LiveInformer<TableRowObject>(resource, source, this.#settings, { scope, trim: true });
      return informer as unknown as LiveInformer<KubeObject>;
    });
    return {
      informer: shared.informer as unknown as LiveInformer<TableRowObject>,
      get columns() {
        return shared.columns.latest;
      },
      [Symbol.dispose]: this.#leaveOnce(key, shared),
    };
  }

  reconnect(reason: string): void {
    for (const { informer } of this.#shared.values()) informer.reconnect(reason);
  }

  #take(key: string, name: string, create: (scope: Scope, columns: TableColumns) => LiveInformer<KubeObject>): Shared {
    let shared = this.#shared.get(key);
    if (!shared) {
      const scope = this.#options.scope.child(`informer ${name}`);
      const columns = new TableColumns();
      shared = { informer: create(scope, columns), columns, scope, readers: 0, closing: undefined };
      scope.add(() => this.#forget(key, scope));
      this.#shared.set(key, shared);
    }
    shared.readers++;
    shared.closing?.[Symbol.dispose]();
    shared.closing = undefined;
    return shared;
  }

  #leaveOnce(key: string, shared: Shared): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      shared.readers--;
      if (shared.readers > 0 || shared.scope.closed) return;
      shared.closing = this.#options.clock.after(this.#options.graceMs, () => this.#close(key, shared));
    };
  }

  #close(key: string, { scope }: Shared): void {
    // Forgotten first: a reader who comes while the watch closes opens a new one.
    this.#forget(key, scope);
    void scope.close();
  }

  #forget(key: string, scope: Scope): void {
    const shared = this.#shared.get(key);
    if (shared?.scope !== scope) return;
    shared.closing?.[Symbol.dispose]();
    this.#shared.delete(key);
  }
}

/** setImmediate runs after the input that is already there was read: a burst of events becomes one batch. */
function onNextTurn(flush: () => void): void {
  setImmediate(flush);
}
