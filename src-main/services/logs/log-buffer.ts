import type { LogBatch, LogLine, LogNotice } from '#common/contract/logs';
import type { Pulse } from '#main/base/pulse';

/** Lines that may wait for the reader before their sources are held back. */
const MAX_WAITING = 20_000;
/** Lines of one batch: about one screen update's worth of work for the window. */
const MAX_BATCH = 5000;

/** Where the sources of one log view meet: bounded, and handed over in batches. */
export class LogBuffer {
  readonly #changed: Pulse;
  #lines: LogLine[] = [];
  #notices: LogNotice[] = [];
  #waiting: (() => void)[] = [];

  constructor(changed: Pulse) {
    this.#changed = changed;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0 && this.#notices.length === 0;
  }

  /** Resolves when there is room for more. */
  async add(lines: readonly LogLine[]): Promise<void> {
    for (const line of lines) this.#lines.push(line);
    this.#changed.set();
    if (this.#lines.length >= MAX_WAITING) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  notice(notice: LogNotice): void {
    this.#notices.push(notice);
    this.#changed.set();
  }

  /** What waits, oldest first across all sources. */
  take(): LogBatch {
    const sorted = this.#lines.toSorted((left, right) =>
      left.time < right.time ? -1 : left.time > right.time ? 1 : 0,
    );
    this.#lines = sorted.splice(MAX_BATCH);
    const notices = this.#notices;
    this.#notices = [];
    if (this.#lines.length > 0) this.#changed.set();
    else this.release();
    return { lines: sorted, notices };
  }

  /** Lets every held source go on. */
  release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
