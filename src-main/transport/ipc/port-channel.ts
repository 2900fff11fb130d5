import type { MessagePortMain } from 'electron';
import type { Channel } from '#common/contract/wire';

/** What is used of a MessagePortMain. */
export type Port = Pick<MessagePortMain, 'postMessage' | 'start' | 'close'> & {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
};

/** The contract's frames as messages of one MessagePort. Structured clone carries them as they are. */
export class PortChannel<Out, In> implements Channel<Out, In> {
  readonly #port: Port;
  #isClosed = false;
  #closed: () => void = () => undefined;

  constructor(port: Port) {
    this.#port = port;
  }

  post(frame: Out): void {
    if (!this.#isClosed) this.#port.postMessage(frame, []);
  }

  listen(handlers: { frame(frame: In): void; closed(): void }): void {
    this.#closed = handlers.closed;
    this.#port.on('message', ({ data }) => {
      if (isFrame(data)) handlers.frame(data as In);
      else this.close();
    });
    this.#port.on('close', () => this.#end());
    this.#port.start();
  }

  close(): void {
    this.#port.close();
    this.#end();
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closed();
  }
}

function isFrame(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'type' in data && 'id' in data;
}
