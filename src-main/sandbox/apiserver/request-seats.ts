import type { Clock } from '#common/base/clock';

/** As many requests run at a time as --max-requests-inflight and --max-mutating-requests-inflight allow together. */
export const SEATS = 600;
/** So many wait in the queues of the priority levels: 128 queues of 50 requests. */
export const MOST_WAITING = 6400;
/** A quarter of the request's own minute: who waits longer is sent away. */
const LONGEST_WAIT_MS = 15_000;

interface Waiting {
  seat(): void;
}

/** Bounds how many requests are under way, and how many wait for that. */
export class RequestSeats {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();
  #taken = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves with what gives the seat back, or with undefined: there are too many requests. */
  take(): Promise<(() => void) | undefined> {
    if (this.#taken < SEATS) return Promise.resolve(this.#seat());
    if (this.#waiting.size >= MOST_WAITING) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const waiting: Waiting = {
        seat: () => {
          patience[Symbol.dispose]();
          resolve(this.#seat());
        },
      };
      const patience = this.#clock.after(LONGEST_WAIT_MS, () => {
        this.#waiting.delete(waiting);
        resolve(undefined);
      });
      this.#waiting.add(waiting);
    });
  }

  #seat(): () => void {
    this.#taken++;
    return () => {
      this.#taken--;
      const [next] = this.#waiting;
      if (!next) return;
      this.#waiting.delete(next);
      next.seat();
    };
  }
}
