import { sleep, type Clock } from '#common/base/clock';
import { messageOf } from '#common/base/errors';
import type { LogBatch, LogNotice, LogRequest } from '#common/contract/logs';
import { Pods } from '#common/kube/resources';
import type { Pod } from '#common/kube/types';
import { LinkedAbort } from '#main/base/linked-abort';
import { Pulse } from '#main/base/pulse';
import { followLogs, readLogs, type LogOptions } from '#main/client/streams/logs';
import type { Informer } from '#main/informer/informer';
import type { InformerLease } from '#main/informer/informers';
import type { ClusterSession } from '#main/session/session';
import { LogBuffer } from './log-buffer';
import { isRunning, sourcesOf, type LogSource } from './log-sources';

/** Lines gather for so long: long enough to put those of several Pods in order, short enough to look live. */
const GATHER_MS = 60;
/** Pods of one selector that are read at once; further ones are named in a notice. */
const MAX_SOURCES = 200;

/** The logs of several containers as one stream; Pods and runs that begin later join while it follows. */
export async function* followPodLogs(
  session: ClusterSession,
  request: LogRequest,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): AsyncGenerator<LogBatch> {
  using view = new LogView(session, request, { clock, signal });
  while (!view.signal.aborted) {
    await view.changed.taken(view.signal);
    await sleep(clock, GATHER_MS, view.signal).catch(() => undefined);
    const batch = view.buffer.take();
    if (batch.lines.length > 0 || batch.notices.length > 0) yield batch;
    if (view.isComplete && view.buffer.isEmpty) return;
  }
}

class LogView implements Disposable {
  readonly changed = new Pulse();
  readonly buffer = new LogBuffer(this.changed);
  readonly #session: ClusterSession;
  readonly #request: LogRequest;
  readonly #clock: Clock;
  readonly #stop: LinkedAbort;
  readonly #leases: { lease: InformerLease<Pod>; listening: Disposable }[];
  readonly #begun = new Set<string>();
  #active = 0;
  #synced = 0;

  constructor(session: ClusterSession, request: LogRequest, { clock, signal }: { clock: Clock; signal: AbortSignal }) {
    this.#session = session;
    this.#request = request;
    this.#clock = clock;
    this.#stop = new LinkedAbort(signal);
    const { namespace, labelSelector, pods } = request;
    const selectors = pods?.length
      ? pods.map((name) => ({ namespace, fieldSelector: `metadata.name=${name}` }))
      : [{ namespace, labelSelector }];
    this.#leases = selectors.map((selector) => this.#open(selector));
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Without following, a view ends when every source has. */
  get isComplete(): boolean {
    return !this.#request.follow && this.#synced === this.#leases.length && this.#active === 0;
  }

  [Symbol.dispose](): void {
    this.#stop.abort(new Error('the log view was closed'));
    this.buffer.release();
    this.#stop[Symbol.dispose]();
    for (const { lease, listening } of this.#leases) {
      listening[Symbol.dispose]();
      lease[Symbol.dispose]();
    }
  }

  #open(selector: { namespace: string; labelSelector?: string | undefined; fieldSelector?: string }) {
    const lease = this.#session.informers.open(Pods, { ...selector, trim: true });
    const { informer } = lease;
    let start: 'tail' | 'whole' = 'tail';
    const listening = informer.subscribe(() => this.#begin(informer.cache.values(), start));
    void this.#synchronise(informer, selector.fieldSelector).then(() => (start = 'whole'));
    return { lease, listening };
  }

  /** Never rejects: what the server refuses is a notice. */
  async #synchronise(informer: Informer<Pod>, fieldSelector: string | undefined): Promise<void> {
    try {
      await informer.synced(this.signal);
      this.#begin(informer.cache.values(), 'tail');
      const pod = fieldSelector?.slice('metadata.name='.length);
      if (pod && informer.cache.size === 0) this.#notice({ pod, container: '' }, 'failed', `There is no Pod ${pod}.`);
    } catch (failure) {
      if (!this.signal.aborted) this.#notice({ pod: '', container: '' }, 'failed', messageOf(failure));
    }
    this.#synced++;
    this.changed.set();
  }

  /** What was there when the view was opened is read from its tail; Pods and runs that join later are read whole. */
  #begin(pods: Iterable<Pod>, start: 'tail' | 'whole'): void {
    if (!this.#request.follow && start === 'whole') return;
    for (const pod of pods) {
      for (const source of sourcesOf(pod, this.#request)) {
        if (this.#begun.has(source.run) || this.#begun.size >= MAX_SOURCES) continue;
        this.#begun.add(source.run);
        void this.#read(source, start);
      }
    }
  }

  /** Never rejects: how a source ended is a notice. */
  async #read(source: LogSource, start: 'tail' | 'whole'): Promise<void> {
    this.#active++;
    const options = this.#options(source, start);
    try {
      this.#notice(source, 'started', `Reading ${source.pod}, container ${source.container}.`);
      if (this.#request.follow && !this.#request.previous) await this.#follow(source, options);
      else await this.#readOnce(source, options);
      this.#notice(source, 'ended', `Container ${source.container} of ${source.pod} has ended.`);
    } catch (failure) {
      if (!this.signal.aborted) this.#notice(source, 'failed', messageOf(failure));
    } finally {
      this.#active--;
      this.changed.set();
    }
  }

  async #readOnce(source: LogSource, options: LogOptions): Promise<void> {
    const { previous } = this.#request;
    for await (const lines of readLogs(this.#session.client, { ...options, previous })) {
      await this.buffer.add(lines.map((line) => ({ pod: source.pod, container: source.container, ...line })));
    }
  }

  async #follow(source: LogSource, options: LogOptions): Promise<void> {
    const following = { ...options, clock: this.#clock, stillRuns: async () => this.#stillRuns(source) };
    for await (const event of followLogs(this.#session.client, following)) {
      if (event.type === 'lines') {
        await this.buffer.add(event.lines.map((line) => ({ pod: source.pod, container: source.container, ...line })));
      } else if (event.type === 'reconnecting') this.#notice(source, 'reconnecting', event.message);
      else this.#notice(source, 'resumed', 'Nothing was lost.');
    }
  }

  #options({ pod, container }: LogSource, start: 'tail' | 'whole'): LogOptions {
    const { namespace, tailLines, sinceSeconds } = this.#request;
    const base = { namespace, pod, container, signal: this.signal };
    return start === 'tail' ? { ...base, tailLines, sinceSeconds } : base;
  }

  #stillRuns(source: LogSource): boolean {
    const key = `${this.#request.namespace}/${source.pod}`;
    const pods = this.#leases.map(({ lease }) => lease.informer.cache.get(key));
    return isRunning(pods.find(Boolean), source);
  }

  #notice({ pod, container }: Pick<LogSource, 'pod' | 'container'>, state: LogNotice['state'], message: string): void {
    this.buffer.notice({ pod, container, state, message });
  }
}
