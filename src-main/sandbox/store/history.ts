import type { Clock } from '#common/base/clock';
import type { Entry } from './entry';
import type { StoreEvent } from './store-event';

/** Events of the last minutes are kept, so that a watch can resume and a page of a list can be read as it was. */
const KEEP_MS = 5 * 60_000;
/** However busy the cluster is, no more than this many. */
const MOST_EVENTS = 50_000;
/** However quiet, this many stay. */
const FEWEST_EVENTS = 1_000;

/** The recent writes of one collection, oldest first. */
export class History {
  readonly #clock: Clock;
  readonly #times: number[] = [];
  #events: StoreEvent[] = [];
  #head = 0;
  #compacted: number;

  constructor(clock: Clock, revision: number) {
    this.#clock = clock;
    this.#compacted = revision;
  }

  /** States at this revision and later can be told; the oldest event kept is newer. */
  get compacted(): number {
    return this.#compacted;
  }

  push(event: StoreEvent): void {
    this.#events.push(event);
    this.#times.push(this.#clock.now());
    this.#trim();
  }

  /** The events after `revision`. */
  after(revision: number): StoreEvent[] {
    let low = this.#head;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle] as StoreEvent).revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low);
  }

  /** What was changed after `revision`, as it was then; undefined for what did not exist. */
  undo(revision: number): Map<string, Entry | undefined> {
    const before = new Map<string, Entry | undefined>();
    for (const event of this.after(revision)) {
      if (!before.has(event.entry.key)) before.set(event.entry.key, event.previous);
    }
    return before;
  }

  /** Forgets everything up to `revision`. */
  compact(revision: number): void {
    while (this.#head < this.#events.length && (this.#events[this.#head] as StoreEvent).revision <= revision)
      this.#drop();
    this.#compacted = Math.max(this.#compacted, revision);
    this.#shrink();
  }

  #trim(): void {
    const oldest = this.#clock.now() - KEEP_MS;
    for (;;) {
      const kept = this.#events.length - this.#head;
      const isOld = (this.#times[this.#head] ?? 0) < oldest;
      if (kept <= FEWEST_EVENTS || (kept <= MOST_EVENTS && !isOld)) break;
      this.#drop();
    }
    this.#shrink();
  }

  #drop(): void {
    this.#compacted = (this.#events[this.#head] as StoreEvent).revision;
    this.#head++;
  }

  /** Moves the rest to the front when half of the array is behind us. */
  #shrink(): void {
    if (this.#head < FEWEST_EVENTS || this.#head * 2 < this.#events.length) return;
    this.#events = this.#events.slice(this.#head);
    this.#times.splice(0, this.#head);
    this.#head = 0;
  }
}
