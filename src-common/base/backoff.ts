import type { Random } from './random';

export interface BackoffOptions {
  firstMs: number;
  maxMs: number;
  factor?: number;
  /** Adds up to this share of the delay at random, so that many clients do not return together. */
  jitter?: number;
  random?: Random;
}

/** Delays that grow until `maxMs`; `reset()` after a success starts over. */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  get failures(): number {
    return this.#failures;
  }

  /** The delay before the next try, in milliseconds. */
  next(): number {
    const { firstMs, maxMs, factor = 2, jitter = 0, random } = this.#options;
    const delay = Math.min(maxMs, firstMs * factor ** this.#failures);
    this.#failures++;
    return delay * (1 + jitter * (random?.next() ?? 0));
  }

  reset(): void {
    this.#failures = 0;
  }
}
