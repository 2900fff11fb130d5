import { Duplex } from 'node:stream';

/** The two ends of a connection inside the cluster: what is written to one is read from the other, with back-pressure. */
export function duplexPair(): [Duplex, Duplex] {
  const left = new PairedEnd();
  const right = new PairedEnd();
  left.peer = right;
  right.peer = left;
  return [left, right];
}

class PairedEnd extends Duplex {
  peer: PairedEnd | undefined;
  /** As those of a socket. */
  bytesRead = 0;
  bytesWritten = 0;
  #resume: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: true });
  }

  override _read(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: (failure?: Error | null) => void): void {
    const { peer } = this;
    this.bytesWritten += chunk.length;
    if (peer) peer.bytesRead += chunk.length;
    if (!peer || peer.destroyed || peer.readableEnded) done();
    else if (peer.push(chunk)) done();
    else peer.#resume = done;
  }

  override _final(done: (failure?: Error | null) => void): void {
    this.peer?.push(null);
    done();
  }

  override _destroy(failure: Error | null, done: (failure?: Error | null) => void): void {
    const { peer } = this;
    this.#resume?.();
    done(failure);
    if (!peer || peer.destroyed) return;
    if (!this.writableFinished) peer.push(null);
    // A connection that was torn down takes no more answers.
    setImmediate(() => {
      if (!peer.destroyed && peer.readableEnded) peer.destroy();
    });
  }
}
