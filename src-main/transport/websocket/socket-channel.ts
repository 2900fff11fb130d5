import type { WebSocket } from 'ws';
import type { Channel } from '#common/contract/wire';

/** Bytes that may wait in the socket before sources are held back: a few large batches. */
const HIGH_WATER_BYTES = 1 << 20;

/** The contract's frames as JSON text messages of one WebSocket. A message that is not JSON ends the connection. */
export class SocketChannel<Out, In> implements Channel<Out, In> {
  readonly #socket: WebSocket;
  #waiting: (() => void)[] = [];

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  post(frame: Out): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(JSON.stringify(frame), () => {
      if (this.#socket.bufferedAmount < HIGH_WATER_BYTES) this.#wake();
    });
  }

  /** Resolves when the socket has room; undefined when it has room now. */
  room(): Promise<void> | undefined {
    if (this.#socket.bufferedAmount < HIGH_WATER_BYTES || this.#socket.readyState !== this.#socket.OPEN) {
      return undefined;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  listen(handlers: { frame(frame: In): void; closed(): void }): void {
    this.#socket.on('message', (data, binary) => {
      const frame = binary ? undefined : (parse(String(data)) as In | undefined);
      if (frame === undefined) this.#socket.close(1003, 'frames are JSON text');
      else handlers.frame(frame);
    });
    // The reason of a broken connection is followed by 'close', which ends everything under way.
    this.#socket.on('error', () => this.#socket.terminate());
    this.#socket.on('close', () => {
      this.#wake();
      handlers.closed();
    });
  }

  close(): void {
    this.#socket.close();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
