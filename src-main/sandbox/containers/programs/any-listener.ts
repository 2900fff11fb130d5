import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { GrpcListener } from './grpc-listener';
import { openTls } from './tls-door';

/** The first words of an HTTP/2 client. */
const PREFACE = 'PRI * HTTP/2';
/** The first byte of a client that begins with TLS (RFC 8446, 5.1: a record of type handshake). */
const HANDSHAKE = 0x16;

/** Stands for a server that nobody knows: answers whichever protocol it is spoken to, with or without TLS, that all is well. */
export class AnyListener {
  readonly #grpc = new GrpcListener();
  #http: Server | undefined;

  accept(connection: Duplex): void {
    connection.on('error', () => connection.destroy());
    connection.once('readable', () => {
      const first = connection.read() as Buffer | null;
      if (!first) return;
      connection.unshift(first);
      if (first[0] === HANDSHAKE) openTls(connection, (inside) => this.accept(inside));
      else if (first.toString('latin1').startsWith(PREFACE)) this.#grpc.accept(connection);
      else this.#server().emit('connection', connection);
    });
  }

  #server(): Server {
    this.#http ??= createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/plain; charset=utf-8');
      response.end('ok\n');
    });
    return this.#http;
  }
}
