import { setImmediate as nextTurn } from 'node:timers/promises';
import { sleep, type Clock } from '#common/base/clock';

/** Turns of a loop between two turns of the event loop: about a millisecond and a half of work. */
const TURNS_AT_ONCE = 16;
/** Turns that wait for nothing, after which a loop is slowed down on the cluster's clock. */
const BUSY_TURNS = 500;
const BUSY_PAUSE_MS = 20;
/** A loop that let this much time pass between two turns was waiting. */
const WAITING_MS = 200;
/** What a turn costs a real shell, about. */
const TURN_COST_MS = 0.05;

/** Counts what the scripts of a container would use of a processor, and makes them give way to everyone else. */
export class CpuMeter {
  readonly #clock: Clock;
  #usedMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds of one core since the start. */
  get usedMs(): number {
    return this.#usedMs;
  }

  /** Work that is no loop: a request that was answered, a program that started. */
  count(ms: number): void {
    this.#usedMs += ms;
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
      // A loop that never waits has the whole core.
      this.#usedMs += busy > BUSY_TURNS ? now - lastAtMs : TURN_COST_MS;
      lastAtMs = now;
      if (busy > BUSY_TURNS) await sleep(this.#clock, BUSY_PAUSE_MS, signal()).catch(() => undefined);
    };
  }
}
