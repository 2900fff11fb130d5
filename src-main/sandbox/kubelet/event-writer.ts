import { timestamp, type Clock } from '#common/base/clock';
import { randomInt, type Random } from '#common/base/random';
import { Events } from '#common/kube/resources';
import type { Event, ObjectReference } from '#common/kube/types';
import type { KubeClient } from '#main/client/client';
import { WorkLimit } from './work-limit';

export interface EventWriterOptions {
  client: KubeClient;
  clock: Clock;
  random: Random;
  signal: AbortSignal;
}

export interface EventNote {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

interface Known {
  name: string;
  namespace: string;
  count: number;
}

/** Kept for folding; the oldest are forgotten. */
const MAX_KNOWN = 4096;
/** Events that may wait to be written before further ones are dropped, as client-go's broadcaster does. */
const MAX_WAITING = 50_000;

/** Writes the events of kubelets; one that repeats raises the count of the first. */
export class EventWriter {
  readonly #options: EventWriterOptions;
  readonly #known = new Map<string, Promise<Known | undefined>>();
  /** One at a time: readers see the events of a Pod in their order. */
  readonly #limit = new WorkLimit(1);

  constructor(options: EventWriterOptions) {
    this.#options = options;
  }

  record(host: string, involvedObject: ObjectReference, note: EventNote): void {
    if (this.#limit.waiting > MAX_WAITING) return;
    const at = timestamp(this.#options.clock);
    const { uid = '', fieldPath = '' } = involvedObject;
    const key = [host, uid, fieldPath, note.type, note.reason, note.message].join('\0');
    const before = this.#known.get(key);
    this.#known.delete(key);
    this.#known.set(
      key,
      this.#limit.run(() => this.#write(host, involvedObject, { note, before, at })),
    );
    if (this.#known.size <= MAX_KNOWN) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  async #write(
    host: string,
    involvedObject: ObjectReference,
    { note, before, at }: { note: EventNote; before: Promise<Known | undefined> | undefined; at: string },
  ): Promise<Known | undefined> {
    const known = await before;
    try {
      return known ? await this.#count(known, at) : await this.#create(host, involvedObject, note, at);
    } catch {
      // An event is a courtesy: its namespace may be going away, or the cluster closing.
      return undefined;
    }
  }

  async #count(known: Known, lastTimestamp: string): Promise<Known> {
    const { client, signal } = this.#options;
    const count = known.count + 1;
    await client.patch(Events, known, { type: 'strategic', patch: { count, lastTimestamp } }, { signal });
    return { ...known, count };
  }

  async #create(host: string, involvedObject: ObjectReference, note: EventNote, at: string): Promise<Known> {
    const { client, signal, clock, random } = this.#options;
    const namespace = involvedObject.namespace ?? 'default';
    const stamp = BigInt(Math.floor(clock.now())) * 1_000_000n + BigInt(randomInt(random, 1_000_000));
    const name = `${involvedObject.name ?? host}.${stamp.toString(16)}`;
    const event: Omit<Event, 'metadata' | 'apiVersion' | 'kind'> = {
      involvedObject,
      ...note,
      source: { component: 'kubelet', host },
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
      reportingComponent: 'kubelet',
      reportingInstance: host,
    };
    await client.create(Events, { ...event, metadata: { name, namespace } }, { signal, namespace });
    return { name, namespace, count: 1 };
  }
}
