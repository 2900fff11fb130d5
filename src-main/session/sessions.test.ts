import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '#common/base/clock';
import { seededRandom } from '#common/base/random';
import { Scope } from '#common/base/scope';
import { watchKubeconfig, type KubeconfigWatch } from '#main/kubeconfig/watch';
import { createAuthority, type Identity } from '#test/contracts/certificates';
import { createCatalogue, type SandboxListing } from './catalogue';
import { memoryProtections } from './protection';
import type { ClusterSession, ClusterSessions } from './session';
import { createClusterSessions } from './sessions';

/** The few answers a session asks for when it connects. */
const answers: Record<string, unknown> = {
  '/version': { gitVersion: 'v1.36.0' },
  '/api': {
    kind: 'APIGroupDiscoveryList',
    items: [
      {
        metadata: { name: '' },
        versions: [
          {
            version: 'v1',
            resources: [
              { resource: 'pods', responseKind: { kind: 'Pod' }, scope: 'Namespaced', verbs: ['list', 'watch'] },
            ],
          },
        ],
      },
    ],
  },
  '/apis': { kind: 'APIGroupDiscoveryList', items: [] },
  '/apis/authentication.k8s.io/v1/selfsubjectreviews': { status: { userInfo: { username: 'jane', groups: ['devs'] } } },
  '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews': { status: { allowed: true } },
};

class Server {
  status = 200;
  requests: string[] = [];
  #server: https.Server | undefined;
  #port = 0;

  constructor(readonly identity: Identity) {}

  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#server = https.createServer(this.identity, (request, response) => {
      const path = request.url?.split('?')[0] ?? '';
      this.requests.push(`${request.headers.authorization} ${path}`);
      response.writeHead(this.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(this.status === 200 ? answers[path] : {}));
    });
    await new Promise<void>((resolve) => this.#server?.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}

let authority: Awaited<ReturnType<typeof createAuthority>>;
let identity: Identity;
let folder: string;
let server: Server;
let clock: ManualClock;
let scope: Scope;
let kubeconfig: KubeconfigWatch;
let sessions: ClusterSessions;
let sandboxes: SandboxListing[];
let sandboxesChanged: () => void = () => undefined;

const kubeconfigText = (token = 'secret', more = '') =>
  JSON.stringify({
    clusters: [
      {
        name: 'k',
        cluster: { server: server.url, 'certificate-authority-data': Buffer.from(authority.ca).toString('base64') },
      },
    ],
    users: [{ name: 'u', user: { token } }],
    contexts: [
      { name: 'good', context: { cluster: 'k', user: 'u', namespace: 'web' } },
      { name: 'broken', context: { cluster: 'gone', user: 'u' } },
    ],
  }) + more;

beforeAll(async () => {
  authority = await createAuthority();
  identity = await authority.issue({ name: 'api', ips: ['127.0.0.1'] });
  folder = await mkdtemp(join(tmpdir(), 'sessions-'));
});
afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  server = new Server(identity);
  await server.start();
  clock = new ManualClock();
  scope = new Scope('test');
  await writeFile(join(folder, 'config'), kubeconfigText());
  kubeconfig = await watchKubeconfig(
    { paths: [join(folder, 'config'), join(folder, 'absent')], named: true },
    { clock, scope },
  );
  sandboxes = [{ name: 'play', state: 'stopped', ephemeral: false, nodes: 3 }];
  const catalogue = createCatalogue(kubeconfig, {
    list: () => sandboxes,
    subscribe(listener) {
      sandboxesChanged = listener;
      return { [Symbol.dispose]: () => undefined };
    },
    kubeconfig: async () => kubeconfigText('of-sandbox'),
  });
  sessions = createClusterSessions({
    catalogue,
    protections: memoryProtections(),
    clock,
    random: seededRandom(1),
    scope,
    env: {},
    graceMs: 1000,
  });
});
afterEach(async () => {
  await scope.close();
  await server.stop();
});

/** Resolves when the session has come to `state`; time stands still meanwhile. */
async function reach(session: ClusterSession, isThere: (session: ClusterSession) => boolean): Promise<void> {
  if (isThere(session)) return;
  await new Promise<void>((resolve) => {
    const held = session.subscribe(() => {
      if (!isThere(session)) return;
      held[Symbol.dispose]();
      resolve();
    });
  });
}

const inState = (state: string) => (session: ClusterSession) => session.status.state === state;

describe('the catalogue', () => {
  it('lists sandboxes, contexts with their trouble, and files that cannot be read, without a single request', () => {
    expect(sessions.list().map(({ id, state, problem }) => [id, state, problem?.code])).toEqual([
      ['sandbox:play', 'closed', undefined],
      ['context:good', 'closed', undefined],
      ['context:broken', 'broken', 'context-dangling'],
      [`file:${join(folder, 'absent')}`, 'broken', 'kubeconfig-missing'],
    ]);
    expect(sessions.list()[1]).toMatchObject({ server: server.url, user: 'u', insecure: false, protection: 'none' });
    expect(server.requests).toEqual([]);
  });

  it('refuses what it does not know', () => {
    expect(() => sessions.open('context:nope')).toThrow(expect.objectContaining({ code: 'cluster-unknown' }));
  });
});

