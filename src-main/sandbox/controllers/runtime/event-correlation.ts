import type { Event } from '#common/kube/types';

/** An event as it was noted, before it is counted. */
export type NotedEvent = Pick<Event, 'involvedObject' | 'reason' | 'message' | 'type' | 'source' | 'action'>;

/** What the correlator remembers of an event it let through. */
export interface KnownEvent {
  name: string;
  namespace: string;
  firstTimestamp: string;
  count: number;
}

/** What to do with a noted event. `message` may have become the one that stands for many. */
export type Correlation =
  | { step: 'drop' }
  | { step: 'create'; key: string; message: string }
  | { step: 'count'; key: string; message: string; known: KnownEvent };

/** client-go's defaults: more than ten different messages in ten minutes become one. */
const MAX_SIMILAR = 10;
const SIMILAR_INTERVAL_MS = 600_000;
/** client-go's spam filter: 25 events at once per object and source, then one in five minutes. */
const BURST = 25;
const REFILL_MS = 300_000;
/** Entries kept of each kind, as client-go's caches hold. */
const MAX_ENTRIES = 4096;

/** Folds alike events together and holds back floods, after client-go's EventCorrelator. */
export class EventCorrelator {
  readonly #similar = new RecentMap<{ messages: Set<string>; lastMs: number }>(MAX_ENTRIES);
  readonly #known = new RecentMap<KnownEvent>(MAX_ENTRIES);
  readonly #tokens = new RecentMap<{ left: number; atMs: number }>(MAX_ENTRIES);

  correlate(event: NotedEvent, nowMs: number): Correlation {
    const { key, message } = this.#aggregate(event, nowMs);
    if (!this.#takeToken(subjectOf(event), nowMs)) return { step: 'drop' };
    const known = this.#known.get(key);
    return known ? { step: 'count', key, message, known } : { step: 'create', key, message };
  }

  written(key: string, known: KnownEvent): void {
    this.#known.set(key, known);
  }

  /** The event is gone from the server: the next one alike is a new one. */
  forget(key: string): void {
    this.#known.delete(key);
  }

  #aggregate(event: NotedEvent, nowMs: number): { key: string; message: string } {
    const group = [subjectOf(event), event.type, event.reason].join('\n');
    const message = event.message ?? '';
    let similar = this.#similar.get(group);
    if (!similar || nowMs - similar.lastMs > SIMILAR_INTERVAL_MS) similar = { messages: new Set(), lastMs: nowMs };
    similar.messages.add(message);
    similar.lastMs = nowMs;
    this.#similar.set(group, similar);
    if (similar.messages.size < MAX_SIMILAR) return { key: `${group}\n${message}`, message };
    // One of them is enough to remember that there were many.
    similar.messages.delete(similar.messages.values().next().value ?? '');
    return { key: group, message: `(combined from similar events): ${message}` };
  }

  #takeToken(subject: string, nowMs: number): boolean {
    const bucket = this.#tokens.get(subject) ?? { left: BURST, atMs: nowMs };
    const left = Math.min(BURST, bucket.left + (nowMs - bucket.atMs) / REFILL_MS);
    this.#tokens.set(subject, { left: left >= 1 ? left - 1 : left, atMs: nowMs });
    return left >= 1;
  }
}

/** Who says it about what. */
function subjectOf({ source, involvedObject }: NotedEvent): string {
  const { kind, namespace, name, uid, apiVersion, fieldPath } = involvedObject;
  return [source?.component, source?.host, kind, namespace, name, uid, apiVersion, fieldPath].join('\n');
}

/** A map that forgets what was longest not set. */
class RecentMap<V> {
  readonly #max: number;
  readonly #entries = new Map<string, V>();

  constructor(max: number) {
    this.#max = max;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#max) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
