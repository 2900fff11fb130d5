import type { Clock } from '#common/base/clock';

interface Timer {
  at: number;
  order: number;
  task: () => void;
}

/** A clock that a test moves from one due timer to the next. */
export class SettlingClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, task: () => void): Disposable {
    const timer = { at: this.#now + Math.max(0, delayMs), order: this.#order++, task };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  /** When the next timer is due; undefined when none waits. */
  get nextAt(): number | undefined {
    return this.#next()?.at;
  }

  /** Moves to the next due timers and runs all that are due at that moment. */
  step(): void {
    const at = this.nextAt;
    if (at === undefined) return;
    this.#now = Math.max(this.#now, at);
    for (let next = this.#next(); next && next.at <= this.#now; next = this.#next()) {
      this.#timers.delete(next);
      next.task();
    }
  }

  /** Moves to a moment before which no timer is due. */
  rest(atMs: number): void {
    this.#now = Math.max(this.#now, atMs);
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
    }
    return first;
  }
}
