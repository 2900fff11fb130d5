/** Serves TLS on loopback: HTTP/2 and HTTP/1.1 on one port, upgrades among the latter. */
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { Problem } from '#common/base/errors';
import { systemClock } from '#main/base/system-clock';
import type { ApiRequest, ApiResponse, PeerCertificate } from './api-request';
import { HttpRequest } from './http-request';
import { writeResponse } from './http-response';
import { upgradeConnection } from './upgrade';

export interface ListenOptions {
  port: number;
  /** PEM texts. */
  tls: { authority: string; certificate: string; key: string };
  /** What one HTTP/2 connection may hold; enough for all that clients do unless given. */
  sessionMegabytes?: number;
  handle(request: ApiRequest): Promise<ApiResponse>;
}

export interface Listening extends AsyncDisposable {
  readonly port: number;
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
}

const HOST = '127.0.0.1';
/** Go's clients keep idle connections for 90 seconds, and must not find them closed when they use them. */
const KEEP_ALIVE_MS = 120_000;
const MOST_STREAMS = 1000;
/** Go's clients send everything over one connection: a hundred of the largest bodies at once. Node's own limit is 10. */
const SESSION_MEGABYTES = 300;
/**
 * Every request that a client gives up resets its stream, and Go's clients keep one connection for days. Node's own limits, 1000
 * at once and 33 a second, end that connection with all its watches; those of real servers do not.
 */
const STREAM_RESETS = { streamResetBurst: 100_000, streamResetRate: 10_000 };

export type AnyRequest = IncomingMessage | Http2ServerRequest;
export type AnyResponse = ServerResponse | Http2ServerResponse;

/** Throws Problem `port-in-use`. */
export async function listen({
  port,
  tls,
  handle,
  sessionMegabytes = SESSION_MEGABYTES,
}: ListenOptions): Promise<Listening> {
  const server = createSecureServer({
    allowHTTP1: true,
    ca: tls.authority,
    cert: tls.certificate,
    key: tls.key,
    requestCert: true,
    // A client without a certificate may have a token; one with a foreign certificate is nobody.
    rejectUnauthorized: false,
    settings: { maxConcurrentStreams: MOST_STREAMS },
    maxSessionMemory: sessionMegabytes,
    ...STREAM_RESETS,
  });
  Object.assign(server, { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0, headersTimeout: 0, timeout: 0 });
  const sockets = trackSockets(server);
  server.on('request', (incoming, outgoing) => void answer({ incoming, outgoing, handle }));
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    void upgradeConnection({ incoming, socket, head, peer: peerOf(incoming.socket), handle });
  });
  await bound(server, port);
  const { port: actual } = server.address() as AddressInfo;
  return { port: actual, url: `https://${HOST}:${actual}`, [Symbol.asyncDispose]: () => stop(server, sockets) };
}

interface Answering {
  incoming: AnyRequest;
  outgoing: AnyResponse;
  handle: ListenOptions['handle'];
}

async function answer({ incoming, outgoing, handle }: Answering): Promise<void> {
  const request = new HttpRequest(incoming, outgoing, peerOf(incoming.socket));
  const response = await handle(request);
  if (isUnread(incoming)) await passedOver(incoming);
  await writeResponse(request, outgoing, response);
}

/** A body over HTTP/2 that the handler did not ask for: refusals need none. */
const isUnread = (incoming: AnyRequest): boolean =>
  'stream' in incoming && incoming.readableFlowing === null && !incoming.stream.endAfterHeaders;

/** Who sends a body without end is answered meanwhile. */
const LONGEST_PASSING_MS = 1000;

/**
 * Lets a body go by that nobody reads. Left alone it would count against the memory and the streams of its connection for ever,
 * and end that connection, with all its watches, in the end.
 */
function passedOver(incoming: AnyRequest): Promise<void> {
  return new Promise((resolve) => {
    const patience = systemClock.after(LONGEST_PASSING_MS, resolve);
    const settle = (): void => {
      patience[Symbol.dispose]();
      resolve();
    };
    incoming.once('end', settle).once('close', settle).once('error', settle);
    incoming.resume();
  });
}

function bound(server: Http2SecureServer, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(cause.code === 'EADDRINUSE' ? portInUse(port) : cause),
    );
    server.listen(port, HOST, resolve);
  });
}

function portInUse(port: number): Problem {
  return new Problem('port-in-use', `Port ${port} on ${HOST} is taken by another program.`, {
    nextStep: 'Choose another port, or 0 for a free one.',
  });
}

function trackSockets(server: Http2SecureServer): Set<Socket> {
  const sockets = new Set<Socket>();
  server.on('secureConnection', (socket: TLSSocket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A client that goes away in the middle is no failure of ours; its requests are aborted.
    socket.on('error', () => undefined);
  });
  server.on('sessionError', () => undefined);
  return sockets;
}

async function stop(server: Http2SecureServer, sockets: Set<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  await closed;
}

const peers = new WeakMap<object, { certificate?: PeerCertificate }>();

/** Read once per connection: certificates do not change while it lasts. */
function peerOf(socket: object): { certificate?: PeerCertificate } {
  let peer = peers.get(socket);
  if (!peer) peers.set(socket, (peer = readPeer(socket as TLSSocket)));
  return peer;
}

function readPeer(socket: TLSSocket): { certificate?: PeerCertificate } {
  if (!socket.authorized) return {};
  const { subject, fingerprint256 } = socket.getPeerCertificate();
  if (!subject?.CN) return {};
  const { O: organizations = [] } = subject as { O?: string | string[] };
  const sha256 = fingerprint256.replaceAll(':', '').toLowerCase();
  return { certificate: { commonName: String(subject.CN), organizations: [organizations].flat(), sha256 } };
}
