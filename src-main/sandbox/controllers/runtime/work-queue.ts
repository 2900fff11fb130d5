import type { Clock } from '#common/base/clock';

export interface WorkQueueOptions {
  clock: Clock;
  /** The first delay after a failure; it doubles with each further one. client-go's default item limiter. */
  firstRetryMs?: number;
  maxRetryMs?: number;
}

/**
 * Keys to work on, each handed to one worker at a time: a key added while it is worked on comes back after `done`,
 * a key added twice comes once. After client-go's rate limited work queue.
 */
export class WorkQueue<K extends string = string> {
  readonly #clock: Clock;
  readonly #firstRetryMs: number;
  readonly #maxRetryMs: number;
  readonly #waiting = new Set<K>();
  readonly #working = new Set<K>();
  readonly #dirty = new Set<K>();
  readonly #delayed = new Map<K, { atMs: number; timer: Disposable }>();
  readonly #failures = new Map<K, number>();
  readonly #takers: (() => void)[] = [];
  #closed = false;

  constructor({ clock, firstRetryMs = 5, maxRetryMs = 1_000_000 }: WorkQueueOptions) {
    this.#clock = clock;
    this.#firstRetryMs = firstRetryMs;
    this.#maxRetryMs = maxRetryMs;
  }

  /** Keys ready to be taken. */
  get size(): number {
    return this.#waiting.size;
  }

  add(key: K): void {
    if (this.#closed) return;
    if (this.#working.has(key)) {
      this.#dirty.add(key);
      return;
    }
    this.#waiting.add(key);
    this.#takers.shift()?.();
  }

  /** The earliest of several wishes counts. */
  addAfter(key: K, delayMs: number): void {
    if (this.#closed) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const atMs = this.#clock.now() + delayMs;
    const known = this.#delayed.get(key);
    if (known && known.atMs <= atMs) return;
    known?.timer[Symbol.dispose]();
    const timer = this.#clock.after(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { atMs, timer });
  }

  /** After a failure: later, and later still after the next. */
  retry(key: K): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.addAfter(key, Math.min(this.#maxRetryMs, this.#firstRetryMs * 2 ** failures));
  }

  failuresOf(key: K): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The key succeeded: its next failure counts as its first. */
  forget(key: K): void {
    this.#failures.delete(key);
  }

  /** The next key; undefined once the queue is closed. Every key taken must be given back with `done`. */
  async take(): Promise<K | undefined> {
    for (;;) {
      if (this.#closed) return undefined;
      for (const key of this.#waiting) {
        this.#waiting.delete(key);
        this.#working.add(key);
        return key;
      }
      await new Promise<void>((resolve) => this.#takers.push(resolve));
    }
  }

  done(key: K): void {
    this.#working.delete(key);
    if (this.#dirty.delete(key)) this.add(key);
  }

  close(): void {
    this.#closed = true;
    for (const { timer } of this.#delayed.values()) timer[Symbol.dispose]();
    this.#delayed.clear();
    this.#waiting.clear();
    for (const wake of this.#takers.splice(0)) wake();
  }
}
