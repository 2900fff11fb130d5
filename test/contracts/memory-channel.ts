import type { Channel } from '#common/contract/wire';

type Handlers<In> = Parameters<Channel<never, In>['listen']>[0];

/** Two ends in one process; every frame passes through JSON and arrives in a later task, as over a socket. */
export function memoryChannels<A, B>(): { left: Channel<A, B>; right: Channel<B, A> } {
  const left = new MemoryEnd<A, B>();
  const right = new MemoryEnd<B, A>();
  left.peer = right;
  right.peer = left;
  return { left, right };
}

class MemoryEnd<Out, In> implements Channel<Out, In> {
  peer: MemoryEnd<In, Out> | undefined;
  #handlers: Handlers<In> | undefined;
  #closed = false;

  post(frame: Out): void {
    if (this.#closed) return;
    const text = JSON.stringify(frame);
    setImmediate(() => this.peer?.receive(JSON.parse(text)));
  }

  listen(handlers: Handlers<In>): void {
    this.#handlers = handlers;
  }

  close(): void {
    if (this.#closed) return;
    this.end();
    setImmediate(() => this.peer?.end());
  }

  receive(frame: In): void {
    if (!this.#closed) this.#handlers?.frame(frame);
  }

  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handlers?.closed();
  }
}
