import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { GrpcListener } from './grpc-listener';
import { approval } from './review-answer';
import type { TlsDoor } from './tls-door';

/** The first words of an HTTP/2 client. */
const PREFACE = 'PRI * HTTP/2';
/** The first byte of a client that begins with TLS (RFC 8446, 5.1: a record of type handshake). */
const HANDSHAKE = 0x16;

/**
 * Stands for a server that nobody knows: answers whichever protocol it is spoken to, with or without TLS, that all is
 * well; and approves of what a webhook is asked.
 */
export class AnyListener {
  readonly #door: TlsDoor;
  readonly #grpc = new GrpcListener();
  #http: Server | undefined;

  constructor(door: TlsDoor) {
    this.#door = door;
  }

  accept(connection: Duplex): void {
    connection.on('error', () => connection.destroy());
    connection.once('readable', () => {
      const first = connection.read() as Buffer | null;
      if (!first) return;
      connection.unshift(first);
      if (first[0] === HANDSHAKE) this.#door.open(connection, (inside) => this.accept(inside));
      else if (first.toString('latin1').startsWith(PREFACE)) this.#grpc.accept(connection);
      else this.#server().emit('connection', connection);
    });
  }

  #server(): Server {
    this.#http ??= createServer((request, response) => {
      void answerTo(request).then(
        ({ type, body }) => {
          response.setHeader('Content-Type', type);
          response.end(body);
        },
        () => response.destroy(),
      );
    });
    return this.#http;
  }
}

async function answerTo(request: IncomingMessage): Promise<{ type: string; body: string }> {
  const body = request.method === 'POST' ? approval(await text(request)) : undefined;
  if (body !== undefined) return { type: 'application/json', body };
  return { type: 'text/plain; charset=utf-8', body: 'ok\n' };
}
