/**
 * Everything a sandbox cluster remembers: one global revision over collections of immutable objects, with compare and
 * swap, watches that resume, and a log on disk when the cluster is kept.
 */
import type { Clock } from '#common/base/clock';
import type { AnyObject } from '#common/kube/object';
import { Collection } from './collection';
import type { DurableLog } from './durable-log';
import { Entry, inWireOrder } from './entry';
import { StoreEvent } from './store-event';

/** A write expected another state than the one that is stored. */
export class StaleWrite extends Error {
  readonly current: Entry | undefined;

  constructor(current: Entry | undefined) {
    super('the object is not at the expected revision');
    this.current = current;
  }
}

/** Expected revision of an object that must not exist yet. */
export const ABSENT = 0;

export interface StoreOptions {
  clock: Clock;
  /** Keeps writes on disk; without it the store ends with the process. */
  log?: DurableLog | undefined;
  /** Collections whose writes are answered before they are on disk: what they hold is soon outdated anyway. */
  hasty?: ReadonlySet<string>;
  /** Freezes what is stored, so that whoever edits it in place fails at once; for tests, as it costs time. */
  frozen?: boolean | undefined;
}

export class Store {
  readonly #clock: Clock;
  readonly #log: DurableLog | undefined;
  readonly #hasty: ReadonlySet<string>;
  readonly #frozen: boolean;
  readonly #collections = new Map<string, Collection>();
  #revision = 1;

  constructor({ clock, log, hasty = new Set(), frozen = false }: StoreOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#hasty = hasty;
    this.#frozen = frozen;
    if (log) this.#restore(log);
  }

  /** The revision of the latest write. */
  get revision(): number {
    return this.#revision;
  }

  collection(id: string): Collection {
    let collection = this.#collections.get(id);
    if (!collection) {
      collection = new Collection(id, this.#clock, this.#log ? this.#log.startRevision : 1);
      this.#collections.set(id, collection);
    }
    return collection;
  }

  collections(): Iterable<Collection> {
    return this.#collections.values();
  }

  /**
   * Stores `draft`, whose metadata gets the new revision, if the object is still at `expected` (ABSENT: does not exist).
   * The draft belongs to the store from now on. Throws StaleWrite.
   */
  put(collection: Collection, key: string, draft: AnyObject, expected: number): Entry {
    const previous = this.#expect(collection, key, expected);
    const revision = ++this.#revision;
    const object = inWireOrder(draft);
    object.metadata.resourceVersion = String(revision);
    collection.share(object, previous);
    if (this.#frozen) deepFreeze(object);
    const entry = new Entry(key, revision, object);
    collection.record(new StoreEvent(previous ? 'MODIFIED' : 'ADDED', entry, previous));
    this.#log?.append({ collection: collection.id, key, revision, bytes: entry.bytes });
    return entry;
  }

  /** Takes the object away; the answer is its last state with the revision of the deletion. Throws StaleWrite. */
  delete(collection: Collection, key: string, expected: number, last?: AnyObject): Entry {
    const previous = this.#expect(collection, key, expected);
    if (!previous) throw new StaleWrite(undefined);
    const revision = ++this.#revision;
    const content = last ?? previous.object;
    const object = inWireOrder({ ...content, metadata: { ...content.metadata, resourceVersion: String(revision) } });
    const entry = new Entry(key, revision, object);
    collection.record(new StoreEvent('DELETED', entry, previous));
    this.#log?.append({ collection: collection.id, key, revision });
    return entry;
  }

  /** Resolves when every write of `collection` so far survives a crash; nothing to wait for without a log. */
  settled(collection: Collection): Promise<void> | undefined {
    if (!this.#log || this.#hasty.has(collection.id)) return undefined;
    return this.#log.flushed();
  }

  async close(): Promise<void> {
    for (const collection of this.#collections.values()) collection.close();
    await this.#log?.close();
  }

  #expect(collection: Collection, key: string, expected: number): Entry | undefined {
    const previous = collection.get(key);
    if ((previous?.revision ?? ABSENT) !== expected) throw new StaleWrite(previous);
    return previous;
  }

  /** Revisions go on behind a gap: what was told to a watcher but never reached the disk is not told again in other words. */
  #restore(log: DurableLog): void {
    for (const { collection, key, revision, object } of log.takeRecords()) {
      this.collection(collection).restore(object && new Entry(key, revision, object), key);
    }
    this.#revision = log.startRevision;
    for (const collection of this.#collections.values()) collection.beginAt(this.#revision);
    log.snapshotSource = () => [...this.#collections.values()].map((one) => ({ id: one.id, list: one.list() }));
  }
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
}
