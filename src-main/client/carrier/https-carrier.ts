import * as http from 'node:http';
import * as https from 'node:https';
import type { Clock } from '#common/base/clock';
import { anonymous, type Credentials, type CredentialSource } from '#main/base/credentials';
import { onAbort } from '#main/base/on-abort';
import { systemClock } from '#main/base/system-clock';
import { trustOptions, type TlsTrust } from '#main/base/tls';
import type { Carrier, CarrierRequest, CarrierResponse, CarrierSocket, UpgradeRequest } from '../carrier';
import { AnswerTimeout, connectionProblem, type Target } from './connection-problem';
import { HttpResponse } from './http-response';
import { createAgent } from './proxy-agent';
import { chooseProxy } from './proxy-choice';
import { openSocket } from './websocket';

export interface HttpsCarrierOptions {
  /** `https://host:port`, with a path before `/api` where a gateway wants one; `http:` for a local proxy. */
  server: string;
  trust?: TlsTrust;
  credentials?: CredentialSource;
  /** http, https, socks5 or socks5h; absent: HTTPS_PROXY and NO_PROXY of `env`. */
  proxyUrl?: string | undefined;
  /** Never ask for gzip; it is not asked for on this computer's own addresses anyway. */
  disableCompression?: boolean | undefined;
  userAgent?: string;
  clock?: Clock;
  env?: Readonly<Record<string, string | undefined>>;
}

/** Time to reach the server and agree on TLS; the answer itself may take as long as the caller waits. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Repeats on another connection when a kept one was closed by the server just as a request was sent on it. */
const MAX_STALE_CONNECTIONS = 3;

/** Takes requests to an API server over HTTP/1.1 and TLS, on connections that are kept. */
export function createHttpsCarrier(options: HttpsCarrierOptions): Carrier {
  return new HttpsCarrier(options);
}

class HttpsCarrier implements Carrier {
  readonly #server: URL;
  readonly #proxy: URL | undefined;
  readonly #options: HttpsCarrierOptions;
  readonly #credentials: CredentialSource;
  readonly #clock: Clock;
  readonly #target: Target;
  readonly #compresses: boolean;
  /** One pool per client certificate: connections prove the identity they were opened with. */
  readonly #agents = new Map<string, http.Agent>();
  readonly #closed = new AbortController();

