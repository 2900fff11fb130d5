import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { ProxyFailure } from './connection-problem';
import { socksConnect } from './socks';

/** Idle connections are kept this long; API servers keep them for 90 s and more. */
const IDLE_MS = 30_000;
const MAX_IDLE_CONNECTIONS = 8;
const kept = { keepAlive: true, maxFreeSockets: MAX_IDLE_CONNECTIONS, timeout: IDLE_MS, scheduling: 'lifo' as const };

/** Connections to one server, kept alive, through `proxy` where one is given. */
export function createAgent(server: URL, proxy: URL | undefined, secure: tls.ConnectionOptions): http.Agent {
  if (server.protocol === 'http:') return proxy ? new PlainTunnelAgent(proxy) : new http.Agent(kept);
  return proxy ? new SecureTunnelAgent(proxy, secure) : new https.Agent({ ...kept, ...secure });
}

type Connected = (failure: Error | null, socket: Duplex) => void;
interface Destination {
  host?: string | null | undefined;
  port?: number | string | null | undefined;
}

class SecureTunnelAgent extends https.Agent {
  readonly #proxy: URL;

  constructor(proxy: URL, secure: tls.ConnectionOptions) {
    super({ ...kept, ...secure });
    this.#proxy = proxy;
  }

  // The answer comes through the callback, as Node's agents allow.
  override createConnection(options: https.RequestOptions, connected?: Connected): null {
    const toServer = options as tls.ConnectionOptions;
    answer(
      openTunnel(this.#proxy, options).then((socket) => tls.connect({ ...toServer, socket })),
      connected,
    );
    return null;
  }
}

class PlainTunnelAgent extends http.Agent {
  readonly #proxy: URL;

  constructor(proxy: URL) {
    super(kept);
    this.#proxy = proxy;
  }

  override createConnection(options: http.ClientRequestArgs, connected?: Connected): null {
    answer(openTunnel(this.#proxy, options), connected);
    return null;
  }
}

function answer(connection: Promise<net.Socket>, connected: Connected | undefined): void {
  connection.then(
    (socket) => connected?.(null, socket),
    // With a failure there is no stream; Node reads the first argument only.
    (failure: Error) => connected?.(failure, undefined as never),
  );
}

async function openTunnel(proxy: URL, { host, port }: Destination): Promise<net.Socket> {
  const destination = { host: host ?? 'localhost', port: Number(port) };
  const socket = await dialProxy(proxy).catch((cause: unknown) => {
    throw new ProxyFailure(`it cannot be reached (${cause instanceof Error ? cause.message : String(cause)})`, cause);
  });
  try {
    if (proxy.protocol.startsWith('socks')) await socksConnect(socket, proxy, destination);
    else await httpConnect(socket, proxy, destination);
    return socket;
  } catch (failure) {
    socket.destroy();
    throw failure;
  }
}

function dialProxy(proxy: URL): Promise<net.Socket> {
  const host = proxy.hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket =
      proxy.protocol === 'https:'
        ? tls.connect({ host, port: Number(proxy.port || 443), servername: net.isIP(host) ? '' : host }, ready)
        : net.connect({ host, port: Number(proxy.port || defaultPort(proxy)) }, ready);
    socket.once('error', reject);
    function ready() {
      socket.off('error', reject);
      socket.setNoDelay(true);
      resolve(socket);
    }
  });
}

function defaultPort({ protocol }: URL): number {
  return protocol.startsWith('socks') ? 1080 : 80;
}

/** HTTP CONNECT (RFC 9110, 9.3.6). */
function httpConnect(socket: net.Socket, proxy: URL, { host, port }: { host: string; port: number }): Promise<void> {
  const authority = `${net.isIPv6(host) ? `[${host}]` : host}:${port}`;
  const headers: Record<string, string> = { host: authority };
  if (proxy.username) {
    const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
    headers['proxy-authorization'] = `Basic ${Buffer.from(user).toString('base64')}`;
  }
  return new Promise((resolve, reject) => {
    const request = http.request({ method: 'CONNECT', path: authority, headers, createConnection: () => socket });
    request.once('error', (cause) => reject(new ProxyFailure(cause.message, cause)));
    request.once('connect', (response) => {
      if (response.statusCode === 200) resolve();
      else reject(new ProxyFailure(`it answered ${response.statusCode ?? 0} ${response.statusMessage ?? ''}`.trim()));
    });
    request.end();
  });
}
