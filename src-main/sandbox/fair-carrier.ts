import type { Carrier } from '#main/client/carrier';

/** Requests that pass per turn of the event loop: two milliseconds of work or so, then sockets and timers have theirs. */
const REQUESTS_PER_TURN = 16;

/**
 * Lets requests of the same process through a few at a time. A loopback carrier answers without ever returning to the
 * event loop, so a thousand writes of a controller would hold up every client that waits at a socket.
 */
export class Fairness {
  readonly #waiting: (() => void)[] = [];
  #used = 0;
  #renewing = false;

  /** `carrier`, taking part. */
  carrier(carrier: Carrier): Carrier {
    return {
      send: async (request) => {
        await this.#turn();
        return carrier.send(request);
      },
      upgrade: (request) => carrier.upgrade(request),
      close: () => carrier.close(),
    };
  }

  #turn(): Promise<void> | undefined {
    this.#renewSoon();
    if (this.#used < REQUESTS_PER_TURN) {
      this.#used++;
      return undefined;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #renewSoon(): void {
    if (this.#renewing) return;
    this.#renewing = true;
    setImmediate(() => {
      this.#renewing = false;
      const next = this.#waiting.splice(0, REQUESTS_PER_TURN);
      this.#used = next.length;
      if (next.length > 0) this.#renewSoon();
      for (const resolve of next) resolve();
    });
  }
}
