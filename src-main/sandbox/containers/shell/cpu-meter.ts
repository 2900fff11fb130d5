import { setImmediate as nextTurn } from 'node:timers/promises';
import { sleep, type Clock } from '#common/base/clock';
import { CpuHistory } from './cpu-history';

/** Turns of a loop between two turns of the event loop: about a millisecond and a half of work. */
const TURNS_AT_ONCE = 16;
/** Turns that wait for nothing, after which a loop is slowed down on the cluster's clock. */
const BUSY_TURNS = 500;
const BUSY_PAUSE_MS = 20;
/** A loop that let this much time pass between two turns was waiting. */
const WAITING_MS = 200;
/** What a turn costs a real shell, about. */
const TURN_COST_MS = 0.05;
/** Work that takes less time than this is not waited for: nobody would see it. */
const SHORTEST_WAIT_MS = 4;

/** Counts what the scripts of a container would use of a processor, and makes them give way to everyone else. */
export class CpuMeter {
  readonly #clock: Clock;
  #cores: number;
  readonly #history: CpuHistory;
  /** When the work that was asked for so far is done. */
  #busyUntilMs = 0;
  /** Cores that are busy all the time, since when, and what they had used before. */
  #steady = { cores: 0, sinceMs: 0, usedMs: 0 };

  /** `cores` is the most it may use at a time: the limit of the container. */
  constructor(clock: Clock, cores = Infinity) {
    this.#clock = clock;
    this.#cores = cores;
    this.#history = new CpuHistory(clock);
  }

  get cores(): number {
    return this.#cores;
  }

  /** The most it may use from now on. */
  set cores(cores: number) {
    this.#change(0);
    this.#cores = cores;
  }

  /** Milliseconds of one core since the start. */
  get usedMs(): number {
    return this.#history.usedMs + this.#steadyMs(this.#clock.now());
  }

  /** The same as of a moment of the last minute. */
  usedMsAt(atMs: number): number {
    return this.#history.usedMsAt(atMs) + this.#steadyMs(atMs);
  }

  /** Keeps so many cores busy until the answer is disposed, as far as the limit lets it. */
  busy(cores: number): Disposable {
    this.#change(cores);
    return { [Symbol.dispose]: () => this.#change(-cores) };
  }

  #change(cores: number): void {
    const nowMs = this.#clock.now();
    this.#steady = { cores: this.#steady.cores + cores, sinceMs: nowMs, usedMs: this.#steadyMs(nowMs) };
  }

  #steadyMs(atMs: number): number {
    const { cores, sinceMs, usedMs } = this.#steady;
    return Math.max(0, usedMs + Math.min(cores, this.#cores) * (atMs - sinceMs));
  }

  /** Work that is no loop: a request that was answered, a program that started. */
  count(ms: number): void {
    this.#history.add(ms);
  }

  /** The same, for as long as it takes with what the container may use: requests wait for those before them. */
  async work(ms: number, signal?: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    // One request is answered by one thread.
    const tookMs = ms / Math.min(1, this.#cores);
    const queuedMs = Number.isFinite(this.#cores) ? Math.max(0, this.#busyUntilMs - now) : 0;
    this.#busyUntilMs = now + queuedMs + ms / this.#cores;
    const waitMs = Math.max(tookMs, queuedMs + ms / this.#cores);
    if (waitMs >= SHORTEST_WAIT_MS) await sleep(this.#clock, waitMs, signal).catch(() => undefined);
    this.#history.add(ms);
  }

  /** The pace of one script: to be awaited at each turn of each of its loops. */
  pace(signal: () => AbortSignal): () => Promise<void> {
    let turns = 0;
    let busy = 0;
    let lastAtMs = this.#clock.now();
    return async () => {
      turns++;
      if (turns % TURNS_AT_ONCE === 0 || busy > BUSY_TURNS) await nextTurn();
      const now = this.#clock.now();
      const waited = now - lastAtMs > WAITING_MS;
      busy = waited ? 0 : busy + 1;
      // A loop that never waits has a whole core, or what its container may use.
      const share = Math.min(1, this.#cores);
      this.#history.add(busy > BUSY_TURNS ? (now - lastAtMs) * share : TURN_COST_MS);
      lastAtMs = now;
      if (busy > BUSY_TURNS) await sleep(this.#clock, BUSY_PAUSE_MS, signal()).catch(() => undefined);
    };
  }
}
