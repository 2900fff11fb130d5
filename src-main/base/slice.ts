/** Milliseconds by which work is measured, from any beginning; a test gives one that stands still. */
export type Stopwatch = () => number;

const programTime: Stopwatch = () => performance.now();

/** Cuts long work into slices, between which whatever else waits has its turn. */
export class Slice {
  readonly #lengthMs: number;
  readonly #stopwatch: Stopwatch;
  #endMs = 0;

  constructor(lengthMs: number, stopwatch = programTime) {
    this.#lengthMs = lengthMs;
    this.#stopwatch = stopwatch;
    this.begin();
  }

  begin(): void {
    this.#endMs = this.#stopwatch() + this.#lengthMs;
  }

  /** When the slice is over: what to wait for before the next. Undefined while it lasts, so that nobody waits for nothing. */
  pause(): Promise<void> | undefined {
    if (this.#stopwatch() < this.#endMs) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        this.begin();
        resolve();
      }),
    );
  }
}
