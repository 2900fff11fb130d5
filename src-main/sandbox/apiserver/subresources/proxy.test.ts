import { connect, type Socket } from 'node:net';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Problem } from '#common/base/errors';
import { seededRandom } from '#common/base/random';
import { Scope } from '#common/base/scope';
import type { NodeApi } from '#main/base/node-api';
import { systemClock } from '#main/base/system-clock';
import { createApiServer } from '../server';

let scope: Scope | undefined;
afterEach(() => scope?.close());

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** An API server whose only Pod is a server of this process, behind the Service `web`. */
async function open() {
  scope = new Scope('proxy');
  const backend = await startBackend(scope);
  const node = { dial: (_pod, port) => dial(backend, port), page: async () => page } as Partial<NodeApi> as NodeApi;
  const server = scope.add(
    await createApiServer({
      clock: systemClock,
      random: seededRandom(1),
      nodes: (name) => (name === 'a' ? node : undefined),
    }),
  );
  const { url } = await server.listen(0);
  const { admin, authority } = server.certificates;
  const tls = { ca: authority.certificate, cert: admin.certificate, key: admin.key };
  const call = (method: string, path: string, { headers = {}, body = '' }: { headers?: object; body?: string } = {}) =>
    ask(
      `${url}${path}`,
      { method, ...tls, headers: { ...headers, ...(body ? { 'content-length': Buffer.byteLength(body) } : {}) } },
      body,
    );
  const json = { headers: { 'content-type': 'application/json' } };
  const create = async (path: string, object: object) => {
    const { status, body } = await call('POST', path, { ...json, body: JSON.stringify(object) });
    if (status !== 201) throw new Error(body);
  };
  const patchStatus = (path: string, status: object) =>
    call('PATCH', `${path}/status`, {
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ status }),
    });
  await create('/api/v1/nodes', { metadata: { name: 'a' } });
  await patchStatus('/api/v1/nodes/a', { addresses: [{ type: 'InternalIP', address: '172.18.0.2' }] });
  const home = '/api/v1/namespaces/default';
  await create(`${home}/serviceaccounts`, { metadata: { name: 'default' } });
  const ports = [{ name: 'http', containerPort: 8080 }];
  const containers = [{ name: 'web', image: 'nginx', ports }];
  await create(`${home}/pods`, { metadata: { name: 'web' }, spec: { nodeName: 'a', containers } });
  await patchStatus(`${home}/pods/web`, { phase: 'Running', podIP: '10.244.0.4', podIPs: [{ ip: '10.244.0.4' }] });
  await create(`${home}/services`, { metadata: { name: 'web' }, spec: { ports: [{ name: 'http', port: 80 }] } });
  await create(`${home}/endpoints`, {
    metadata: { name: 'web' },
    subsets: [
      {
        addresses: [{ ip: '10.244.0.4', targetRef: { kind: 'Pod', name: 'web', namespace: 'default' } }],
        ports: [{ name: 'http', port: 8080 }],
      },
    ],
  });
  return { call, url, tls, pod: `${home}/pods/web`, service: `${home}/services/web` };
}

const page = { status: 200, type: 'text/plain', body: 'a page of the kubelet' };

