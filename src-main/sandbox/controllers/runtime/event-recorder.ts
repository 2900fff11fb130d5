import { formatTime, type Clock } from '#common/base/clock';
import { isAbort } from '#common/base/errors';
import type { Scope } from '#common/base/scope';
import type { KubeObject } from '#common/kube/object';
import { Events } from '#common/kube/resources';
import { isAlreadyExists, isNamespaceTerminating, isNotFound } from '#common/kube/status-error';
import type { Event, ObjectReference } from '#common/kube/types';
import type { Draft, KubeClient } from '#main/client/client';
import { Pulse } from '#main/base/pulse';
import { Slice, type Stopwatch } from '#main/base/slice';
import { EventCorrelator, type Correlation, type KnownEvent, type NotedEvent } from './event-correlation';
import { EventSeries, FINISH_MS, type DueSeries } from './event-series';

/** One thing that happened to an object. */
export interface EventNote {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** The part of the object it is about: `spec.containers{web}`. */
  fieldPath?: string;
  /** What was being done, for recorders of events.k8s.io. */
  action?: string;
}

/** Notes an event about an object; it is written later, when there is nothing more urgent to do. */
export type RecordEvent = (about: KubeObject, note: EventNote) => void;

export interface RecorderOptions {
  client: KubeClient;
  clock: Clock;
  scope: Scope;
  report: (failure: unknown) => void;
  stopwatch?: Stopwatch | undefined;
}

export interface RecorderSource {
  component: string;
  host?: string;
  /** Writes as recorders of events.k8s.io do (the scheduler): eventTime and action, no source. */
  style?: 'events.k8s.io';
  /** Who writes; the writer's own unless given. */
  client?: KubeClient;
}

/** Noted events that wait to be written; client-go drops what comes when its queue is full, so do we. */
const MAX_WAITING = 30_000;
/** Events are written in slices of this length, so that they never hold up the cluster's own work. */
const SLICE_MS = 4;

interface Waiting {
  event: NotedEvent;
  style: RecorderSource['style'];
  client: KubeClient;
  atMs: number;
}

/** Writes the events of all components of a cluster, folded by client-go's rules. */
export class EventWriter {
  readonly #options: RecorderOptions;
  readonly #correlator = new EventCorrelator();
  readonly #series = new EventSeries();
  #tending: Disposable | undefined;
  readonly #pulse = new Pulse();
  #waiting: Waiting[] = [];
  #lastStampNs = 0n;

  constructor(options: RecorderOptions) {
    this.#options = options;
    const running = this.#run();
    options.scope.add(() => running);
    options.scope.add(() => this.#tending?.[Symbol.dispose]());
  }

  recorder({ style, client = this.#options.client, ...source }: RecorderSource): RecordEvent {
    return (about, { fieldPath, action, ...note }) => {
      if (this.#waiting.length >= MAX_WAITING) return;
      const event: NotedEvent = { ...note, source, involvedObject: referenceTo(about, fieldPath) };
      if (action) event.action = action;
      this.#waiting.push({ event, style, client, atMs: this.#options.clock.now() });
      this.#pulse.set();
    };
  }

  async #run(): Promise<void> {
    const { signal } = this.#options.scope;
    while (!signal.aborted) {
      await this.#pulse.taken(signal);
      while (this.#waiting.length > 0 && !signal.aborted) {
        const slice = this.#waiting;
        this.#waiting = [];
        await this.#writeAll(slice, signal);
      }
    }
  }

  async #writeAll(all: readonly Waiting[], signal: AbortSignal): Promise<void> {
    const turn = new Slice(SLICE_MS, this.#options.stopwatch);
    for (const waiting of all) {
      if (signal.aborted) return;
      await this.#write(waiting, signal).catch((failure) => {
        // An event about what goes with its namespace goes with it too; names are moments, and another writer may have had the same.
        const isEveryday = isAbort(failure) || isNamespaceTerminating(failure) || isAlreadyExists(failure);
        if (!isEveryday) this.#options.report(failure);
      });
      const pause = turn.pause();
      if (pause) await pause;
    }
  }

