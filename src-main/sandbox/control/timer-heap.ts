/** A task that waits for its time. */
export interface Timer {
  readonly at: number;
  readonly order: number;
  /** Undefined when it was cancelled. */
  task: (() => void) | undefined;
}

/** Timers by their time, the earliest first; those of one moment in the order in which they were set. */
export class TimerHeap {
  readonly #timers: Timer[] = [];
  #order = 0;

  add(at: number, task: () => void): Timer {
    const timer: Timer = { at, order: this.#order++, task };
    this.#timers.push(timer);
    this.#rise(this.#timers.length - 1);
    return timer;
  }

  /** The next timer that was not cancelled. */
  get first(): Timer | undefined {
    while (this.#timers[0] && !this.#timers[0].task) this.#removeFirst();
    return this.#timers[0];
  }

  /** Takes the next timer out if it is due by `atMs`. */
  takeDue(atMs: number): Timer | undefined {
    const { first } = this;
    if (!first || first.at > atMs) return undefined;
    this.#removeFirst();
    return first;
  }

  #removeFirst(): void {
    const last = this.#timers.pop();
    if (last === undefined || this.#timers.length === 0) return;
    this.#timers[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      let least = at;
      if (left < this.#timers.length && this.#isBefore(left, least)) least = left;
      if (left + 1 < this.#timers.length && this.#isBefore(left + 1, least)) least = left + 1;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(left: number, right: number): boolean {
    const a = this.#timers[left];
    const b = this.#timers[right];
    if (!a || !b) return false;
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  #swap(left: number, right: number): void {
    const a = this.#timers[left];
    const b = this.#timers[right];
    if (!a || !b) return;
    this.#timers[left] = b;
    this.#timers[right] = a;
  }
}
