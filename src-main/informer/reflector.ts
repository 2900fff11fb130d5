import { Backoff } from '#common/base/backoff';
import { sleep, type Clock } from '#common/base/clock';
import type { Random } from '#common/base/random';
import type { KubeObject, WatchEvent } from '#common/kube/object';
import { ApiStatusError, isExpired } from '#common/kube/status-error';
import { LinkedAbort } from '#main/base/linked-abort';
import { planAfterFailure, type FailurePlan } from './failure-plan';
import type { Source } from './source';

/** Takes what a reflector reads, in the order the server tells it. */
export interface Sink<T extends KubeObject> {
  /** A complete state begins: what is not upserted before `complete` is gone. */
  begin(): void;
  upsert(object: T): void;
  remove(object: T): void;
  complete(revision: string): void;
  /** Everything up to `revision` has been told. */
  advance(revision: string): void;
  live(): void;
  lost(plan: Pick<FailurePlan, 'state' | 'message'>, attempt: number): void;
  refused(failure: unknown): void;
}

/** Whether the server streams initial events (WatchList); shared by all reflectors of one client, corrected by what they meet. */
export interface WatchListSupport {
  supported: boolean;
}

export interface ReflectorOptions {
  clock: Clock;
  random: Random;
  watchList: WatchListSupport;
}

/** Objects per page, as kubectl asks for them. */
const PAGE_SIZE = 500;
/** A watch is asked to end between five and ten minutes, as client-go's reflector does, so that servers can shed load. */
const MIN_WATCH_SECONDS = 300;
/** No event and no closing bookmark for this long after the watch was accepted: the server does not know WatchList. */
const INITIAL_EVENTS_QUIET_MS = 3000;
/** How long a watch that ended in good order may take to come back before readers are told. */
const REOPEN_GRACE_MS = 1000;
/** Refusals (forbidden, unknown kind) are tried again this often. */
const REFUSED_RETRY_MS = 30_000;
/** Kinds that cannot be watched (metrics.k8s.io) are read this often. */
const POLL_MS = 15_000;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** Keeps a Sink equal to a Source: initial state, then changes; resumes, relists and waits as the server demands. */
export class Reflector<T extends KubeObject> {
  readonly #source: Source<T>;
  readonly #sink: Sink<T>;
  readonly #options: ReflectorOptions;
  readonly #backoff: Backoff;
  /** The last revision everything is known up to; none when everything has to be read again. */
  #revision: string | undefined;
  #polls = false;
  /** Set once this kind's WatchList was declined; the reason tells whether other kinds need not try. */
  #declined: unknown;
  #current: LinkedAbort | undefined;
  #reopenTimer: Disposable | undefined;
  /** Whether the latest request was a WATCH that the server accepted or refused. */
  #watching = false;

  constructor(source: Source<T>, sink: Sink<T>, options: ReflectorOptions) {
    this.#source = source;
    this.#sink = sink;
    this.#options = options;
    this.#backoff = new Backoff({ firstMs: 500, maxMs: 30_000, jitter: 0.5, random: options.random });
  }

