import type { Agent, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { WebSocket, type RawData } from 'ws';
import type { Clock } from '#common/base/clock';
import { AsyncQueue } from '#common/base/queue';
import { onAbort } from '#main/base/on-abort';
import type { CarrierSocket, UpgradeRequest } from '../carrier';
import { statusErrorOf } from '../status-of-response';
import { HttpResponse } from './http-response';

export interface SocketOptions {
  request: UpgradeRequest;
  headers: OutgoingHttpHeaders;
  agent: Agent;
  clock: Clock;
  /** Aborts when the carrier closes. */
  closed: AbortSignal;
  translate: (failure: unknown) => unknown;
}

/** Load balancers close what is silent for a minute. */
const PING_EVERY_MS = 20_000;
/** kubectl gives up a connection after as long without an answer to its pings. */
const SILENT_FOR_MS = 61_000;
const OPEN_TIMEOUT_MS = 15_000;
/** Messages that may wait for their reader before the network is held back. */
const WAITING_MESSAGES = 64;

/** Opens a WebSocket; a refusal of the server becomes ApiStatusError. */
export function openSocket(url: URL, options: SocketOptions): Promise<CarrierSocket> {
  const { request, headers, agent, closed, translate } = options;
  const { signal } = request;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) throw signal.reason;
    const socket = new WebSocket(url, [...request.protocols], {
      headers: headers as Record<string, string>,
      agent,
      perMessageDeflate: false,
      handshakeTimeout: OPEN_TIMEOUT_MS,
    });
    const endings = [signal, closed].map((ending) => onAbort(ending, () => socket.terminate()));
    socket.once('close', () => endings.forEach((ending) => ending[Symbol.dispose]()));
    socket.once('unexpected-response', (_, incoming) => {
      refusalOf(request, incoming, translate).then(reject, reject);
      socket.once('error', () => undefined);
    });
    socket.once('error', (failure) => reject(signal?.aborted ? signal.reason : translate(failure)));
    socket.once('open', () => resolve(new OpenSocket(socket, options)));
  });
}

async function refusalOf({ path }: UpgradeRequest, incoming: IncomingMessage, translate: SocketOptions['translate']) {
  return statusErrorOf({ method: 'GET', path }, new HttpResponse(incoming, translate));
}

class OpenSocket implements CarrierSocket {
  readonly protocol: string;
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #messages = new AsyncQueue<Uint8Array>(WAITING_MESSAGES);
  #heardAt: number;
  #pinger: Disposable | undefined;

  constructor(socket: WebSocket, { clock, request, translate }: SocketOptions) {
    this.#socket = socket;
    this.#clock = clock;
    this.#heardAt = clock.now();
    this.protocol = socket.protocol;
    socket.on('message', (data, isBinary) => this.#receive(asBytes(data, isBinary)));
    socket.on('pong', () => (this.#heardAt = clock.now()));
    socket.once('error', (failure) => this.#messages.fail(translate(failure)));
    socket.once('close', () => {
      this.#pinger?.[Symbol.dispose]();
      if (request.signal?.aborted) this.#messages.fail(request.signal.reason);
      else this.#messages.end();
    });
    this.#ping();
  }

  get messages(): AsyncIterable<Uint8Array> {
    return this.#messages;
  }

  send(message: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(message, { binary: true }, (failure) => (failure ? reject(failure) : resolve()));
    });
  }

  close(): void {
    this.#socket.close();
    this.#messages.end();
  }

  #receive(message: Uint8Array): void {
    this.#heardAt = this.#clock.now();
    const room = this.#messages.push(message);
    if (this.#messages.size < WAITING_MESSAGES) return;
    this.#socket.pause();
    void room.then(() => this.#socket.resume());
  }

  #ping(): void {
    this.#pinger = this.#clock.after(PING_EVERY_MS, () => {
      if (this.#clock.now() - this.#heardAt > SILENT_FOR_MS) this.#socket.terminate();
      else this.#socket.ping(() => this.#ping());
    });
  }
}

function asBytes(data: RawData, isBinary: boolean): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  if (isBinary || data instanceof Buffer) return data as Uint8Array;
  return new Uint8Array(data);
}
