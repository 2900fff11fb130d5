/**
 * A server behind APIServices, on loopback, that both API servers ask. It answers for any Service that leads to it; the
 * name of the Service, which clients say when they open TLS, decides how.
 */
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSecureContext, type TLSSocket } from 'node:tls';
import { text } from 'node:stream/consumers';
import type { Duplex } from 'node:stream';
import { issueCertificate, keyText, newKey, type Issuer } from '#main/base/x509/certificate';
import { backendDiscovery, backendOpenApi, resourceList } from './backend-documents';

export interface Backend extends AsyncDisposable {
  /** What exchanges may name, by its placeholder. */
  readonly values: Readonly<Record<'backend-port' | 'backend-ca', string>>;
}

const HOUR_MS = 3_600_000;
const VALID_MS = 24 * HOUR_MS;

export async function openBackend(): Promise<Backend> {
  const authority = newAuthority();
  const server = createServer(
    {
      SNICallback: (name, done) => done(null, authority.contextFor(name)),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => void answer(request, response),
  );
  server.on('upgrade', upgrade);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    values: { 'backend-port': String(port), 'backend-ca': Buffer.from(authority.certificate).toString('base64') },
    [Symbol.asyncDispose]: () => closed(server),
  };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Signs a certificate for every name that is asked for; `impostor` shows that of somebody else. */
function newAuthority() {
  const now = Date.now();
  const validity = { notBeforeMs: now - HOUR_MS, notAfterMs: now + VALID_MS };
  const issuer: Issuer = { subject: { commonName: 'backend authority' }, key: newKey() };
  const certificate = issueCertificate(
    { subject: issuer.subject, usage: 'authority', ...validity },
    issuer.key,
    issuer,
  );
  const contextFor = (name: string) => {
    const key = newKey();
    const names = [name.startsWith('impostor.') ? 'someone.else.svc' : name];
    const request = { subject: { commonName: 'backend' }, usage: 'server', names, ...validity } as const;
    return createSecureContext({ key: keyText(key), cert: issueCertificate(request, key, issuer) });
  };
  return { certificate, contextFor };
}

/** The Service by which the client came. */
const serviceOf = ({ socket }: IncomingMessage): string =>
  String((socket as TLSSocket & { servername?: string }).servername).split('.')[0] ?? '';

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const service = serviceOf(request);
  if (service === 'silent') return void request.socket.destroy();
  if (service === 'broken') return void response.writeHead(500).end('broken');
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://backend');
  const document = documentOf(service, pathname);
  if (document) return json(response, 200, document);
  const [, prefix, group = '', version = '', resource, ...rest] = pathname.split('/');
  if (prefix !== 'apis' || !version) return json(response, 404, { message: 'nothing is here' });
  if (!resource) return json(response, 200, resourceList({ group, version }));
  if (searchParams.get('watch') === 'true') return watch(response);
  if (resource === 'elsewhere') return void response.writeHead(302, { location: `/apis/${group}` }).end();
  if (resource === 'codes') return json(response, Number(rest[0]), { message: `this is ${rest[0]}` });
  json(response, 200, await seen(request));
}

/** Documents of `/apis` and `/openapi`; only `modern` has those of today, `old` those of before. */
function documentOf(service: string, path: string): object | undefined {
  if (path === '/apis') return service === 'modern' ? backendDiscovery : undefined;
  return backendOpenApi(service, path);
}

function json(response: ServerResponse, status: number, document: object): void {
  const type =
    'items' in document ? 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' : 'application/json';
  response.writeHead(status, { 'content-type': type, 'x-backend': 'yes' }).end(JSON.stringify(document));
}

function watch(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const object = { kind: 'Widget', metadata: { name: 'one' } };
  for (const type of ['ADDED', 'MODIFIED']) response.write(`${JSON.stringify({ type, object })}\n`);
}

/** Everything about the request that is not of one hop, and whose certificate it came with. */
async function seen(request: IncomingMessage): Promise<object> {
  const { method, url } = request;
  return { method, url, ...sender(request), body: await text(request) };
}

/** Of the connection, or different for every run. */
const UNTOLD = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'audit-id', 'accept-encoding']);

function sender({ headersDistinct, socket }: IncomingMessage): object {
  const headers = Object.entries(headersDistinct).filter(([name]) => !UNTOLD.has(name));
  const { subject } = (socket as TLSSocket).getPeerCertificate();
  return { headers: Object.fromEntries(headers), proxy: subject?.CN ?? 'nobody' };
}

/** Says what it has seen, then what the client says, and ends. */
function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
  if (request.url?.endsWith('/refused'))
    return void socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ${request.headers.upgrade}\r\n\r\n`,
  );
  socket.write(`${JSON.stringify({ url: request.url, ...sender(request) })}\n`);
  const finish = (said: Buffer) => socket.end(`you said ${said.toString()}`);
  if (head.length > 0) finish(head);
  else socket.once('data', finish);
  socket.on('error', () => undefined);
}
