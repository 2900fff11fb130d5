/** Runs at most `limit` tasks at once; the others wait their turn. */
export class WorkLimit {
  readonly #limit: number;
  readonly #queue: (() => void)[] = [];
  #running = 0;
  #head = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get waiting(): number {
    return this.#queue.length - this.#head;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#running++;
    try {
      return await task();
    } finally {
      this.#next();
    }
  }

  #next(): void {
    const next = this.#queue[this.#head];
    if (!next) {
      this.#running--;
      return;
    }
    this.#head++;
    if (this.#head > 1024) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
    next();
  }
}
