import type { LineRing } from './line-ring';

/** Says whether a line belongs to the list; undefined stands for every line. */
export type LineTest = (number: number) => boolean;

/**
 * The numbers of the lines that pass a test, in order. Reads the ring in slices, so that a new filter over a million lines
 * never holds the window up, and forgets what the ring has dropped.
 */
export class LineList {
  readonly #ring: LineRing;
  #test: LineTest | undefined;
  #numbers: number[] = [];
  #head = 0;
  #next = 0;
  #dropped = 0;

  constructor(ring: LineRing) {
    this.#ring = ring;
    this.#next = ring.first;
  }

  get length(): number {
    if (!this.#test) return this.#ring.length;
    this.#trim();
    return this.#numbers.length - this.#head;
  }

  /** How many lines of this list have gone from its front since `setTest`. */
  get dropped(): number {
    if (!this.#test) return this.#ring.first;
    this.#trim();
    return this.#dropped;
  }

  /** True when every line there is has been looked at. */
  get complete(): boolean {
    return !this.#test || this.#next >= this.#ring.end;
  }

  setTest(test: LineTest | undefined): void {
    this.#test = test;
    this.#numbers = [];
    this.#head = 0;
    this.#dropped = 0;
    this.#next = this.#ring.first;
  }

  /** Looks at up to `budget` lines that have not been looked at. */
  advance(budget = Infinity): void {
    if (!this.#test) return;
    this.#next = Math.max(this.#next, this.#ring.first);
    const until = Math.min(this.#ring.end, this.#next + budget);
    for (; this.#next < until; this.#next++) {
      if (this.#test(this.#next)) this.#numbers.push(this.#next);
    }
  }

  numberAt(index: number): number {
    if (!this.#test) return this.#ring.first + index;
    this.#trim();
    return this.#numbers[this.#head + index] ?? -1;
  }

  /** Index of the first line whose number is not below `number`; `length` when there is none. */
  indexOf(number: number): number {
    if (!this.#test) return Math.min(Math.max(0, number - this.#ring.first), this.#ring.length);
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.numberAt(middle) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #trim(): void {
    const { first } = this.#ring;
    while (this.#head < this.#numbers.length && (this.#numbers[this.#head] ?? 0) < first) {
      this.#head++;
      this.#dropped++;
    }
    if (this.#head > 8192 && this.#head * 2 > this.#numbers.length) {
      this.#numbers = this.#numbers.slice(this.#head);
      this.#head = 0;
    }
  }
}