  /** Runs until `signal` aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      using attempt = new LinkedAbort(signal);
      this.#current = attempt;
      try {
        await this.#attempt(attempt.signal);
      } catch (failure) {
        if (!signal.aborted) await this.#afterFailure(reasonOf(failure, attempt.signal), signal);
      }
    }
    this.#reopenTimer?.[Symbol.dispose]();
  }

  /** Ends the current request or wait and starts anew from the last revision: after sleep, or when the server is back. */
  reconnect(reason: string): void {
    this.#backoff.reset();
    this.#current?.abort(new Interrupted(reason));
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    if (this.#polls) return this.#poll(signal);
    if (this.#revision !== undefined) return this.#follow(this.#revision, signal);
    if (this.#options.watchList.supported && this.#declined === undefined) return this.#streamAll(signal);
    return this.#listAll(signal);
  }

  async #afterFailure(failure: unknown, signal: AbortSignal): Promise<void> {
    using wait = new LinkedAbort(signal);
    this.#current = wait;
    if (failure instanceof Interrupted) {
      this.#sink.lost({ state: 'reconnecting', message: failure.message }, this.#backoff.failures);
      return;
    }
    const plan = planAfterFailure(failure, this.#watching);
    if (plan.next === 'poll') this.#polls = true;
    if (plan.next !== 'resume') this.#revision = undefined;
    const first = this.#backoff.failures === 0;
    const backoffMs = this.#backoff.next();
    this.#sink.lost(plan, this.#backoff.failures);
    if (plan.refused) this.#refused(failure);
    const delayMs = plan.delay === 'seldom' ? REFUSED_RETRY_MS : plan.delay === 'now' && first ? 0 : backoffMs;
    if (delayMs > 0) await sleep(this.#options.clock, delayMs, wait.signal).catch(wakeEarly);
  }

  /** What was found out about this kind may be otherwise once it is served, or allowed, again. */
  #refused(failure: unknown): void {
    this.#polls = false;
    this.#declined = undefined;
    this.#sink.refused(failure);
  }

  /** WatchList: the objects there are, a bookmark, then their changes, all on one watch. */
  async #streamAll(signal: AbortSignal): Promise<void> {
    using quiet = new QuietLimit(this.#options.clock, INITIAL_EVENTS_QUIET_MS);
    using attempt = new LinkedAbort(signal);
    this.#sink.begin();
    this.#watching = true;
    const events = this.#source.watch({
      ...this.#watchOptions(attempt.signal),
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      onOpen: () => quiet.start(() => attempt.abort(new NoInitialEvents(false))),
    });
    try {
      for await (const event of events) {
        quiet.heard();
        if (this.#revision !== undefined) this.#apply(event);
        else if (!this.#applyInitial(event)) throw new NoInitialEvents(true);
        if (event.type === 'BOOKMARK') quiet.stop();
      }
      attempt.signal.throwIfAborted();
    } catch (failure) {
      const reason = reasonOf(failure, attempt.signal);
      if (!declinesWatchList(reason) || this.#revision !== undefined) throw reason;
      this.#declined = reason;
      return;
    }
    if (this.#revision === undefined) throw new Error('the server ended the watch before its initial events');
    this.#backoff.reset();
  }

  /** One event before the closing bookmark. False for a bookmark that shows the server does not know WatchList. */
  #applyInitial(event: WatchEvent<T>): boolean {
    const { metadata } = event.object;
    if (event.type === 'DELETED') this.#sink.remove(event.object);
    else if (event.type !== 'BOOKMARK') this.#sink.upsert(event.object);
    else if (metadata.annotations?.[INITIAL_EVENTS_END] !== 'true') return false;
    else this.#complete(metadata.resourceVersion);
    if (event.type === 'BOOKMARK') this.#opened();
    return true;
  }

  /** Everything page by page; the watch follows from the revision of the list. */
  async #listAll(signal: AbortSignal): Promise<void> {
    this.#watching = false;
    this.#sink.begin();
    try {
      this.#complete(await this.#listPages(PAGE_SIZE, signal));
    } catch (failure) {
      // The list's own revision was compacted between two pages: read it in one piece, as client-go's pager does.
      if (!isExpired(failure)) throw failure;
      this.#sink.begin();
      this.#complete(await this.#listPages(undefined, signal));
    }
    // Only now is it sure that WatchList was the trouble, and not a selector that the server cannot read.
    if (declinesForAllKinds(this.#declined)) this.#options.watchList.supported = false;
  }

  async #listPages(limit: number | undefined, signal: AbortSignal): Promise<string> {
    let next: string | undefined;
    for (;;) {
      const list = await this.#source.list({ limit, continue: next, signal });
      for (const object of list.items) this.#sink.upsert(object);
      next = list.metadata.continue;
      if (!next) return list.metadata.resourceVersion ?? '';
    }
  }

  async #follow(revision: string, signal: AbortSignal): Promise<void> {
    const startedAt = this.#options.clock.now();
    this.#watching = true;
    this.#expectOpen();
    const options = { ...this.#watchOptions(signal), resourceVersion: revision, onOpen: () => this.#opened() };
    for await (const event of this.#source.watch(options)) {
      this.#apply(event);
    }
    signal.throwIfAborted();
    const lastedMs = this.#options.clock.now() - startedAt;
    // Whatever it sent: a server that ends every watch at once must not be asked in a loop.
    if (lastedMs < REOPEN_GRACE_MS) throw new Error('the server ended the watch at once');
    this.#backoff.reset();
  }

  async #poll(signal: AbortSignal): Promise<void> {
    await this.#listAll(signal);
    this.#revision = undefined;
    this.#opened();
    await sleep(this.#options.clock, POLL_MS, signal);
  }

  #apply(event: WatchEvent<T>): void {
    const { resourceVersion } = event.object.metadata;
    if (event.type === 'DELETED') this.#sink.remove(event.object);
    else if (event.type !== 'BOOKMARK') this.#sink.upsert(event.object);
    this.#revision = resourceVersion;
    this.#sink.advance(resourceVersion);
  }

  #complete(revision: string): void {
    this.#revision = revision;
    this.#sink.complete(revision);
  }

  #opened(): void {
    this.#reopenTimer?.[Symbol.dispose]();
    this.#reopenTimer = undefined;
    this.#sink.live();
  }

  /** A watch that does not come back soon is no longer live, whatever the reason turns out to be. */
  #expectOpen(): void {
    this.#reopenTimer ??= this.#options.clock.after(REOPEN_GRACE_MS, () => {
      this.#reopenTimer = undefined;
      this.#sink.lost({ state: 'reconnecting', message: 'waiting for the server to accept the watch' }, 1);
    });
  }

  #watchOptions(signal: AbortSignal) {
    const timeoutSeconds = Math.round(MIN_WATCH_SECONDS * (1 + this.#options.random.next()));
    return { allowWatchBookmarks: true, timeoutSeconds, signal };
  }
}

