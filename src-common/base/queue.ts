/**
 * A bounded hand-over between one producer and one consumer. `push` resolves when there is room again, so that a
 * producer that awaits it never runs ahead of its consumer by more than `capacity` items.
 */
export class AsyncQueue<T> implements AsyncIterable<T> {
  readonly #capacity: number;
  readonly #items: T[] = [];
  readonly #waitingForItem: (() => void)[] = [];
  readonly #waitingForRoom: (() => void)[] = [];
  #ended = false;
  #failure: { cause: unknown } | undefined;

  constructor(capacity = 256) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#items.length;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Adds an item; resolves at once while there is room. Items pushed after the end are dropped. */
  async push(item: T): Promise<void> {
    if (this.#ended) return;
    this.#items.push(item);
    this.#waitingForItem.shift()?.();
    if (this.#items.length < this.#capacity) return;
    await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve));
  }

  /** No more items come; what is queued is still delivered. */
  end(): void {
    this.#finish();
  }

  /** Ends with a failure, delivered after what is queued. */
  fail(cause: unknown): void {
    this.#failure ??= { cause };
    this.#finish();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      for (;;) {
        while (this.#items.length > 0) {
          const item = this.#items.shift() as T;
          this.#waitingForRoom.shift()?.();
          yield item;
        }
        if (this.#ended) break;
        await new Promise<void>((resolve) => this.#waitingForItem.push(resolve));
      }
      if (this.#failure) throw this.#failure.cause;
    } finally {
      this.#finish();
    }
  }

  #finish(): void {
    this.#ended = true;
    for (const wake of this.#waitingForItem.splice(0)) wake();
    for (const wake of this.#waitingForRoom.splice(0)) wake();
  }
}
