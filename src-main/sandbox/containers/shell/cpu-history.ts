import type { Clock } from '#common/base/clock';

/** A moment, and what had been used before it. */
interface Mark {
  atMs: number;
  usedMs: number;
}

const MARK_EVERY_MS = 1000;
/** Twice the interval at which metrics are taken, and some more. */
const KEPT_MARKS = 64;

/** A counter of processor time that can be read as of the last minute; nothing is kept for who uses none. */
export class CpuHistory {
  readonly #clock: Clock;
  #usedMs = 0;
  #marks: Mark[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get usedMs(): number {
    return this.#usedMs;
  }

  add(ms: number): void {
    const now = this.#clock.now();
    const last = this.#marks.at(-1);
    if (!last || now - last.atMs >= MARK_EVERY_MS || now < last.atMs) {
      this.#marks.push({ atMs: now, usedMs: this.#usedMs });
      if (this.#marks.length > 2 * KEPT_MARKS) this.#marks = this.#marks.slice(-KEPT_MARKS);
    }
    this.#usedMs += ms;
  }

  /** What had been used at a moment; a second's precision. */
  usedMsAt(atMs: number): number {
    for (const mark of this.#marks) if (mark.atMs > atMs) return mark.usedMs;
    return this.#usedMs;
  }
}
