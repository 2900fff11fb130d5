/**
 * Time as the program sees it. Every timer goes through a Clock, so that a test or a sandbox cluster can move time by
 * itself. Times are milliseconds since the Unix epoch, delays are milliseconds.
 */
export interface Clock {
  now(): number;
  /** Runs `task` once after `delayMs`; disposing the answer before that cancels it. */
  after(delayMs: number, task: () => void): Disposable;
}

/** Waits `delayMs` on `clock`; rejects with the signal's reason when aborted. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const abort = () => {
      timer[Symbol.dispose]();
      reject(signal?.reason);
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** The time of `clock` as Kubernetes writes metav1.Time: RFC 3339 in UTC, whole seconds. */
export function timestamp(clock: Clock): string {
  return formatTime(clock.now());
}

/** The time of `clock` as Kubernetes writes metav1.MicroTime: RFC 3339 in UTC, six decimals. */
export function microTimestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString().replace('Z', '000Z');
}

export function formatTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

interface ManualTimer {
  at: number;
  order: number;
  task: () => void;
}

/** A clock that stands still until `advance` moves it; timers run in order of their due time. */
export class ManualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Set<ManualTimer>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  /** Timers that have not run yet. */
  get pending(): number {
    return this.#timers.size;
  }

  after(delayMs: number, task: () => void): Disposable {
    const timer = { at: this.#now + Math.max(0, delayMs), order: this.#order++, task };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  /** Moves time forward and runs every timer that falls due, letting promises settle between two timers. */
  async advance(byMs: number): Promise<void> {
    const until = this.#now + byMs;
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.task();
      await settleMicrotasks();
    }
    this.#now = until;
    await settleMicrotasks();
  }

  #next(until: number): ManualTimer | undefined {
    let first: ManualTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.at > until) continue;
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
    }
    return first;
  }
}

async function settleMicrotasks(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
