import { createServer, request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { seededRandom } from '#common/base/random';
import { Scope } from '#common/base/scope';
import type { APIService } from '#common/kube/types';
import { systemClock } from '#main/base/system-clock';
import { issueCertificate, keyText, newKey } from '#main/base/x509/certificate';
import { createApiServer } from '../server';

let scope: Scope | undefined;
afterEach(() => scope?.close());

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

const GROUP = 'shop.example.com';
const NAME = `v1.${GROUP}`;
const WIDGETS = { name: 'widgets', singularName: 'widget', namespaced: true, kind: 'Widget', verbs: ['get', 'list'] };
const PARTS = { ...WIDGETS, name: 'widgets/parts', kind: 'Part', verbs: ['get'] };

/** A server that speaks TLS as `api.default.svc`, lists widgets and echoes everything else. */
async function startBackend(owner: Scope) {
  const [authorityKey, key] = [newKey(), newKey()];
  const validity = { notBeforeMs: Date.now() - 60_000, notAfterMs: Date.now() + 3_600_000 };
  const subject = { commonName: 'backend authority' };
  const issuer = { subject, key: authorityKey };
  const authority = issueCertificate({ subject, usage: 'authority', ...validity }, authorityKey, issuer);
  const names = ['api.default.svc'];
  const certificate = issueCertificate(
    { subject: { commonName: 'api' }, usage: 'server', names, ...validity },
    key,
    issuer,
  );
  const state = { status: 200 };
  const tls = { key: keyText(key), cert: certificate, requestCert: true, rejectUnauthorized: false };
  const server = createServer(tls, (request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === `/apis/${GROUP}/v1`) {
      response.statusCode = state.status;
      const list = { kind: 'APIResourceList', groupVersion: `${GROUP}/v1`, resources: [WIDGETS, PARTS] };
      return void response.end(JSON.stringify(list));
    }
    if (request.url?.includes('watch=true')) {
      response.write('{"type":"ADDED"}\n');
      return void request.once('close', () => undefined);
    }
    const { headersDistinct: headers, url, method } = request;
    response.end(JSON.stringify({ headers, url, method }));
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (client, { headers }) => client.send(String(headers['x-remote-user'])));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  owner.add(() => {
    server.closeAllConnections();
    server.close();
  });
  return { state, port: (server.address() as AddressInfo).port, ca: Buffer.from(authority).toString('base64') };
}

async function open() {
  scope = new Scope('aggregation');
  const backend = await startBackend(scope);
  const server = scope.add(
    await createApiServer({
      clock: systemClock,
      random: seededRandom(1),
      nodes: () => undefined,
      services: {
        dial: () =>
          new Promise((resolve, reject) => {
            const socket = connect(backend.port, '127.0.0.1', () => resolve(socket)).once('error', reject);
          }),
      },
    }),
  );
  const { url } = await server.listen(0);
  const { admin, authority } = server.certificates;
  const tls = { ca: authority.certificate, cert: admin.certificate, key: admin.key };
  const call = (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const type = body ? { 'content-type': 'application/json' } : {};
      const outgoing = httpsRequest(
        `${url}${path}`,
        { method, ...tls, headers: { ...type, ...headers } },
        (incoming) => {
          let text = '';
          incoming.setEncoding('utf8').on('data', (part: string) => (text += part));
          incoming.once('end', () =>
            resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text }),
          );
        },
      );
      outgoing.once('error', reject);
      outgoing.end(body ? JSON.stringify(body) : undefined);
    });
  const create = async (path: string, object: object) => {
    const { status, body } = await call('POST', path, object);
    if (status !== 201) throw new Error(body);
  };
  const condition = async (name = NAME) => {
    const { body } = await call('GET', `/apis/apiregistration.k8s.io/v1/apiservices/${name}`);
    const [found] = (JSON.parse(body) as APIService).status?.conditions ?? [];
    return `${found?.status} ${found?.reason}: ${found?.message}`;
  };
  const becomes = (text: string) => vi.waitFor(async () => expect(await condition()).toBe(text), { timeout: 8000 });
  const register = (spec: object) =>
    create('/apis/apiregistration.k8s.io/v1/apiservices', {
      metadata: { name: NAME },
      spec: {
        group: GROUP,
        version: 'v1',
        groupPriorityMinimum: 1500,
        versionPriority: 10,
        service: { namespace: 'default', name: 'api' },
        ...spec,
      },
    });
  const furnish = async () => {
    const home = '/api/v1/namespaces/default/services';
    await create(home, { metadata: { name: 'api' }, spec: { ports: [{ name: 'https', port: 443 }] } });
    await create('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
      metadata: { name: 'api-1', labels: { 'kubernetes.io/service-name': 'api' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.244.0.4'], conditions: { ready: true } }],
      ports: [{ name: 'https', port: 443 }],
    });
  };
  const groups = async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const { body } = await call('GET', '/apis', undefined, { accept });
    return (JSON.parse(body) as { items: { metadata: { name: string }; versions: object[] }[] }).items;
  };
  return { backend, call, create, becomes, condition, register, furnish, groups, url, tls };
}

const PASSED = 'True Passed: all checks passed';

