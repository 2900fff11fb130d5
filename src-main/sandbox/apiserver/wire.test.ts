import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { afterEach, describe, expect, it } from 'vitest';
import { seededRandom } from '#common/base/random';
import { Scope } from '#common/base/scope';
import { systemClock } from '#main/base/system-clock';
import { decodeProtobuf } from '#main/sandbox/codec/protobuf-body';
import { createApiServer } from './server';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Sends one request over HTTP/2; a watch ends with its timeoutSeconds. */
function send(
  session: ClientHttp2Session,
  path: string,
  request: Record<string, string>,
  body?: unknown,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path, ...request });
    const parts: Buffer[] = [];
    let headers: IncomingHttpHeaders = {};
    stream.on('response', (got) => (headers = got));
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', () => resolve({ status: Number(headers[':status']), headers, body: Buffer.concat(parts) }));
    stream.on('error', reject);
    stream.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

let scope: Scope | undefined;
afterEach(() => scope?.close());

async function open(): Promise<
  (method: string, path: string, more?: Record<string, string>, body?: unknown) => Promise<Answer>
> {
  scope = new Scope('wire');
  const server = scope.add(
    await createApiServer({ clock: systemClock, random: seededRandom(1), nodes: () => undefined, frozen: true }),
  );
  const { url } = await server.listen(0);
  const { admin, authority } = server.certificates;
  const session = connect(url, { ca: authority.certificate, cert: admin.certificate, key: admin.key });
  scope.add(() => session.destroy());
  return (method, path, more = {}, body) =>
    send(session, path, { ':method': method, 'content-type': 'application/json', ...more }, body);
}

const configMap = (name: string, data: Record<string, string>) => ({ metadata: { name }, data });
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

