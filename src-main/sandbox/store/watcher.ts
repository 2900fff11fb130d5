import type { StoreEvent } from './store-event';

/** Events that may wait for a reader before the watch is ended: the reader lists again, as after any broken watch. */
const CAPACITY = 16_384;

/** A bounded queue between the store and one reader of a collection. */
export class Watcher implements Disposable {
  readonly #capacity: number;
  readonly #leave: (watcher: Watcher) => void;
  readonly #accepts: (key: string) => boolean;
  #queue: StoreEvent[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #overrun = false;

  constructor(accepts: (key: string) => boolean, leave: (watcher: Watcher) => void, capacity = CAPACITY) {
    this.#accepts = accepts;
    this.#leave = leave;
    this.#capacity = capacity;
  }

  /** The reader was too slow and has missed events. */
  get overrun(): boolean {
    return this.#overrun;
  }

  /** Nothing will come any more; what is queued can still be taken. */
  get ended(): boolean {
    return this.#ended;
  }

  push(event: StoreEvent): void {
    if (this.#ended || !this.#accepts(event.entry.key)) return;
    if (this.#queue.length >= this.#capacity) {
      this.#overrun = true;
      this.#queue = [];
      this.end();
      return;
    }
    this.#queue.push(event);
    this.#wakeUp();
  }

  /** No more events; the reader still gets what is queued. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#leave(this);
    this.#wakeUp();
  }

  /** Everything that is queued now, at once; empty when nothing is. */
  take(): StoreEvent[] {
    if (this.#queue.length === 0) return EMPTY;
    const taken = this.#queue;
    this.#queue = [];
    return taken;
  }

  /** Resolves when there is something to take, when nothing will come any more, or when nudged. */
  async ready(): Promise<void> {
    if (this.#queue.length > 0 || this.#ended) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** Interrupts `ready` without an event: the reader has something else to look at. */
  nudge(): void {
    this.#wakeUp();
  }

  [Symbol.dispose](): void {
    this.end();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

const EMPTY: StoreEvent[] = [];
