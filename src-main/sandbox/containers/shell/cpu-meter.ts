import { sleep, type Clock } from '#common/base/clock';
import { giveWay } from '#main/base/outside-work';
import { CpuHistory } from './cpu-history';

/** Turns of all loops between two turns of the event loop: about a millisecond of work. */
const TURNS_AT_ONCE = 16;
/** Turns that wait for nothing, after which a loop is slowed down on the cluster's clock. */
const BUSY_TURNS = 500;
/** What all slowed loops of this process do between two pauses: about an eighth of its thread. */
const BUSY = { turnsOfAll: 100, pauseMs: 50 };
/** A loop of so many turns is taken to go on for ever: nobody waits for what it comes to, and it has an eighth of that. */
const ENDLESS_TURNS = 5000;
const ENDLESS = { turnsOfAll: 50, pauseMs: 200 };
/** A loop that waited for this long in a turn is not busy. */
const WAITING_MS = 5;
/** What a turn costs a real shell, about, and a command that it starts. */
const TURN_COST_MS = 0.05;
/** A command costs this thread as much as so many turns. */
const COMMAND_TURNS = 20;
/** Work that takes less time than this is not waited for: nobody would see it. */
const SHORTEST_WAIT_MS = 4;

/** How many loops of this process are slowed down. */
let busyLoops = 0;
/** Turns that all loops of this process have had since the event loop last turned. */
let turnsInPass = 0;

/** Counts turns; true when it is time for everybody else. */
function isPassOver(turns: number): boolean {
  if (turnsInPass === 0) setImmediate(() => (turnsInPass = 0));
  turnsInPass += turns;
  return turnsInPass >= TURNS_AT_ONCE;
}

/** The pace of one script. */
export interface Pace extends Disposable {
  /** To be awaited at each turn of each of its loops. */
  turn: () => Promise<void>;
  /** Around each command it starts: what it costs, and whether it waits. */
  command: <T>(run: () => Promise<T>) => Promise<T>;
}

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

  /** The most it may use at a time. */
  get cores(): number {
    return this.#cores;
  }

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

  /** The pace of one script; `signal` ends its pauses. */
  pace(signal: () => AbortSignal): Pace {
    return new ScriptPace({ clock: this.#clock, history: this.#history, cores: () => this.#cores, signal });
  }
}

interface PaceOptions {
  clock: Clock;
  history: CpuHistory;
  cores: () => number;
  signal: () => AbortSignal;
}

class ScriptPace implements Pace {
  readonly #options: PaceOptions;
  /** What it cost since its last turn, since it last waited, and since its last pause; in turns. */
  #sinceTurn = 0;
  #sinceWait = 0;
  #sincePause = 0;
  #isSlowed = false;
  #lastAtMs: number;
  #waitedMs = 0;

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#lastAtMs = options.clock.now();
  }

  async command<T>(run: () => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    const startedMs = clock.now();
    try {
      return await run();
    } finally {
      this.#waitedMs += clock.now() - startedMs;
      this.#spend(COMMAND_TURNS);
    }
  }

  async turn(): Promise<void> {
    const { clock, history, cores, signal } = this.#options;
    this.#spend(1);
    if (isPassOver(this.#sinceTurn)) await giveWay();
    this.#sinceTurn = 0;
    if (this.#waitedMs >= WAITING_MS) this.#sinceWait = 0;
    this.#slow(this.#sinceWait > BUSY_TURNS);
    // A loop that never waits has a whole core, or what its container may use.
    const share = Math.min(1, cores());
    const { turnsOfAll, pauseMs } = this.#sinceWait > ENDLESS_TURNS ? ENDLESS : BUSY;
    if (this.#isSlowed && this.#sincePause >= turnsOfAll / busyLoops) {
      await sleep(clock, pauseMs / share, signal()).catch(() => undefined);
      history.add(Math.max(0, clock.now() - this.#lastAtMs - this.#waitedMs) * share);
      this.#isCounted();
    } else if (!this.#isSlowed) {
      history.add(this.#sincePause * TURN_COST_MS);
      this.#isCounted();
    }
  }

  #isCounted(): void {
    this.#sincePause = 0;
    this.#waitedMs = 0;
    this.#lastAtMs = this.#options.clock.now();
  }

  #spend(turns: number): void {
    this.#sinceTurn += turns;
    this.#sinceWait += turns;
    this.#sincePause += turns;
  }

  #slow(isSlowed: boolean): void {
    if (isSlowed !== this.#isSlowed) busyLoops += isSlowed ? 1 : -1;
    this.#isSlowed = isSlowed;
  }

  [Symbol.dispose](): void {
    this.#slow(false);
  }
}
