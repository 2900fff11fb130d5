import { Problem } from '../base/errors';
import { AsyncQueue } from '../base/queue';
import type { Api, Contract } from './define';
import { fromWireError, type Channel, type HostFrame, type WindowFrame } from './wire';

interface Pending {
  item(value: unknown): void;
  answer(value: unknown): void;
  fail(error: Error): void;
  end(): void;
}

interface Registered extends Pending {
  /** Stops listening to the caller's signal, which may live much longer than one call. */
  forget(): void;
}

/** The window's side of the contract over one channel. When the channel closes, everything under way fails with `disconnected`. */
export function createApi<C extends Contract>(contract: C, channel: Channel<WindowFrame, HostFrame>): Api<C> {
  const connection = new Connection(channel);
  const groups = Object.entries(contract).map(([group, operations]) => [
    group,
    Object.fromEntries(
      Object.entries(operations).map(([name, operation]) => {
        const path = `${group}.${name}`;
        const run = (input: unknown, context: { signal?: AbortSignal } = {}) =>
          operation.kind === 'call'
            ? connection.call(path, input, context.signal)
            : connection.open(path, input, context.signal);
        return [name, run];
      }),
    ),
  ]);
  return Object.fromEntries(groups) as Api<C>;
}

class Connection {
  readonly #channel: Channel<WindowFrame, HostFrame>;
  readonly #pending = new Map<number, Registered>();
  #lastId = 0;
  #closed = false;

  constructor(channel: Channel<WindowFrame, HostFrame>) {
    this.#channel = channel;
    channel.listen({ frame: (frame) => this.#receive(frame), closed: () => this.#close() });
  }

  call(operation: string, input: unknown, signal?: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.#begin({ answer: resolve, fail: reject, item: ignore, end: ignore }, signal, reject);
      if (id) this.#channel.post({ type: 'call', id, operation, input });
    });
  }

  async *open(operation: string, input: unknown, signal?: AbortSignal): AsyncGenerator<unknown> {
    const queue = new AsyncQueue<unknown>(Infinity);
    const pending: Pending = {
      item: (value) => void queue.push(value),
      answer: ignore,
      fail: (error) => queue.fail(error),
      end: () => queue.end(),
    };
    const id = this.#begin(pending, signal, (reason) => queue.fail(reason));
    if (!id) {
      yield* queue;
      return;
    }
    this.#channel.post({ type: 'open', id, operation, input });
    try {
      for await (const item of queue) {
        yield item;
        if (this.#pending.has(id)) this.#channel.post({ type: 'credit', id, items: 1 });
      }
    } finally {
      if (this.#finish(id) && !this.#closed) this.#channel.post({ type: 'cancel', id });
    }
  }

  /** Registers what is under way; answers undefined when it cannot begin (already failed through `refuse`). */
  #begin(pending: Pending, signal: AbortSignal | undefined, refuse: (reason: unknown) => void): number | undefined {
    if (signal?.aborted) refuse(signal.reason);
    else if (this.#closed) refuse(disconnected());
    else {
      const id = ++this.#lastId;
      const abort = () => {
        if (this.#finish(id) && !this.#closed) this.#channel.post({ type: 'cancel', id });
        refuse(signal?.reason);
      };
      this.#pending.set(id, { ...pending, forget: () => signal?.removeEventListener('abort', abort) });
      signal?.addEventListener('abort', abort, { once: true });
      return id;
    }
    return undefined;
  }

  /** True when it was under way until now. */
  #finish(id: number): boolean {
    this.#pending.get(id)?.forget();
    return this.#pending.delete(id);
  }

  #receive(frame: HostFrame): void {
    const pending = this.#pending.get(frame.id);
    if (!pending) return;
    if (frame.type === 'item') {
      pending.item(frame.value);
      return;
    }
    this.#finish(frame.id);
    if (frame.type === 'answer') pending.answer(frame.value);
    else if (frame.type === 'end') pending.end();
    else pending.fail(fromWireError(frame.error));
  }

  #close(): void {
    this.#closed = true;
    for (const [id, pending] of this.#pending) {
      this.#finish(id);
      pending.fail(disconnected());
    }
  }
}

function disconnected(): Problem {
  return new Problem('disconnected', 'The connection to the program has ended.', {
    nextStep: 'Start Pilothouse again, or wait while it reconnects.',
  });
}

function ignore(): void {}
