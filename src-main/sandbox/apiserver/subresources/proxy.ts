/** `proxy`: an HTTP request to a Pod, a Service or a Node, through the API server. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { messageOf } from '#common/base/errors';
import { ApiStatusError, unforeseen } from '#common/kube/status-error';
import type { ApiRequest, ApiResponse, ResponseBody } from '../api-request';
import { textResponse } from '../bodies';
import type { ResourceExchange } from '../exchange';
import { joined } from '../streams/port-forward';
import { kubeletOf, refused } from './pod-on-node';
import { rewrittenLink, rewrittenPage, type RewriteScope } from './proxy-rewrite';
import { nodeTarget, podTarget, serviceTarget, unreachable, type ProxyTarget } from './proxy-target';

export async function podProxy(exchange: ResourceExchange): Promise<ApiResponse> {
  return proxied(exchange, podTarget(exchange));
}

export async function serviceProxy(exchange: ResourceExchange): Promise<ApiResponse> {
  return proxied(exchange, serviceTarget(exchange));
}

export async function nodeProxy(exchange: ResourceExchange): Promise<ApiResponse> {
  const { nodeName, target } = nodeTarget(exchange);
  if (target) return proxied(exchange, target);
  const { request, info } = exchange;
  const { address, node } = kubeletOf(exchange, nodeName);
  if (!node) throw unreachable(refused(address));
  const redirect = redirectToRoot(exchange);
  if (redirect) return redirect;
  if (request.method !== 'GET' && request.method !== 'HEAD') return textResponse(405, '405: Method Not Allowed');
  const { status, type, body } = await node.page(`/${info.rest}`);
  return textResponse(status, body, { 'content-type': type });
}

async function proxied(exchange: ResourceExchange, target: ProxyTarget): Promise<ApiResponse> {
  if (isUpgrade(exchange.request)) return tunnelled(exchange, target);
  const redirect = redirectToRoot(exchange);
  if (redirect) return redirect;
  try {
    const answer = await send(exchange, await target.dial(exchange.request.signal));
    return answered(answer, scopeOf(exchange, target));
  } catch (problem) {
    if (problem instanceof ApiStatusError) throw problem;
    throw unreachable(messageOf(problem));
  }
}

function isUpgrade({ headers }: ApiRequest): boolean {
  return /\bupgrade\b/i.test(headers['connection'] ?? '') && Boolean(headers['upgrade']);
}

/** Pages that are asked for without the last `/` would find none of their relative links. */
function redirectToRoot({ request, info }: ResourceExchange): ApiResponse | undefined {
  const isRoot = info.rest === '' && !request.path.endsWith('/');
  if (!isRoot || (request.method !== 'GET' && request.method !== 'HEAD')) return undefined;
  return { status: 301, headers: { location: `${request.path}/${queryOf(request)}` } };
}

const queryOf = ({ query }: ApiRequest): string => (query.size > 0 ? `?${query.toString()}` : '');

/** The path as the client wrote it: nobody decodes it on the way. */
function pathBehind({ request, info }: ResourceExchange): string {
  const marker = '/proxy';
  const at = request.path.indexOf(marker, request.path.indexOf(`/${info.plural}/`));
  return request.path.slice(at + marker.length) || '/';
}

function scopeOf(exchange: ResourceExchange, { address }: ProxyTarget): RewriteScope {
  const { request } = exchange;
  const path = pathBehind(exchange);
  const prefix = request.path.endsWith(path) ? request.path.slice(0, request.path.length - path.length) : request.path;
  return { prefix, hosts: [address, hostOf(request)] };
}

const hostOf = ({ headers }: ApiRequest): string => headers['host'] ?? headers[':authority'] ?? '';

/** Of one hop, or of the client's dealings with the API server. */
const NOT_PASSED_ON =
  /^(?::.*|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|host|authorization|impersonate-.*)$/;

const BODILESS = new Set(['GET', 'HEAD', 'OPTIONS']);

