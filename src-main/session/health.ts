import { sleep, type Clock } from '#common/base/clock';
import { onAbort } from '#main/base/on-abort';
import { LinkedAbort, orAborted } from '#main/base/linked-abort';
import { isTimeout } from '#main/client/carrier/connection-problem';
import { judgeProbe, type ProbeVerdict } from './probe-plan';

export interface HealthOptions {
  clock: Clock;
  /** One small request; resolves when the server answered it. `timeoutMs` is for the answer, not for signing in. */
  probe(timeoutMs: number, signal: AbortSignal): Promise<void>;
  live(): void;
  lost(verdict: ProbeVerdict): void;
  /** The computer slept, or its network is another one: connections that look open may lead nowhere. */
  suspect(reason: string): void;
}

/** A live connection is looked at this often. */
const PROBE_EVERY_MS = 5_000;
const LIVE_TIMEOUT_MS = 2_500;
/** A server that is still starting may take long for its first answer. */
const FIRST_TIMEOUT_MS = 15_000;
/** A timer that comes this much too late has slept. */
const SLEPT_MS = 10_000;

/** Asks one server again and again whether it is there, sooner when it was not. */
export class Health {
  readonly #options: HealthOptions;
  #wait: LinkedAbort | undefined;
  #probing: LinkedAbort | undefined;
  #failures = 0;
  #isLive = false;
  #wasLive = false;
  #timedOutOnce = false;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /** Runs until `signal` aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pauseMs = await this.#probe(signal);
      if (pauseMs !== 0 && !signal.aborted) await this.#pause(pauseMs, signal);
    }
  }

  /** Probes now. `anew` forgets the failures before: the connection is another one. */
  hurry({ anew = false } = {}): void {
    if (anew) {
      this.#failures = 0;
      this.#isLive = false;
      this.#wasLive = false;
      this.#probing?.abort(new Error('connecting anew'));
    }
    this.#wait?.abort(new Error('probing now'));
  }

  /** Answers how long to pause in milliseconds; undefined: until hurried. */
  async #probe(signal: AbortSignal): Promise<number | undefined> {
    using probing = new LinkedAbort(signal);
    this.#probing = probing;
    try {
      await orAborted(
        this.#options.probe(this.#isLive ? LIVE_TIMEOUT_MS : FIRST_TIMEOUT_MS, probing.signal),
        probing.signal,
      );
    } catch (failure) {
      // A probe that was given up says nothing: the next one follows at once.
      return probing.signal.aborted ? 0 : this.#failed(failure);
    }
    this.#failures = 0;
    this.#timedOutOnce = false;
    this.#isLive = true;
    this.#wasLive = true;
    this.#options.live();
    return PROBE_EVERY_MS;
  }

  #failed(failure: unknown): number | undefined {
    if (this.#isLive && isTimeout(failure) && !this.#timedOutOnce) {
      // Once may be a busy server; ending its watches would make it busier.
      this.#timedOutOnce = true;
      return 0;
    }
    this.#failures++;
    this.#isLive = false;
    const verdict = judgeProbe(failure, this.#failures, this.#wasLive);
    this.#options.lost(verdict);
    return verdict.retryMs;
  }

  async #pause(pauseMs: number | undefined, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    using wait = new LinkedAbort(signal);
    this.#wait = wait;
    const startedAt = clock.now();
    if (pauseMs === undefined) await untilAborted(wait.signal);
    else await sleep(clock, pauseMs, wait.signal).catch(hurried);
    const overslept = pauseMs !== undefined && clock.now() - startedAt > pauseMs + SLEPT_MS;
    if (overslept) this.#options.suspect('the computer was asleep');
  }
}

/** A pause that was cut short is over like any other. */
function hurried(): void {}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => void onAbort(signal, resolve));
}
