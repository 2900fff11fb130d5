/** Requests of a client in the same process: no encoding, no socket, the store's own objects. */
import { setMaxListeners } from 'node:events';
import { text } from 'node:stream/consumers';
import { AsyncQueue } from '#common/base/queue';
import { ApiStatusError, failure, type Status } from '#common/kube/status-error';
import { jsonLines } from '#main/client/carrier/json-lines';
import type { Carrier, CarrierRequest, CarrierResponse, CarrierSocket, UpgradeRequest } from '#main/client/carrier';
import type { Requester } from './registry/registry-context';
import type { ApiRequest, ApiResponse, MessageSocket, RequestBody } from './apiserver/api-request';

type Handle = (request: ApiRequest) => Promise<ApiResponse>;

/** A carrier to `server` that speaks as `user`. Closing it ends its watches and connections. */
export function loopback(server: { handle: Handle }, user: Requester): Carrier {
  const handle: Handle = (request) => server.handle(request);
  const closed = new AbortController();
  // Every watch listens for the end.
  setMaxListeners(0, closed.signal);
  return {
    async send(request) {
      closed.signal.throwIfAborted();
      return new LoopbackResponse(await handle(new LoopbackRequest(request, user, closed.signal)));
    },
    async upgrade(request) {
      closed.signal.throwIfAborted();
      return upgraded(handle, request, { user, closed: closed.signal });
    },
    async close() {
      closed.abort();
    },
  };
}

class LoopbackRequest implements ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly peer: { user: Requester };
  readonly #closed: AbortSignal;
  readonly #wanted: AbortSignal | undefined;
  readonly #body: unknown;

  constructor(request: CarrierRequest, user: Requester, closed: AbortSignal) {
    this.method = request.method;
    this.path = request.path;
    this.query = queryOf(request.query);
    this.headers = {
      ...lowerCase(request.headers),
      ...(request.contentType ? { 'content-type': request.contentType } : {}),
    };
    this.peer = { user };
    this.#closed = closed;
    this.#wanted = request.signal;
    this.#body = request.body;
  }

  /** Made when it is asked for, which few requests do. */
  get signal(): AbortSignal {
    return this.#wanted ? AbortSignal.any([this.#wanted, this.#closed]) : this.#closed;
  }

  async body(): Promise<RequestBody> {
    const body = this.#body;
    if (typeof body === 'string') return { bytes: Buffer.from(body) };
    return body instanceof Uint8Array ? { bytes: body } : { value: body };
  }
}

function queryOf(query: CarrierRequest['query']): URLSearchParams {
  const search = new URLSearchParams();
  for (const name in query) {
    const value = query[name];
    if (value === undefined) continue;
    for (const one of typeof value === 'string' ? [value] : value) search.append(name, one);
  }
  return search;
}

function lowerCase(headers: CarrierRequest['headers']): Record<string, string> {
  const lower: Record<string, string> = {};
  for (const name in headers) lower[name.toLowerCase()] = headers[name] ?? '';
  return lower;
}

class LoopbackResponse implements CarrierResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly #response: ApiResponse;

  constructor(response: ApiResponse) {
    this.#response = response;
    this.status = response.status;
    const { warnings } = response;
    this.headers = warnings ? { ...response.headers, warning: warnings.map(warningText).join(', ') } : response.headers;
  }

  async json(): Promise<unknown> {
    const { body } = this.#response;
    if (body?.shape === 'value') return body.value();
    if (body?.shape === 'bytes') return JSON.parse(await text(body.chunks));
    throw new Error('the answer is no JSON value');
  }

  lines(): AsyncIterable<unknown> {
    const { body } = this.#response;
    if (body?.shape === 'lines') return body.lines();
    if (body?.shape === 'bytes') return jsonLines(body.chunks);
    throw new Error('the answer is no watch');
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    const { body } = this.#response;
    if (body?.shape === 'value') yield* body.chunks();
    else if (body?.shape === 'lines') yield* body.frames();
    else if (body) yield* body.chunks;
  }
}

function warningText(text: string): string {
  return `299 - "${text.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;
}

interface Caller {
  user: Requester;
  closed: AbortSignal;
}

async function upgraded(handle: Handle, request: UpgradeRequest, { user, closed }: Caller): Promise<CarrierSocket> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-protocol': request.protocols.join(', '),
  };
  const { path, query, signal } = request;
  const asked: CarrierRequest = { method: 'GET', path, headers, ...(query ? { query } : {}), signal };
  const response = await handle(new LoopbackRequest(asked, user, closed));
  if (!response.upgrade || response.upgrade.kind !== 'websocket') throw refusalOf(response);
  const { near, far } = socketPair(response.upgrade.protocol);
  signal?.addEventListener('abort', () => near.close(), { once: true });
  void response.upgrade.run(far).finally(() => far.close());
  return near;
}

function refusalOf({ body, status }: ApiResponse): ApiStatusError {
  const value = body?.shape === 'value' ? (body.value() as Partial<Status>) : undefined;
  if (value?.kind === 'Status') return new ApiStatusError(value as Status);
  return failure(status, 'BadRequest', 'the connection cannot be upgraded');
}

const WAITING_MESSAGES = 64;

/** Two ends of a message connection in one process. */
function socketPair(protocol: string): { near: CarrierSocket; far: MessageSocket } {
  const toNear = new AsyncQueue<Uint8Array>(WAITING_MESSAGES);
  const toFar = new AsyncQueue<Uint8Array>(WAITING_MESSAGES);
  const close = (): void => {
    toNear.end();
    toFar.end();
  };
  return {
    near: { protocol, messages: toNear, send: (message) => toFar.push(message), close },
    far: { messages: toFar, send: (message) => toNear.push(message), close },
  };
}
