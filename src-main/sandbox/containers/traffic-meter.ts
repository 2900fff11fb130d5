import type { Duplex } from 'node:stream';

/** A connection that counts, as those of the cluster and real sockets do. */
interface Counting {
  bytesRead?: number;
  bytesWritten?: number;
}

/** Bytes that went in and out of a container. */
export class TrafficMeter {
  readonly #open: (Duplex & Counting)[] = [];
  #received = 0;
  #sent = 0;

  /** Counts what is read from and written to a connection of the container. */
  follow<T extends Duplex & Counting>(connection: T): T {
    this.#open.push(connection);
    connection.once('close', () => {
      const at = this.#open.indexOf(connection);
      if (at < 0) return;
      this.#open.splice(at, 1);
      this.#received += connection.bytesRead ?? 0;
      this.#sent += connection.bytesWritten ?? 0;
    });
    return connection;
  }

  /** Counts what passed without a connection. */
  count({ received, sent }: { received: number; sent: number }): void {
    this.#received += received;
    this.#sent += sent;
  }

  get received(): number {
    return this.#open.reduce((sum, { bytesRead = 0 }) => sum + bytesRead, this.#received);
  }

  get sent(): number {
    return this.#open.reduce((sum, { bytesWritten = 0 }) => sum + bytesWritten, this.#sent);
  }
}
