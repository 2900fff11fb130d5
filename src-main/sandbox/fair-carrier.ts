import type { Carrier } from '#main/client/carrier';

/** Requests that pass per turn of the event loop: two milliseconds of work or so, then sockets and timers have theirs. */
const REQUESTS_PER_TURN = 16;
/** The first requests of a process meet code that has never run, and take ten times as long. */
const SLOW_REQUESTS = 300;
const SLOW_REQUESTS_PER_TURN = 2;

/**
 * Lets requests of the same process through a few at a time, at least one of each component in turn. A loopback carrier answers
 * without ever returning to the event loop, so a thousand writes of a controller would hold up every client that waits
 * at a socket; and in one line with them a kubelet would wait for all of them before its next status.
 */
export class Fairness {
  /** The lanes in which somebody waits, in the order of their turns. */
  readonly #lanes: Lane[] = [];
  #used = 0;
  #passed = 0;
  #renewing = false;

  /** `carrier`, taking part. */
  carrier(carrier: Carrier): Carrier {
    const lane = new Lane();
    return {
      send: async (request) => {
        await this.#turn(lane);
        return carrier.send(request);
      },
      upgrade: (request) => carrier.upgrade(request),
      close: () => carrier.close(),
    };
  }

  #turn(lane: Lane): Promise<void> | undefined {
    this.#renewSoon();
    if (this.#used < this.#perTurn) {
      this.#used++;
      this.#passed++;
      return undefined;
    }
    if (lane.size === 0) this.#lanes.push(lane);
    return new Promise((resolve) => lane.push(resolve));
  }

  get #perTurn(): number {
    return this.#passed < SLOW_REQUESTS ? SLOW_REQUESTS_PER_TURN : REQUESTS_PER_TURN;
  }

  #renewSoon(): void {
    if (this.#renewing) return;
    this.#renewing = true;
    setImmediate(() => {
      this.#renewing = false;
      const next = this.#takeInTurn();
      this.#used = next.length;
      this.#passed += next.length;
      if (next.length > 0) this.#renewSoon();
      for (const resolve of next) resolve();
    });
  }

  /** One of each lane; what is left of the turn belongs to the longest line. */
  #takeInTurn(): (() => void)[] {
    const taken: (() => void)[] = [];
    const perTurn = this.#perTurn;
    const first = this.#lanes.splice(0, perTurn);
    for (const lane of first) this.#takeFrom(lane, taken, 1);
    while (taken.length < perTurn && this.#lanes.length > 0) {
      const longest = this.#lanes.reduce((left, right) => (right.size > left.size ? right : left));
      this.#lanes.splice(this.#lanes.indexOf(longest), 1);
      this.#takeFrom(longest, taken, perTurn - taken.length);
    }
    return taken;
  }

  /** Up to `count` of a lane that is out of the row, which goes to its end while somebody waits there. */
  #takeFrom(lane: Lane, taken: (() => void)[], count: number): void {
    for (let left = Math.min(count, lane.size); left > 0; left--) {
      const resolve = lane.shift();
      if (resolve) taken.push(resolve);
    }
    if (lane.size > 0) this.#lanes.push(lane);
  }
}

/** Taken places are given back in pieces of this length. */
const PIECE = 1024;

/** Those who wait, first come first served; as quick with ten thousand as with one. */
class Lane {
  #waiting: (() => void)[] = [];
  #head = 0;

  get size(): number {
    return this.#waiting.length - this.#head;
  }

  push(resolve: () => void): void {
    this.#waiting.push(resolve);
  }

  shift(): (() => void) | undefined {
    const first = this.#waiting[this.#head];
    if (!first) return undefined;
    this.#head++;
    if (this.#head >= PIECE || this.size === 0) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return first;
  }
}