  async #write(waiting: Waiting, signal: AbortSignal): Promise<void> {
    const plan = this.#folding(waiting).correlate(waiting.event, waiting.atMs);
    if (plan.step === 'drop') return;
    if (plan.step === 'count' && (await this.#count(waiting, plan, signal))) return;
    await this.#create(waiting, plan, signal);
  }

  async #create(
    { event, style, client, atMs }: Waiting,
    { key, message }: Exclude<Correlation, { step: 'drop' }>,
    signal: AbortSignal,
  ): Promise<void> {
    const time = formatTime(atMs);
    const namespace = event.involvedObject.namespace || 'default';
    const name = `${event.involvedObject.name}.${this.#stamp(atMs)}`;
    const draft = style ? eventsDraft(event, message, atMs) : coreDraft(event, message, time);
    await client.create(Events, { ...draft, metadata: { name, namespace } }, { signal });
    this.#written({ style, atMs }, key, { name, namespace, firstTimestamp: time, count: 1 });
  }

  /** False when the event is gone in the meantime. */
  async #count(
    waiting: Waiting,
    { key, message, known }: Extract<Correlation, { step: 'count' }>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const count = known.count + 1;
    const { style, client, atMs } = waiting;
    const patch = style
      ? { series: { count, lastObservedTime: microTime(atMs) } }
      : { count, lastTimestamp: formatTime(atMs), message };
    try {
      await client.patch(Events, known, { type: 'strategic', patch }, { signal });
    } catch (failure) {
      if (!isNotFound(failure)) throw failure;
      this.#folding(waiting).forget(key);
      return false;
    }
    this.#written(waiting, key, { ...known, count });
    return true;
  }

  #folding({ style }: Waiting): EventCorrelator | EventSeries {
    return style ? this.#series : this.#correlator;
  }

  #written({ style, atMs }: Pick<Waiting, 'style' | 'atMs'>, key: string, event: KnownEvent): void {
    if (!style) {
      this.#correlator.written(key, event);
      return;
    }
    this.#series.written(key, event, atMs);
    this.#tending ??= this.#options.clock.after(FINISH_MS, () => this.#tend());
  }

  #tend(): void {
    const { clock, report } = this.#options;
    for (const due of this.#series.tend(clock.now())) void this.#writeSeries(due).catch(report);
    this.#tending = this.#series.isEmpty ? undefined : clock.after(FINISH_MS, () => this.#tend());
  }

  async #writeSeries({ name, namespace, count, lastMs }: DueSeries): Promise<void> {
    const { client, scope } = this.#options;
    const patch = { series: { count, lastObservedTime: microTime(lastMs) } };
    try {
      await client.patch(Events, { name, namespace }, { type: 'strategic', patch }, { signal: scope.signal });
    } catch (failure) {
      if (!isNotFound(failure) && !isAbort(failure)) throw failure;
    }
  }

  /** Sixteen hexadecimal digits that never repeat: the time in nanoseconds, as client-go names events. */
  #stamp(atMs: number): string {
    const stampNs = BigInt(Math.floor(atMs)) * 1_000_000n;
    this.#lastStampNs = stampNs > this.#lastStampNs ? stampNs : this.#lastStampNs + 1n;
    return this.#lastStampNs.toString(16).padStart(16, '0');
  }
}

type EventBody = Omit<Draft<Event>, 'metadata'>;

function coreDraft(event: NotedEvent, message: string, time: string): EventBody {
  return {
    ...event,
    message,
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    reportingComponent: event.source?.component ?? '',
    reportingInstance: event.source?.host ?? '',
  };
}

function eventsDraft({ source, ...event }: NotedEvent, message: string, atMs: number): EventBody {
  const component = source?.component ?? '';
  return {
    ...event,
    message,
    source: {},
    eventTime: microTime(atMs),
    action: event.action ?? '',
    reportingComponent: component,
    reportingInstance: `${component}-${source?.host ?? 'sandbox'}`,
  };
}

const microTime = (atMs: number): string => new Date(atMs).toISOString().replace('Z', '000Z');

/** What is not known of an object (its uid, its revision) is left out. */
export function referenceTo({ apiVersion, kind, metadata }: KubeObject, fieldPath?: string): ObjectReference {
  const { name, namespace, uid, resourceVersion } = metadata;
  const reference: ObjectReference = { kind, name, apiVersion };
  if (uid) reference.uid = uid;
  if (resourceVersion) reference.resourceVersion = resourceVersion;
  if (namespace) reference.namespace = namespace;
  if (fieldPath) reference.fieldPath = fieldPath;
  return reference;
}