  constructor(options: HttpsCarrierOptions) {
    this.#options = options;
    this.#server = new URL(options.server);
    this.#proxy = chooseProxy(this.#server, options.proxyUrl, options.env ?? process.env);
    this.#credentials = options.credentials ?? anonymous;
    this.#clock = options.clock ?? systemClock;
    this.#target = { server: this.#server.host, proxy: this.#proxy && `${this.#proxy.protocol}//${this.#proxy.host}` };
    const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(this.#server.hostname);
    this.#compresses = !isLocal && !options.disableCompression;
  }

  async send(request: CarrierRequest): Promise<CarrierResponse> {
    const credentials = await this.#credentials.current(request.signal);
    const response = await this.#sendAs(request, credentials);
    if (response.status !== 401 || !this.#credentials.refused(credentials)) return response;
    response.discard();
    return this.#sendAs(request, await this.#credentials.current(request.signal));
  }

  async upgrade(request: UpgradeRequest): Promise<CarrierSocket> {
    const credentials = await this.#credentials.current(request.signal);
    const headers = { ...this.#ownHeaders(), ...mutableHeaders(credentials) };
    const url = this.#url(request);
    url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
    return openSocket(url, {
      request,
      headers,
      agent: this.#agent(credentials),
      clock: this.#clock,
      closed: this.#closed.signal,
      translate: (failure) => connectionProblem(failure, this.#target),
    });
  }

  async close(): Promise<void> {
    this.#closed.abort();
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  async #sendAs(request: CarrierRequest, credentials: Credentials): Promise<HttpResponse> {
    for (let stale = 0; ; stale++) {
      try {
        return await this.#exchange(request, credentials);
      } catch (failure) {
        const again = failure instanceof StaleConnection && stale < MAX_STALE_CONNECTIONS;
        if (again) continue;
        throw connectionProblem(failure instanceof StaleConnection ? failure.cause : failure, this.#target);
      }
    }
  }

  #exchange(request: CarrierRequest, credentials: Credentials): Promise<HttpResponse> {
    const { signal } = request;
    const body = bodyOf(request);
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw signal.reason;
      const outgoing = this.#open(request, credentials, body);
      const aborting = onAbort(signal, () => outgoing.destroy(asError(signal?.reason)));
      const limits = [this.#limitConnecting(outgoing), this.#limitAnswering(outgoing, request.timeoutMs)];
      outgoing.once('response', (incoming) => {
        incoming.once('close', () => aborting[Symbol.dispose]());
        resolve(new HttpResponse(incoming, (failure) => this.#translate(failure, signal)));
      });
      outgoing.once('close', () => limits.forEach((limit) => limit[Symbol.dispose]()));
      outgoing.on('error', (failure) => {
        aborting[Symbol.dispose]();
        reject(signal?.aborted ? signal.reason : staleOr(failure, outgoing, request));
      });
      outgoing.end(body);
    });
  }

  #open(request: CarrierRequest, credentials: Credentials, body: BodyBytes | undefined): http.ClientRequest {
    const headers: http.OutgoingHttpHeaders = {
      accept: 'application/json',
      ...this.#ownHeaders(),
      ...mutableHeaders(credentials),
      ...request.headers,
    };
    if (this.#compresses) headers['accept-encoding'] = 'gzip';
    if (body !== undefined) {
      headers['content-type'] = request.contentType ?? 'application/json';
      headers['content-length'] = Buffer.byteLength(body);
    }
    const url = this.#url(request);
    const open = url.protocol === 'http:' ? http.request : https.request;
    return open(url, { method: request.method, headers, agent: this.#agent(credentials) });
  }

  /** A server or proxy that does not even say hello. */
  #limitConnecting(outgoing: http.ClientRequest): Disposable {
    const limit = this.#clock.after(CONNECT_TIMEOUT_MS, () =>
      outgoing.destroy(new AnswerTimeout('connection', CONNECT_TIMEOUT_MS)),
    );
    const done = () => limit[Symbol.dispose]();
    outgoing.once('socket', (socket) => {
      if (outgoing.reusedSocket) done();
      else if ('encrypted' in socket) socket.once('secureConnect', done);
      else if (socket.connecting) socket.once('connect', done);
      else done();
    });
    return limit;
  }

  #limitAnswering(outgoing: http.ClientRequest, timeoutMs: number | undefined): Disposable {
    if (timeoutMs === undefined) return { [Symbol.dispose]: () => undefined };
    const limit = this.#clock.after(timeoutMs, () => outgoing.destroy(new AnswerTimeout('answer', timeoutMs)));
    outgoing.once('response', () => limit[Symbol.dispose]());
    return limit;
  }

  #agent({ certificate }: Credentials): http.Agent {
    const key = certificate ? certificate.cert + certificate.key : '';
    let agent = this.#agents.get(key);
    if (!agent) {
      agent = createAgent(this.#server, this.#proxy, { ...trustOptions(this.#options.trust ?? {}), ...certificate });
      this.#agents.set(key, agent);
    }
    return agent;
  }

  #url({ path, query }: { path: string; query?: CarrierRequest['query'] | undefined }): URL {
    const url = new URL(this.#server);
    url.pathname = url.pathname.replace(/\/+$/, '') + path;
    for (const [name, value] of Object.entries(query ?? {})) {
      for (const single of typeof value === 'object' ? value : [value]) {
        if (single !== undefined) url.searchParams.append(name, single);
      }
    }
    return url;
  }

  #ownHeaders(): http.OutgoingHttpHeaders {
    return { 'user-agent': this.#options.userAgent ?? 'pilothouse' };
  }

  #translate(failure: unknown, signal: AbortSignal | undefined): unknown {
    return signal?.aborted ? signal.reason : connectionProblem(failure, this.#target);
  }
}

/** The server closed a kept connection; nothing was answered. */
class StaleConnection extends Error {
  constructor(cause: unknown) {
    super('kept connection closed by the server', { cause });
  }
}

/** Only reads are repeated by themselves: of a write nobody knows whether it arrived. */
function staleOr(failure: NodeJS.ErrnoException, outgoing: http.ClientRequest, { method }: CarrierRequest): unknown {
  const isRead = method === 'GET' || method === 'HEAD';
  const isClosed = failure.code === 'ECONNRESET' || failure.code === 'EPIPE';
  return outgoing.reusedSocket && isRead && isClosed ? new StaleConnection(failure) : failure;
}

type BodyBytes = string | Uint8Array;

function bodyOf({ body }: CarrierRequest): BodyBytes | undefined {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return body;
  return JSON.stringify(body);
}

function mutableHeaders({ headers }: Credentials): http.OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
