/** A request that goes on to another server, and the answer that comes back: what every proxy of the server does. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { unforeseen } from '#common/kube/status-error';
import type { ApiRequest, ApiResponse } from './api-request';
import { joined } from './streams/port-forward';

export type OnwardHeaders = Record<string, string | string[]>;

/** What the other server is asked: the path as the client wrote it, with its query. */
export interface Onward {
  path: string;
  headers: OnwardHeaders;
}

export function isUpgrade({ headers }: ApiRequest): boolean {
  return /\bupgrade\b/i.test(headers['connection'] ?? '') && Boolean(headers['upgrade']);
}

export const queryOf = ({ query }: ApiRequest): string => (query.size > 0 ? `?${query.toString()}` : '');

export const hostOf = ({ headers }: ApiRequest): string => headers['host'] ?? headers[':authority'] ?? '';

/** Of one hop, or of the client's dealings with the API server. */
const NOT_PASSED_ON =
  /^(?::.*|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|host|authorization|impersonate-.*)$/;

const BODILESS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The client's headers that concern the other server; names are lower-case. */
export function passedOn(request: ApiRequest): OnwardHeaders {
  const headers = Object.entries(request.headers).filter(([name, value]) => value && !NOT_PASSED_ON.test(name));
  const takesTrailers = /\btrailers\b/i.test(request.headers['te'] ?? '');
  const hasUnknownLength = !BODILESS.has(request.method) && request.headers['content-length'] === undefined;
  return {
    ...(Object.fromEntries(headers) as Record<string, string>),
    ...(hasUnknownLength ? { 'transfer-encoding': 'chunked' } : {}),
    ...(takesTrailers ? { te: 'trailers' } : {}),
    'x-forwarded-for': [request.headers['x-forwarded-for'], '127.0.0.1'].filter(Boolean).join(', '),
  };
}

/** Resolves when the answer begins. Rejects as the connection fails. */
export function send(request: ApiRequest, { path, headers }: Onward, connection: Duplex): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      method: request.method,
      path,
      headers: { ...headers, connection: 'close' },
      createConnection: () => connection,
    });
    outgoing.once('response', resolve);
    // More than one may come: when the client leaves, and when the connection ends because of it.
    outgoing.on('error', reject);
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

const OF_ONE_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade']);

/** The headers of an answer that are not of one hop. */
export function plainHeaders({ headers }: IncomingMessage): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || OF_ONE_HOP.has(name)) continue;
    plain[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return plain;
}

/** An upgrade: the server's answer and everything after it goes through as it is. */
export async function tunnelled(request: ApiRequest, onward: Onward, connection: Duplex): Promise<ApiResponse> {
  const { 'transfer-encoding': _encoding, ...passed } = onward.headers;
  const headers = { ...passed, connection: 'Upgrade', upgrade: request.headers['upgrade'] ?? '' };
  const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}\r\n`));
  connection.write(`${request.method} ${onward.path} HTTP/1.1\r\n${lines.join('')}\r\n`);
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
