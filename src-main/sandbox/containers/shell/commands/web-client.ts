import { request, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { onAbort } from '#main/base/on-abort';

export interface WebRequest {
  url: URL;
  method: string;
  headers: Readonly<Record<string, string>>;
  body?: string | Uint8Array | undefined;
  /** PEM of the authorities that are trusted, for https. */
  ca?: string | undefined;
  insecure?: boolean | undefined;
  connection: Duplex;
  signal: AbortSignal;
}

export interface WebAnswer {
  status: number;
  statusText: string;
  httpVersion: string;
  /** As they came, one line each. */
  headerLines: readonly string[];
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
}

/** A certificate that was not trusted. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

/** Text of a URL as command line tools take it; throws for what is none. */
export function parseUrl(text: string): URL {
  return new URL(/^\w+:\/\//.test(text) ? text : `http://${text}`);
}

export const portOf = ({ port, protocol }: URL): number => Number(port || (protocol === 'https:' ? 443 : 80));

/** One request over a connection that is there already; closes it after the answer. */
export async function fetchOver(asked: WebRequest): Promise<WebAnswer> {
  const { url, signal } = asked;
  const connection = url.protocol === 'https:' ? await secured(asked) : asked.connection;
  const ending = onAbort(signal, () => connection.destroy(signal.reason instanceof Error ? signal.reason : undefined));
  try {
    return await exchange(asked, connection);
  } finally {
    ending[Symbol.dispose]();
    connection.destroy();
  }
}

function exchange({ url, method, headers, body }: WebRequest, connection: Duplex): Promise<WebAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        createConnection: () => connection,
        host: url.hostname,
        port: portOf(url),
        method,
        path: url.pathname + url.search,
        headers: {
          Host: url.host,
          ...headers,
          ...(body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }),
        },
      },
      (response) => readAnswer(response).then(resolve, reject),
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<WebAnswer> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  const { rawHeaders, statusCode = 0, statusMessage = '', httpVersion, headers } = response;
  const headerLines: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headerLines.push(`${rawHeaders[index] ?? ''}: ${rawHeaders[index + 1] ?? ''}`);
  }
  return {
    status: statusCode,
    statusText: statusMessage,
    httpVersion,
    headerLines,
    headers,
    body: Buffer.concat(parts),
  };
}

function secured({ url, connection, ca, insecure = false }: WebRequest): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const isName = !/^[\d.]+$/.test(url.hostname);
    const socket = connectTls({
      socket: connection,
      host: url.hostname,
      ...(isName ? { servername: url.hostname } : {}),
      ca: ca ?? [],
      rejectUnauthorized: !insecure,
      ALPNProtocols: ['http/1.1'],
    });
    socket.once('secureConnect', () => resolve(socket));
    socket.once('error', (cause) => reject(new CertificateError(cause.message, { cause })));
  });
}
