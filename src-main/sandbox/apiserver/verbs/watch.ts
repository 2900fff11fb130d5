/**
 * WATCH: what is there (when asked for), the bookmark that ends it, then events as they come. An object that enters the
 * selection is ADDED to the watcher, one that leaves is DELETED with its previous content.
 */
import { Buffer } from 'node:buffer';
import { Backoff } from '#common/base/backoff';
import { ApiStatusError } from '#common/kube/status-error';
import { randomInt } from '#common/base/random';
import { RevisionGone } from '#main/sandbox/store/collection';
import type { Entry } from '#main/sandbox/store/entry';
import type { ChangeType, StoreEvent } from '#main/sandbox/store/store-event';
import type { Watcher } from '#main/sandbox/store/watcher';
import { after } from '../after';
import type { ApiResponse } from '../api-request';
import type { ResourceExchange } from '../exchange';
import { expiredRevision, futureRevision, listOptions, type ListOptions } from '../list-options';
import { negotiate, type Representation } from '../negotiation';
import { offersOf } from '../object-response';
import { selectionOf, type Selection } from '../selection';
import { watchForm, type WatchForm } from '../watch-form';

const BOOKMARK_EVERY_MS = 60_000;
/** Watches without a limit of their own end after half an hour to an hour, so that not all do at once. */
const SHORTEST_MS = 30 * 60_000;

/** One line of the answer, in both its forms. */
export interface WatchLine {
  value(): unknown;
  frame(): Buffer;
}

export async function watch(exchange: ResourceExchange): Promise<ApiResponse> {
  const options = listOptions(exchange.request.query, true);
  const selection = selectionOf(exchange);
  // Each event is about one object, and clients ask for that form: `as=PartialObjectMetadata`, never the list.
  const representation = negotiate(exchange.request.headers['accept'], false, offersOf(exchange));
  const form = watchForm(exchange, representation);
  const stream = new WatchStream(exchange, { options, selection, form });
  return {
    status: 200,
    headers: { 'content-type': streamType(representation), 'cache-control': 'no-cache, private' },
    body: { shape: 'lines', lines: () => stream.lines(), frames: () => stream.frames() },
  };
}

function streamType({ encoding, contentType }: Representation): string {
  return encoding === 'protobuf' ? `${contentType};stream=watch` : contentType;
}

interface WatchPlan {
  options: ListOptions;
  selection: Selection;
  form: WatchForm;
}

class WatchStream {
  readonly #exchange: ResourceExchange;
  readonly #plan: WatchPlan;
  #bookmarkDue = false;
  #ended = false;
  #interrupt = (): void => undefined;

  constructor(exchange: ResourceExchange, plan: WatchPlan) {
    this.#exchange = exchange;
    this.#plan = plan;
  }

  async *lines(): AsyncGenerator<unknown> {
    for await (const batch of this.#batches(false)) for (const line of batch) yield line.value();
  }

  async *frames(): AsyncGenerator<Uint8Array> {
    for await (const batch of this.#batches(true)) {
      if (batch.length === 1) yield (batch[0] as WatchLine).frame();
      else yield Buffer.concat(batch.map((line) => line.frame()));
    }
  }

  async *#batches(isNetwork: boolean): AsyncGenerator<WatchLine[]> {
    let opened: Opened;
    try {
      opened = this.#open();
    } catch (problem) {
      // Whatever is wrong with the revision is told in the stream: the watch itself was accepted.
      yield [this.#plan.form.error((problem as ApiStatusError).status)];
      return;
    }
    const { watcher, initial } = opened;
    const stop = this.#arm(watcher);
    try {
      yield* this.#begin(initial);
      yield* this.#follow(watcher, isNetwork);
    } catch (problem) {
      if (!(problem instanceof Unready)) throw problem;
      yield [this.#plan.form.error(futureRevision(problem.revision, problem.revision - 1).status)];
    } finally {
      stop();
      watcher.end();
    }
  }

  /** Begins to listen and reads what is there at the same moment. Throws ApiStatusError. */
  #open(): Opened {
    const { served, server } = this.#exchange;
    const { options, selection } = this.#plan;
    const { collection } = served.registry;
    const current = server.store.revision;
    const { revision } = options;
    if (revision !== undefined && revision > current) throw futureRevision(revision, current);
    const sendsInitial = options.sendInitialEvents ?? (revision === undefined || revision === 0);
    const from = sendsInitial || revision === undefined || revision === 0 ? current : revision;
    try {
      const watcher = collection.watch(selection.range, from);
      if (!sendsInitial) return { watcher, initial: undefined };
      return {
        watcher,
        initial: { entries: collection.list(selection.range), revision: current },
      };
    } catch (problem) {
      if (problem instanceof RevisionGone) throw expiredRevision(problem.asked, problem.oldest);
      throw problem;
    }
  }

  async *#begin(initial: Initial | undefined): AsyncGenerator<WatchLine[]> {
    if (!initial) return;
    const { form, options, selection } = this.#plan;
    for (let at = 0; at < initial.entries.length; at += INITIAL_BATCH) {
      const states = await this.#initial(initial, at);
      const lines = states.filter(selection.matches).map((entry) => form.line('ADDED', entry));
      if (lines.length > 0) yield lines;
    }
    if (options.sendInitialEvents && options.allowBookmarks) {
      yield [form.bookmark(initial.revision, { 'k8s.io/initial-events-end': 'true' })];
    }
  }