describe('an APIService with a Service', () => {
  it('tells step by step what is missing, and is served when nothing is', async () => {
    const { register, becomes, create, furnish, backend, call } = await open();
    await register({ caBundle: backend.ca });
    await becomes('False ServiceNotFound: service/api in "default" is not present');
    const refused = await call('GET', `/apis/${GROUP}/v1/widgets`);
    expect([refused.status, refused.body]).toEqual([503, 'service unavailable\n']);
    expect(refused.headers['content-type']).toBe('text/plain; charset=utf-8');
    const ports = [{ name: 'https', port: 443 }];
    await create('/api/v1/namespaces/default/services', { metadata: { name: 'api' }, spec: { ports } });
    await becomes('False EndpointsNotFound: cannot find endpointslices for service/api in "default"');
    await call('DELETE', '/api/v1/namespaces/default/services/api');
    await furnish();
    await becomes(PASSED);
    expect((await call('GET', `/apis/${GROUP}/v1/widgets`)).status).toBe(200);
  });

  it('asks in the name of who asked, and believes no client about it', async () => {
    const { register, becomes, furnish, backend, call } = await open();
    await furnish();
    await register({ caBundle: backend.ca });
    await becomes(PASSED);
    const { body } = await call(
      'PUT',
      `/apis/${GROUP}/v1/namespaces/a/widgets/b%20c?x=1`,
      { a: 1 },
      {
        'x-remote-user': 'somebody',
        'x-remote-extra-a': 'b',
      },
    );
    const seen = JSON.parse(body) as { url: string; method: string; headers: Record<string, string[]> };
    expect(seen).toMatchObject({ method: 'PUT', url: `/apis/${GROUP}/v1/namespaces/a/widgets/b%20c?x=1` });
    expect(seen.headers['x-remote-user']).toEqual(['kubernetes-admin']);
    expect(seen.headers['x-remote-group']).toEqual(['system:masters', 'system:authenticated']);
    expect(seen.headers).not.toHaveProperty('x-remote-extra-a');
  });

  it('is in discovery with its resources, and stale when its server fails', async () => {
    const { register, becomes, furnish, backend, groups, call } = await open();
    await furnish();
    await register({ insecureSkipTLSVerify: true });
    await becomes(PASSED);
    const widgets = {
      resource: 'widgets',
      responseKind: { group: '', version: '', kind: 'Widget' },
      subresources: [{ subresource: 'parts', verbs: ['get'] }],
    };
    const found = (await groups()).at(-1);
    expect(found).toMatchObject({
      metadata: { name: GROUP },
      versions: [{ version: 'v1', freshness: 'Current', resources: [widgets] }],
    });
    expect(JSON.parse((await call('GET', `/apis/${GROUP}`)).body)).toMatchObject({
      kind: 'APIGroup',
      preferredVersion: { groupVersion: `${GROUP}/v1` },
    });
    backend.state.status = 500;
    await call(
      'PATCH',
      '/api/v1/namespaces/default/services/api',
      { metadata: { labels: { a: 'b' } } },
      {
        'content-type': 'application/merge-patch+json',
      },
    );
    await vi.waitFor(async () =>
      expect((await groups()).at(-1)?.versions).toEqual([{ version: 'v1', freshness: 'Stale' }]),
    );
  });

  it('checks certificates, and reaches the host of an ExternalName', async () => {
    const { register, becomes, create, backend } = await open();
    await create('/api/v1/namespaces/default/services', {
      metadata: { name: 'api' },
      spec: { type: 'ExternalName', externalName: 'localhost' },
    });
    await register({ service: { namespace: 'default', name: 'api', port: backend.port } });
    const url = `https://localhost:${backend.port}/apis/${GROUP}/v1`;
    await becomes(
      `False FailedDiscoveryCheck: failing or missing response from ${url}: Get "${url}": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    );
  });

  it('passes watches and upgrades through', async () => {
    const { register, becomes, furnish, backend, url, tls } = await open();
    await furnish();
    await register({ caBundle: backend.ca });
    await becomes(PASSED);
    const first = await new Promise((resolve, reject) => {
      const outgoing = httpsRequest(`${url}/apis/${GROUP}/v1/widgets?watch=true`, tls, (incoming) => {
        incoming.once('data', (part: Buffer) => {
          resolve(String(part));
          outgoing.destroy();
        });
        incoming.once('error', () => undefined);
      });
      outgoing.once('error', reject).end();
    });
    expect(first).toBe('{"type":"ADDED"}\n');
    const socket = new WebSocket(`${url.replace('https', 'wss')}/apis/${GROUP}/v1/talk`, tls);
    const said = await new Promise((resolve, reject) =>
      socket.once('message', (message) => resolve(String(message))).once('error', reject),
    );
    expect(said).toBe('kubernetes-admin');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.close();
    await closed;
  });
});

describe('the APIServices of the server itself', () => {
  it('are there from the beginning, and come and go with definitions', async () => {
    const { call, create, condition } = await open();
    expect(await condition('v1.apps')).toBe('True Local: Local APIServices are always available');
    const apps = await call('GET', '/apis/apiregistration.k8s.io/v1/apiservices/v1.apps');
    expect(JSON.parse(apps.body)).toMatchObject({
      metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
      spec: { group: 'apps', version: 'v1', groupPriorityMinimum: 17_800, versionPriority: 15 },
    });
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const schema = { openAPIV3Schema: { type: 'object' } };
    await create(path, {
      metadata: { name: `widgets.${GROUP}` },
      spec: {
        group: GROUP,
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    });
    const own = `/apis/apiregistration.k8s.io/v1/apiservices/${NAME}`;
    await vi.waitFor(async () => expect((await call('GET', own)).status).toBe(200));
    await call('DELETE', own);
    await vi.waitFor(async () => expect((await call('GET', own)).status).toBe(200));
    await call('DELETE', `${path}/widgets.${GROUP}`);
    await vi.waitFor(async () => expect((await call('GET', own)).status).toBe(404));
  });
});