describe('the wire', () => {
  it('counts what a route took, as real servers do, and nothing else', async () => {
    const call = await open();
    const named = ['/apis/a.example.com/v1/things', '/api/v1/things/one', `${CONFIG_MAPS}/one/part`, '/nowhere'];
    for (const path of named) expect((await call('GET', path)).status).toBe(404);
    expect((await call('PUT', '/api/v1/secrets')).status).toBe(405);
    expect((await call('GET', `${CONFIG_MAPS}/one`)).status).toBe(404);
    const text = (await call('GET', '/metrics')).body.toString();
    for (const name of ['things', 'a.example.com', 'part', 'nowhere', 'PUT']) expect(text).not.toContain(`"${name}"`);
    expect(text).toMatch(/apiserver_request_total\{code="404",[^}]*resource="configmaps"/);
  });

  it('refuses an Ingress whose rule has no paths', async () => {
    const call = await open();
    const ingress = { metadata: { name: 'a' }, spec: { rules: [{ host: 'a.example.com', http: {} }] } };
    const answer = await call('POST', '/apis/networking.k8s.io/v1/namespaces/default/ingresses', {}, ingress);
    expect(answer.status).toBe(422);
    expect(answer.body.toString()).toContain('spec.rules[0].http.paths: Required value');
  });

  it('answers in protobuf where a client prefers it', async () => {
    const call = await open();
    const accept = `${PROTOBUF},application/json`;
    const created = await call('POST', CONFIG_MAPS, { accept }, configMap('a', { key: 'välue' }));
    expect([created.status, created.headers['content-type']]).toEqual([201, PROTOBUF]);
    expect(decodeProtobuf(created.body)).toMatchObject({
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      data: { key: 'välue' },
    });
    const listed = await call('GET', `${CONFIG_MAPS}?limit=5`, { accept });
    expect(listed.headers['content-type']).toBe(PROTOBUF);
    expect(listed.body.subarray(0, 4)).toEqual(Buffer.from([0x6b, 0x38, 0x73, 0]));
    expect(listed.body.includes('ConfigMapList')).toBe(true);
    const table = await call('GET', CONFIG_MAPS, {
      accept: `${PROTOBUF};as=Table;g=meta.k8s.io;v=v1,application/json;as=Table;g=meta.k8s.io;v=v1`,
    });
    expect(JSON.parse(table.body.toString())).toMatchObject({ kind: 'Table' });
  });

  it('watches in protobuf, each event behind its length', async () => {
    const call = await open();
    await call('POST', CONFIG_MAPS, {}, configMap('a', {}));
    const query =
      'watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const { headers, body } = await call('GET', `${CONFIG_MAPS}?${query}`, { accept: PROTOBUF });
    expect(headers['content-type']).toBe(`${PROTOBUF};stream=watch`);
    const types: string[] = [];
    for (let at = 0; at < body.length;) {
      const length = body.readUInt32BE(at);
      const event = body.subarray(at + 4, at + 4 + length);
      types.push(event.subarray(2, 2 + (event[1] ?? 0)).toString());
      at += 4 + length;
    }
    expect(types).toEqual(['ADDED', 'BOOKMARK']);
    expect(body.includes('k8s.io/initial-events-end')).toBe(true);
  });

  it('watches metadata alone, in the words with which client-go asks for it', async () => {
    const call = await open();
    await call('POST', CONFIG_MAPS, {}, configMap('a', { key: 'value' }));
    const as = 'as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
    const accept = `${PROTOBUF};${as},application/json;${as},application/json`;
    const { body } = await call('GET', `${CONFIG_MAPS}?watch=1&timeoutSeconds=1&resourceVersion=0`, { accept });
    const { type, object } = JSON.parse(body.toString());
    expect([type, object.kind, object.metadata.name, object.data]).toEqual([
      'ADDED',
      'PartialObjectMetadata',
      'a',
      undefined,
    ]);
  });

  it('knows nothing of groups that nobody has defined, and refuses unknown kinds of those it has', async () => {
    const call = await open();
    const unknown = await call('GET', '/apis/nothing.test/v1/things');
    expect([unknown.status, unknown.body.toString()]).toEqual([404, '404 page not found\n']);
    const things = await call('GET', '/apis/apps/v1/things');
    expect(JSON.parse(things.body.toString()).message).toBe('the server could not find the requested resource');
  });

  it('compresses what is large for those who take it', async () => {
    const call = await open();
    await call('POST', CONFIG_MAPS, {}, configMap('large', { text: 'x'.repeat(200_000) }));
    const { headers, body } = await call('GET', `${CONFIG_MAPS}/large`, { 'accept-encoding': 'gzip' });
    expect(headers['content-encoding']).toBe('gzip');
    expect(body.length).toBeLessThan(10_000);
  });

  it('serves OpenAPI v2 in the form that is asked for, once', async () => {
    const call = await open();
    const ask = (accept: string, more = {}) => call('GET', '/openapi/v2', { accept, ...more });
    const json = await ask('application/json');
    expect(JSON.parse(json.body.toString())).toMatchObject({ swagger: '2.0', info: { version: '1.36' } });
    const gnostic = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
    const protobuf = await ask('application/com.github.proto-openapi.spec.v2@v1.0+protobuf');
    expect(protobuf.headers).toMatchObject({ 'content-type': gnostic, etag: json.headers['etag'] });
    expect(protobuf.body.subarray(0, 5).toString()).toBe('\n\u00032.0');
    expect((await ask(gnostic, { 'if-none-match': json.headers['etag'] })).status).toBe(304);
    expect((await ask('text/plain')).status).toBe(406);
    expect((await ask('text/plain, application/json;q=0.1')).status).toBe(200);
  });

  it('refuses a body above three megabytes and goes on', async () => {
    const call = await open();
    const { status } = await call('POST', CONFIG_MAPS, {}, configMap('huge', { text: 'x'.repeat(3.2 * 2 ** 20) }));
    expect(status).toBe(413);
    expect((await call('GET', '/readyz')).body.toString()).toBe('ok');
  });

  it.each([
    ['5s', 200],
    ['0', 200],
    ['2h', 200],
    ['soon', 400],
  ])('takes a timeout of %s', async (timeout, status) => {
    const call = await open();
    const answer = await call('GET', `${CONFIG_MAPS}?timeout=${timeout}`);
    expect(answer.status).toBe(status);
    if (status === 400) {
      expect(JSON.parse(answer.body.toString()).message).toBe(
        'invalid timeout specified in the request URL - time: invalid duration "soon"',
      );
    }
  });

  it('tells headers that come twice from commas in one', async () => {
    const call = await open();
    const review = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const as = { 'impersonate-user': 'ann', 'impersonate-group': ['b', ',a,'], 'impersonate-extra-k': ['x,y', 'z'] };
    const answer = await call('POST', review, as as unknown as Record<string, string>, {});
    expect(JSON.parse(answer.body.toString()).status.userInfo).toEqual({
      username: 'ann',
      groups: ['b', ',a,', 'system:authenticated'],
      extra: { k: ['x,y', 'z'] },
    });
  });

  it('lets nobody grant what they do not have', async () => {
    const call = await open();
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
    const rule = (resources: string[], verbs: string[], apiGroups = ['']) => ({ apiGroups, resources, verbs });
    const rules = [
      rule(['roles', 'rolebindings'], ['create', 'get'], ['rbac.authorization.k8s.io']),
      rule(['pods'], ['get']),
    ];
    await call('POST', `${rbac}/roles`, {}, { metadata: { name: 'granter' }, rules });
    await call(
      'POST',
      `${rbac}/rolebindings`,
      {},
      {
        metadata: { name: 'granter' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'granter' },
        subjects: [{ kind: 'User', name: 'ann', apiGroup: 'rbac.authorization.k8s.io' }],
      },
    );
    const asAnn = { 'impersonate-user': 'ann' };
    const own = { metadata: { name: 'own' }, rules: [rule(['pods'], ['get'])] };
    expect((await call('POST', `${rbac}/roles`, asAnn, own)).status).toBe(201);
    const more = { metadata: { name: 'more' }, rules: [rule(['pods'], ['get', 'delete', 'list'])] };
    const refused = await call('POST', `${rbac}/roles`, asAnn, more);
    expect(JSON.parse(refused.body.toString())).toMatchObject({
      code: 403,
      message:
        'roles.rbac.authorization.k8s.io "more" is forbidden: user "ann" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["pods"], Verbs:["delete" "list"]}',
    });
    const binding = {
      metadata: { name: 'all' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'User', name: 'ann', apiGroup: 'rbac.authorization.k8s.io' }],
    };
    const bound = await call('POST', `${rbac}/rolebindings`, asAnn, binding);
    expect(bound.status).toBe(403);
  });

  it('binds a Pod by a Binding that names it, as older schedulers do', async () => {
    const call = await open();
    const pods = '/api/v1/namespaces/default/pods';
    await call('POST', '/api/v1/nodes', {}, { metadata: { name: 'there' } });
    await call('POST', '/api/v1/namespaces/default/serviceaccounts', {}, { metadata: { name: 'default' } });
    const spec = { containers: [{ name: 'web', image: 'nginx' }] };
    expect((await call('POST', pods, {}, { metadata: { name: 'web' }, spec })).status).toBe(201);
    const binding = { metadata: { name: 'web' }, target: { kind: 'Node', name: 'there' } };
    const bindings = '/api/v1/namespaces/default/bindings';
    expect((await call('POST', bindings, {}, binding)).status).toBe(201);
    const bound = await call('GET', `${pods}/web`);
    expect(JSON.parse(bound.body.toString())).toMatchObject({ spec: { nodeName: 'there' } });
    expect((await call('POST', bindings, {}, binding)).status).toBe(409);
  });

  it('refuses verbs that a collection or an object does not have', async () => {
    const call = await open();
    expect((await call('PUT', CONFIG_MAPS, {}, {})).status).toBe(405);
    expect((await call('POST', `${CONFIG_MAPS}/a`, {}, configMap('a', {}))).status).toBe(405);
  });
});
