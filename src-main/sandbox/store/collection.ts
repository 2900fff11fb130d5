import type { Clock } from '#common/base/clock';
import type { AnyObject } from '#common/kube/object';
import type { Entry } from './entry';
import { History } from './history';
import { OrderedEntries } from './ordered-entries';
import type { StoreEvent } from './store-event';
import { shareWithTwin } from './twin';
import { Watcher } from './watcher';

/** A run of keys: a whole collection, one namespace, or the rest of either behind a page. `to` is not part of it. */
export interface KeyRange {
  from: string;
  to: string;
}

/** Sorts behind every key. */
const LAST = '\uffff';

export const wholeCollection: KeyRange = { from: '', to: LAST };

/** The keys `namespace/…`: `0` follows `/`. */
export function keysOf(namespace: string | undefined): KeyRange {
  return namespace ? { from: `${namespace}/`, to: `${namespace}0` } : wholeCollection;
}

/** The revision asked for is no longer held, or not reached yet. */
export class RevisionGone extends Error {
  readonly asked: number;
  readonly oldest: number;

  constructor(asked: number, oldest: number) {
    super(`too old resource version: ${asked} (${oldest})`);
    this.asked = asked;
    this.oldest = oldest;
  }
}

/** A part of a list: entries of a range at one revision, and how many follow. */
export interface Page {
  entries: readonly Entry[];
  remaining: number;
}

/** The objects of one resource, now and in the recent past. */
export class Collection {
  readonly id: string;
  readonly #entries = new OrderedEntries();
  readonly #watchers = new Set<Watcher>();
  readonly #latest: Record<'new' | 'changed', AnyObject | undefined> = { new: undefined, changed: undefined };
  #history: History;
  #edition = 0;
  readonly #clock: Clock;

  constructor(id: string, clock: Clock, revision: number) {
    this.id = id;
    this.#clock = clock;
    this.#history = new History(clock, revision);
  }

  get size(): number {
    return this.#entries.size;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  /** Another number after every change. */
  get edition(): number {
    return this.#edition;
  }

  /** The oldest revision that can still be read or watched from. */
  get compacted(): number {
    return this.#history.compacted;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** Entries of a range as they are now. */
  list(range: KeyRange = wholeCollection): readonly Entry[] {
    return this.#entries.slice(range.from, range.to);
  }

  /** Up to `limit` entries of a range as they were at `revision`. Throws RevisionGone. */
  page(range: KeyRange, revision: number, limit: number): Page {
    this.#mustHold(revision);
    const changed = this.#history.undo(revision);
    if (changed.size > 0) return cut(this.#rewound(range, changed), limit);
    const total = this.#entries.rank(range.to) - this.#entries.rank(range.from);
    if (total <= limit) return { entries: this.list(range), remaining: 0 };
    const entries: Entry[] = [];
    for (const entry of this.#entries.range(range.from, range.to)) {
      if (entries.length === limit) break;
      entries.push(entry);
    }
    return { entries, remaining: total - entries.length };
  }

  /** All entries of a range as they were at `revision`. Throws RevisionGone. */
  at(range: KeyRange, revision: number): readonly Entry[] {
    return this.page(range, revision, Number.MAX_SAFE_INTEGER).entries;
  }

  /** Opens a watch that begins behind `revision`. Throws RevisionGone when that is too long ago. */
  watch(range: KeyRange, revision: number, capacity?: number): Watcher {
    this.#mustHold(revision);
    const accepts = (key: string): boolean => key >= range.from && key < range.to;
    const watcher = new Watcher(accepts, (ended) => this.#watchers.delete(ended), capacity);
    for (const event of this.#history.after(revision)) watcher.push(event);
    this.#watchers.add(watcher);
    return watcher;
  }

  /** For the store alone: lets a new state share what it has in common with the one written before it in the same way. */
  share(object: AnyObject, previous: Entry | undefined): void {
    const kind = previous ? 'changed' : 'new';
    const twin = this.#latest[kind];
    if (twin) shareWithTwin(object, twin);
    this.#latest[kind] = object;
  }

  /** For the store alone: puts a state in place and tells the watchers. */
  record(event: StoreEvent): void {
    this.#edition++;
    if (event.type === 'DELETED') this.#entries.delete(event.entry.key);
    else this.#entries.set(event.entry);
    this.#history.push(event);
    for (const watcher of this.#watchers) watcher.push(event);
  }

  /** For the store alone: puts a state in place that was read from disk. */
  restore(entry: Entry | undefined, key: string): void {
    this.#edition++;
    if (entry) this.#entries.set(entry);
    else this.#entries.delete(key);
  }

  /** For the store alone: nothing before `revision` is known. */
  beginAt(revision: number): void {
    this.#history = new History(this.#clock, revision);
  }

  /** Forgets the past up to `revision`: who resumes from there is told to list again. */
  compact(revision: number): void {
    this.#history.compact(revision);
  }

  /** Ends every watch, as a server does that stops. */
  close(): void {
    for (const watcher of this.#watchers) watcher.end();
  }

  #mustHold(revision: number): void {
    if (revision < this.#history.compacted) throw new RevisionGone(revision, this.#history.compacted);
  }

  #rewound(range: KeyRange, changed: Map<string, Entry | undefined>): Entry[] {
    const entries = this.list(range).filter(({ key }) => !changed.has(key));
    for (const [key, entry] of changed) if (entry && key >= range.from && key < range.to) entries.push(entry);
    return entries.sort((left, right) => (left.key < right.key ? -1 : 1));
  }
}

function cut(entries: readonly Entry[], limit: number): Page {
  if (entries.length <= limit) return { entries, remaining: 0 };
  return { entries: entries.slice(0, limit), remaining: entries.length - limit };
}