describe('a session', () => {
  it('connects, learns the kinds, the user and the rights', async () => {
    const { session } = sessions.open('context:good');
    expect(session.status.state).toBe('connecting');
    await session.ready();
    await reach(session, ({ status }) => status.allRights === true);
    expect(session.status).toMatchObject({ state: 'live', version: 'v1.36.0', user: 'jane', groups: ['devs'] });
    expect(session.kinds.map(({ plural }) => plural)).toEqual(['pods']);
    expect(session.kind({ group: '', plural: 'pods' })?.kind).toBe('Pod');
    expect(session.defaultNamespace).toBe('web');
    expect(sessions.list()[1]?.state).toBe('live');
    expect(server.requests.every((request) => request.startsWith('Bearer secret '))).toBe(true);
  });

  it('is shared by its readers and closes a grace period after the last', async () => {
    const first = sessions.open('context:good');
    const second = sessions.open('context:good');
    expect(second.session).toBe(first.session);
    await first.session.ready();
    first[Symbol.dispose]();
    second[Symbol.dispose]();
    await clock.advance(500);
    sessions.open('context:good')[Symbol.dispose]();
    await clock.advance(999);
    expect(sessions.opened()).toHaveLength(1);
    await clock.advance(1);
    expect(sessions.opened()).toHaveLength(0);
    expect(sessions.list()[1]?.state).toBe('closed');
  });

  it('says when the server is gone, and comes back by itself', async () => {
    const { session } = sessions.open('context:good');
    await session.ready();
    await server.stop();
    await clock.advance(5000);
    await reach(session, inState('reconnecting'));
    expect(session.status.problem).toMatchObject({ code: 'unreachable' });
    await server.start();
    await clock.advance(500);
    await reach(session, inState('live'));
    expect(session.status.problem).toBeUndefined();
  });

  it('tells why the first connection failed, and goes on trying', async () => {
    await server.stop();
    const { session } = sessions.open('context:good');
    await expect(session.ready()).rejects.toMatchObject({ code: 'unreachable' });
    expect(session.status.state).toBe('unreachable');
    await server.start();
    session.retry();
    await session.ready();
    await reach(session, inState('live'));
  });

  it('is signed out by a 401, sends nothing more, and connects with the new token of a changed kubeconfig', async () => {
    const { session } = sessions.open('context:good');
    await session.ready();
    server.status = 401;
    await clock.advance(5000);
    await reach(session, inState('signed-out'));
    const sent = server.requests.length;
    await expect(session.client.request({ method: 'GET', path: '/api/v1/pods' })).rejects.toMatchObject({
      code: 'signed-out',
    });
    expect(server.requests).toHaveLength(sent);
    server.status = 200;
    await writeFile(join(folder, 'config'), kubeconfigText('fresh'));
    await kubeconfig.refresh();
    await reach(session, inState('live'));
    expect(server.requests.at(-1)).toContain('Bearer fresh');
  });

  it('of a broken context says what is broken', async () => {
    const { session } = sessions.open('context:broken');
    await expect(session.ready()).rejects.toMatchObject({ code: 'context-dangling' });
    expect(session.status.state).toBe('broken');
    expect(server.requests).toEqual([]);
  });

  it('of a stopped sandbox connects when the sandbox is started', async () => {
    const { session } = sessions.open('sandbox:play');
    await expect(session.ready()).rejects.toMatchObject({ code: 'sandbox-stopped' });
    sandboxes = [{ name: 'play', state: 'running', ephemeral: false, url: server.url }];
    sandboxesChanged();
    await reach(session, inState('live'));
    expect(server.requests[0]).toContain('Bearer of-sandbox');
    expect(session.isSandbox).toBe(true);
  });

  it('lets no write pass while it is protected, whatever way it takes', async () => {
    const { session } = sessions.open('context:good');
    await sessions.protect('context:good', 'protected');
    await session.ready();
    const sent = server.requests.length;
    const removal = { method: 'DELETE', path: '/api/v1/namespaces/a/pods/x' } as const;
    await expect(session.client.request(removal)).rejects.toMatchObject({ code: 'protected' });
    expect(() => session.writer('wrong')).toThrow(expect.objectContaining({ code: 'protected' }));
    expect(server.requests.filter((request) => request.includes('pods'))).toEqual([]);
    await session.writer('good').request(removal);
    expect(server.requests.length).toBeGreaterThan(sent);
    await sessions.protect('context:good', 'read-only');
    expect(() => session.writer('good')).toThrow(expect.objectContaining({ code: 'read-only' }));
    expect(sessions.list()[1]?.protection).toBe('read-only');
  });
});