function ask(url: string, options: RequestOptions, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(url, options, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (part: string) => (text += part));
      incoming.once('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text }));
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

/** Tells what it was asked, sends links and redirects, and echoes what comes over a WebSocket. */
async function startBackend(owner: Scope): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === '/away') return void response.writeHead(302, { location: '/login' }).end();
    if (request.url === '/page')
      return void response.setHeader('content-type', 'text/html; charset=utf-8').end('<a href="/x">x</a>');
    let length = 0;
    request.on('data', (part: Buffer) => (length += part.length));
    request.on('end', () => {
      const { method, url, headers } = request;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ method, url, headers, length }));
    });
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (request.url === '/closed') return void socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno');
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('message', (message) => client.send(`echo ${String(message)}`));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  owner.add(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

function dial(server: Server, port: number): Promise<Duplex> {
  if (port !== 8080) return Promise.reject(new Problem('connection-refused', 'failed to execute portforward'));
  return new Promise((resolve, reject) => {
    const socket: Socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}

describe('the proxy', () => {
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('passes %s on as it is', async (method) => {
    const { call, pod } = await open();
    const headers = { 'x-own': 'kept', authorization: 'Bearer secret' };
    const { status, body } = await call(method, `${pod}/proxy/a%2Fb/c?d=e+f`, {
      headers: method === 'OPTIONS' ? { 'x-own': 'kept' } : { 'x-own': headers['x-own'] },
      ...(method === 'GET' || method === 'OPTIONS' ? {} : { body: 'x'.repeat(4 * 2 ** 20) }),
    });
    expect(status).toBe(200);
    const seen = JSON.parse(body) as { headers: Record<string, string> };
    expect(seen).toMatchObject({
      method,
      url: '/a%2Fb/c?d=e+f',
      length: method === 'GET' || method === 'OPTIONS' ? 0 : 4 * 2 ** 20,
    });
    expect(seen.headers).toMatchObject({
      'x-own': 'kept',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-uri': `${pod}/proxy/a%2Fb/c`,
    });
    expect(seen.headers).not.toHaveProperty('authorization');
  });

  it('leads links and redirects back through itself', async () => {
    const { call, service } = await open();
    const proxy = `${service}:80/proxy`;
    expect((await call('GET', `${proxy}?a=b`)).headers.location).toBe(`${proxy}/?a=b`);
    expect(await call('GET', `${proxy}/away`)).toMatchObject({ status: 302, headers: { location: `${proxy}/login` } });
    expect((await call('GET', `${proxy}/page`)).body).toBe(`<a href="${proxy}/x">x</a>`);
  });

  it('names what it could not reach', async () => {
    const { call, pod, service } = await open();
    const messageOf = async (path: string) =>
      (JSON.parse((await call('GET', path)).body) as { message: string }).message;
    expect(await messageOf(`${pod}:81/proxy/`)).toBe(
      'error trying to reach service: dial tcp 10.244.0.4:81: connect: connection refused',
    );
    expect(await messageOf(`${pod}:admin/proxy/`)).toBe(
      'error trying to reach service: dial tcp: lookup tcp/admin: unknown port',
    );
    expect(await messageOf(`${service}/proxy/`)).toBe('no endpoints available for service "web"');
  });

  it('shows the pages of kubelets, and nothing but GET', async () => {
    const { call } = await open();
    expect((await call('GET', '/api/v1/nodes/a/proxy/healthz')).body).toBe(page.body);
    expect((await call('GET', '/api/v1/nodes/a:10250/proxy/healthz')).body).toBe(page.body);
    expect((await call('POST', '/api/v1/nodes/a/proxy/healthz')).status).toBe(405);
    expect((await call('GET', '/api/v1/nodes/a:9100/proxy/')).body).toContain(
      'dial tcp 172.18.0.2:9100: connect: connection refused',
    );
  });

  it('carries a WebSocket both ways', async () => {
    const { url, tls, pod } = await open();
    const socket = new WebSocket(`${url.replace('https', 'wss')}${pod}/proxy/talk`, tls);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const answer = new Promise((resolve) => socket.once('message', (message) => resolve(String(message))));
    socket.send('hello');
    expect(await answer).toBe('echo hello');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.close();
    await closed;
  });

  it('tells the client what the server said instead of upgrading', async () => {
    const { url, tls, pod } = await open();
    const refusalOf = (path: string) =>
      new Promise<number | undefined>((resolve) => {
        const socket = new WebSocket(`${url.replace('https', 'wss')}${pod}/proxy/${path}`, tls);
        socket.once('unexpected-response', (_request, { statusCode }) => resolve(statusCode));
        socket.once('error', () => undefined);
      });
    expect(await refusalOf('closed')).toBe(403);
  });
});