/** Ends a wait or a watch on purpose; says why. */
class Interrupted extends Error {}

class NoInitialEvents extends Error {
  /** A plain bookmark instead of the closing one: no kind of this server has it. Mere silence proves less. */
  readonly certain: boolean;

  constructor(certain: boolean) {
    super('the server does not stream initial events');
    this.certain = certain;
  }
}

/** Servers without the feature refuse the parameters; older ones ignore them and never send the closing bookmark. */
function declinesWatchList(failure: unknown): boolean {
  if (failure instanceof NoInitialEvents) return true;
  return failure instanceof ApiStatusError && [400, 403, 405, 406, 422].includes(failure.code);
}

function declinesForAllKinds(failure: unknown): boolean {
  if (failure instanceof NoInitialEvents) return failure.certain;
  return failure instanceof ApiStatusError && (failure.code === 400 || failure.code === 422);
}

/** Why a request ended: carriers differ in what they throw on abort, the signal knows. */
function reasonOf(failure: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : failure;
}

/** A wait that was cut short leads to the next attempt like one that ran out. */
function wakeEarly(): void {}

/** Calls back when nothing was heard for `limitMs`; one timer however many events come. */
class QuietLimit implements Disposable {
  readonly #clock: Clock;
  readonly #limitMs: number;
  #lastHeard = 0;
  #timer: Disposable | undefined;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  start(tooQuiet: () => void): void {
    this.heard();
    this.#arm(this.#limitMs, tooQuiet);
  }

  heard(): void {
    this.#lastHeard = this.#clock.now();
  }

  stop(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #arm(delayMs: number, tooQuiet: () => void): void {
    this.#timer = this.#clock.after(delayMs, () => {
      const left = this.#lastHeard + this.#limitMs - this.#clock.now();
      if (left > 0) this.#arm(left, tooQuiet);
      else tooQuiet();
    });
  }
}