  /** A real server begins behind its memory of converted objects, and waits for it in vain. */
  async #initial({ entries, revision }: Initial, at: number): Promise<readonly Entry[]> {
    try {
      return await this.#exchange.served.serveAll(entries.slice(at, at + INITIAL_BATCH));
    } catch (problem) {
      if (problem instanceof ApiStatusError) throw new Unready(revision);
      throw problem;
    }
  }

  async *#follow(watcher: Watcher, isNetwork: boolean): AsyncGenerator<WatchLine[]> {
    const { form, options } = this.#plan;
    while (!this.#ended) {
      const events = watcher.take();
      if (events.length > 0) {
        yield* this.#tell(events);
        continue;
      }
      if (watcher.ended) return;
      if (this.#bookmarkDue) {
        this.#bookmarkDue = false;
        if (options.allowBookmarks) yield [form.bookmark(this.#exchange.server.store.revision)];
        continue;
      }
      await watcher.ready();
      // Requests that are served in the same turn of the event loop share one write to the socket.
      if (isNetwork) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** In their order: what comes meanwhile waits in the queue, as long as it takes to convert what came before. */
  async *#tell(events: readonly StoreEvent[]): AsyncGenerator<WatchLine[]> {
    let lines: WatchLine[] | undefined;
    try {
      lines = await this.#linesOf(events);
    } catch (problem) {
      if (!(problem instanceof ApiStatusError)) throw problem;
    }
    if (lines) {
      if (lines.length > 0) yield lines;
      return;
    }
    for (const event of events) {
      const own = await this.#persistently([event]);
      if (own.length > 0) yield own;
    }
  }

  /** Asks again until somebody converts it, or until the watch is over. */
  async #persistently(events: readonly StoreEvent[]): Promise<WatchLine[]> {
    const backoff = new Backoff({ firstMs: ASKED_AGAIN_MS, maxMs: ASKED_AGAIN_MOST_MS });
    while (!this.#ended) {
      try {
        return await this.#linesOf(events);
      } catch (problem) {
        if (!(problem instanceof ApiStatusError)) throw problem;
        await this.#pause(backoff.next());
      }
    }
    return [];
  }

  /** Time passes, or the watch ends. */
  async #pause(forMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#exchange.server.wallClock.after(forMs, resolve);
      this.#interrupt = () => {
        timer[Symbol.dispose]();
        resolve();
      };
    });
  }

  #linesOf(events: readonly StoreEvent[]): WatchLine[] | Promise<WatchLine[]> {
    const { isFiltered } = this.#plan.selection;
    return after(this.#exchange.served.serveEvents(events, { withPrevious: isFiltered }), (seen) =>
      seen.flatMap((event) => this.#lineOf(event)),
    );
  }

  #lineOf(event: StoreEvent): WatchLine[] {
    const type = this.#typeFor(event);
    return type ? [this.#plan.form.event(type, event)] : [];
  }

  /** How a watcher with this selection sees the event; undefined when it does not. */
  #typeFor({ type, entry, previous }: StoreEvent): ChangeType | undefined {
    const { selection } = this.#plan;
    if (!selection.isFiltered) return type;
    const is = type !== 'DELETED' && selection.matches(entry);
    const was = previous !== undefined && selection.matches(previous);
    if (is) return was ? 'MODIFIED' : 'ADDED';
    return was ? 'DELETED' : undefined;
  }

  /** Timers and signals that interrupt the wait; the answer takes them away again. */
  #arm(watcher: Watcher): () => void {
    const { server, request, served } = this.#exchange;
    const { wallClock: clock, random, stopping } = server;
    const { timeoutSeconds } = this.#plan.options;
    const end = (): void => {
      this.#ended = true;
      watcher.end();
      watcher.nudge();
      this.#interrupt();
    };
    const timeoutMs = timeoutSeconds ? timeoutSeconds * 1000 : SHORTEST_MS + randomInt(random, SHORTEST_MS);
    const timeout = clock.after(timeoutMs, end);
    let bookmark: Disposable;
    const remind = (): void => {
      bookmark = clock.after(BOOKMARK_EVERY_MS, () => {
        this.#bookmarkDue = true;
        watcher.nudge();
        remind();
      });
    };
    remind();
    const signals = [request.signal, stopping, ...(served.replaced ? [served.replaced] : [])];
    for (const signal of signals) signal.addEventListener('abort', end, { once: true });
    if (signals.some(({ aborted }) => aborted)) end();
    return () => {
      timeout[Symbol.dispose]();
      bookmark[Symbol.dispose]();
      for (const signal of signals) signal.removeEventListener('abort', end);
    };
  }
}

const INITIAL_BATCH = 200;
/** As client-go's reflectors wait between their tries. */
const ASKED_AGAIN_MS = 800;
const ASKED_AGAIN_MOST_MS = 30_000;

/** What is there at `revision` cannot be converted. */
class Unready extends Error {
  readonly revision: number;

  constructor(revision: number) {
    super('objects cannot be converted');
    this.revision = revision;
  }
}

interface Initial {
  entries: readonly Entry[];
  revision: number;
}

interface Opened {
  watcher: Watcher;
  initial: Initial | undefined;
}
