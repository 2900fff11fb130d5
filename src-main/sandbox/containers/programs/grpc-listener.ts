/** A gRPC server that knows the health protocol (grpc.health.v1) and nothing else. */
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';

const CHECK = '/grpc.health.v1.Health/Check';
const SERVING = 1;
const NOT_SERVING = 2;
const UNIMPLEMENTED = '12';
const NOT_FOUND = '5';

export interface GrpcListenerOptions {
  isServing?: () => boolean;
  /** The services it has besides the server as a whole. */
  services?: readonly string[];
}

export class GrpcListener {
  readonly #options: GrpcListenerOptions;
  #server: Http2Server | undefined;

  constructor(options: GrpcListenerOptions = {}) {
    this.#options = options;
  }

  accept(connection: Duplex): void {
    this.#server ??= this.#open();
    this.#server.emit('connection', connection);
  }

  #open(): Http2Server {
    const server = createServer();
    server.on('stream', (stream, headers) => void this.#answer(stream, String(headers[':path'])));
    server.on('sessionError', () => undefined);
    return server;
  }

  #answer(stream: ServerHttp2Stream, path: string): void {
    const parts: Buffer[] = [];
    stream.on('error', () => stream.destroy());
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', () => {
      if (path !== CHECK) this.#fail(stream, UNIMPLEMENTED, `unknown service ${path.split('/')[1] ?? ''}`);
      else this.#health(stream, serviceOf(Buffer.concat(parts)));
    });
  }

  #health(stream: ServerHttp2Stream, service: string): void {
    const { isServing, services } = this.#options;
    if (service !== '' && services && !services.includes(service)) {
      this.#fail(stream, NOT_FOUND, 'unknown service');
      return;
    }
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, (isServing?.() ?? true) ? SERVING : NOT_SERVING]));
  }

  #fail(stream: ServerHttp2Stream, status: string, message: string): void {
    const head = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': status, 'grpc-message': message };
    stream.respond(head, { endStream: true });
  }
}

/** Field 1 of a length-prefixed HealthCheckRequest. */
function serviceOf(message: Buffer): string {
  return message[5] === 0x0a ? message.subarray(7, 7 + (message[6] ?? 0)).toString('utf8') : '';
}
