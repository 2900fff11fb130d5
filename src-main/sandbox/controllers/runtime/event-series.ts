import type { Correlation, KnownEvent, NotedEvent } from './event-correlation';

/** An event that is written, and how often the same was seen since. */
interface Series extends KnownEvent {
  lastMs: number;
  /** As far as the server knows. */
  writtenCount: number;
  writtenMs: number;
}

/** A series is over when nothing came for this long; while it goes on, it is written anew this often (client-go's tools/events). */
export const FINISH_MS = 360_000;
const REFRESH_MS = 1_800_000;
const MAX_ENTRIES = 4096;

/** A series whose count is to be written. */
export interface DueSeries {
  name: string;
  namespace: string;
  count: number;
  lastMs: number;
}

/**
 * Folds alike events into series, after client-go's broadcaster of events.k8s.io: the second one is written at once, the
 * others are counted. Alike are those about the same revision of an object.
 */
export class EventSeries {
  readonly #known = new Map<string, Series>();

  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  correlate(event: NotedEvent, nowMs: number): Correlation {
    const { type, action, reason, source, involvedObject } = event;
    const key = JSON.stringify([type, action, reason, source, involvedObject]);
    const message = event.message ?? '';
    const known = this.#known.get(key);
    if (!known) return { step: 'create', key, message };
    known.lastMs = nowMs;
    if (known.count === 1) return { step: 'count', key, message, known };
    known.count++;
    return { step: 'drop' };
  }

  written(key: string, event: KnownEvent, nowMs: number): void {
    const lastMs = this.#known.get(key)?.lastMs ?? nowMs;
    this.#known.set(key, { ...event, lastMs, writtenCount: event.count, writtenMs: nowMs });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_ENTRIES && oldest !== undefined) this.#known.delete(oldest);
  }

  forget(key: string): void {
    this.#known.delete(key);
  }

  /** What is to be written now; forgets what is over. */
  tend(nowMs: number): DueSeries[] {
    const due: DueSeries[] = [];
    for (const [key, series] of this.#known) {
      const isOver = series.lastMs <= nowMs - FINISH_MS;
      if (isOver) this.#known.delete(key);
      if (series.count === series.writtenCount || !(isOver || series.writtenMs <= nowMs - REFRESH_MS)) continue;
      const { name, namespace, count, lastMs } = series;
      due.push({ name, namespace, count, lastMs });
      Object.assign(series, { writtenCount: count, writtenMs: nowMs });
    }
    return due;
  }
}
