import { randomInt, seededRandom, type Random } from '#common/base/random';

/** Repeatable choices: the same seed draws the same. */
export class Draws {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    // Neighbouring seeds begin alike.
    for (let skipped = 0; skipped < 8; skipped++) this.#random.next();
  }

  /** A whole number in [from, to]. */
  int(from: number, to: number): number {
    return from + randomInt(this.#random, to - from + 1);
  }

  chance(share: number): boolean {
    return this.#random.next() < share;
  }

  one<T>(choices: readonly T[]): T {
    return choices[randomInt(this.#random, choices.length)]!;
  }

  /** Each choice is in or out. */
  some<T>(choices: readonly T[], share: number): T[] {
    return choices.filter(() => this.chance(share));
  }

  /** Undefined more often the smaller the share. */
  maybe<T>(share: number, make: () => T): T | undefined {
    return this.chance(share) ? make() : undefined;
  }
}