function passedOn(exchange: ResourceExchange): Record<string, string> {
  const { request } = exchange;
  const headers = Object.entries(request.headers).filter(([name, value]) => value && !NOT_PASSED_ON.test(name));
  const hasUnknownLength = !BODILESS.has(request.method) && request.headers['content-length'] === undefined;
  return {
    ...(Object.fromEntries(headers) as Record<string, string>),
    ...(hasUnknownLength ? { 'transfer-encoding': 'chunked' } : {}),
    host: hostOf(request),
    'x-forwarded-for': [request.headers['x-forwarded-for'], '127.0.0.1'].filter(Boolean).join(', '),
    'x-forwarded-uri': request.path,
  };
}

function send(exchange: ResourceExchange, connection: Duplex): Promise<IncomingMessage> {
  const { request } = exchange;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      method: request.method,
      path: pathBehind(exchange) + queryOf(request),
      headers: { ...passedOn(exchange), connection: 'close' },
      createConnection: () => connection,
    });
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
    sendBody(request, outgoing).catch((problem: unknown) => outgoing.destroy(problem as Error));
  });
}

/** As it comes, however long it is. */
async function sendBody(request: ApiRequest, outgoing: ReturnType<typeof httpRequest>): Promise<void> {
  if (request.stream) {
    for await (const chunk of request.stream()) {
      if (!outgoing.write(chunk)) await new Promise((resolve) => outgoing.once('drain', resolve));
    }
  } else {
    const body = await request.body();
    const bytes = 'bytes' in body ? body.bytes : body.value === undefined ? undefined : JSON.stringify(body.value);
    if (bytes?.length) outgoing.write(bytes);
  }
  outgoing.end();
}

function answered(answer: IncomingMessage, scope: RewriteScope): ApiResponse {
  const headers = plainHeaders(answer);
  const { location } = headers;
  if (location) headers['location'] = rewrittenLink(location, scope);
  const isPage = !location && (headers['content-type'] ?? '').split(';')[0]?.trim() === 'text/html';
  const body: ResponseBody = { shape: 'bytes', chunks: answer as AsyncIterable<Uint8Array> };
  if (!isPage || headers['content-encoding']) return { status: answer.statusCode ?? 502, headers, body };
  delete headers['content-length'];
  body.chunks = rewritten(answer, scope);
  return { status: answer.statusCode ?? 502, headers, body };
}

async function* rewritten(answer: IncomingMessage, scope: RewriteScope): AsyncGenerator<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of answer as AsyncIterable<Buffer>) parts.push(part);
  yield Buffer.from(rewrittenPage(Buffer.concat(parts).toString('utf8'), scope));
}

const OF_ONE_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade']);

function plainHeaders({ headers }: IncomingMessage): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || OF_ONE_HOP.has(name)) continue;
    plain[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plain;
}

/** An upgrade: the server's answer and everything after it goes through as it is. */
async function tunnelled(exchange: ResourceExchange, target: ProxyTarget): Promise<ApiResponse> {
  const { request } = exchange;
  const connection = await target.dial(request.signal).catch((problem: unknown) => {
    throw unforeseen(`error dialing backend: ${messageOf(problem)}`);
  });
  const { 'transfer-encoding': _encoding, ...passed } = passedOn(exchange);
  const headers = { ...passed, connection: 'Upgrade', upgrade: request.headers['upgrade'] ?? '' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  connection.write(`${request.method} ${pathBehind(exchange)}${queryOf(request)} HTTP/1.1\r\n${lines.join('')}\r\n`);
  const beginning = await firstBytes(connection);
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(beginning.toString('latin1'))?.[1] ?? 0);
  if (status !== 101 && status < 400) {
    connection.destroy();
    throw unforeseen(`invalid upgrade response: status code ${status}`);
  }
  const run = async (socket: Duplex): Promise<void> => {
    socket.write(beginning);
    await joined(socket, connection);
  };
  return { status: 101, headers: {}, upgrade: { kind: 'raw', run } };
}

function firstBytes(connection: Duplex): Promise<Buffer> {
  return new Promise((resolve) => {
    const settle = (bytes: Buffer): void => {
      connection.pause();
      resolve(bytes);
    };
    connection.once('data', settle);
    connection.once('close', () => resolve(Buffer.alloc(0)));
    connection.once('error', () => resolve(Buffer.alloc(0)));
  });
}
