import { X509Certificate } from 'node:crypto';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { Ingresses, Pods, Secrets, Services } from '#common/kube/resources';
import type { Pod } from '#common/kube/types';
import { issueCertificate, keyText, newKey } from '#main/base/x509/certificate';
import { openCluster, type Cluster } from '../cluster';

const CONTROLLER = { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' };
const NGINX = 'nginx.ingress.kubernetes.io';
const FAKE = 'Kubernetes Ingress Controller Fake Certificate';

/** A certificate that signs itself. */
function pair(commonName: string, names: string[]) {
  const key = newKey();
  const subject = { commonName };
  const validity = { notBeforeMs: Date.now() - 60_000, notAfterMs: Date.now() + 3_600_000 };
  const certificate = issueCertificate({ subject, usage: 'server', names, ...validity }, key, { subject, key });
  const encoded = (words: string) => Buffer.from(words).toString('base64');
  return { 'tls.crt': encoded(certificate), 'tls.key': encoded(keyText(key)) };
}

async function open() {
  const cluster = await openCluster({ name: 'ingress-test', scenario: 'starter', nodes: 1, seed: 3 });
  await cluster.ready();
  const client = cluster.client();
  const home = { namespace: 'default' };
  await client.create(Services, {
    metadata: { name: 'web', ...home },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  });
  await client.create(Pods, {
    metadata: { name: 'web', ...home, labels: { app: 'web' } },
    spec: {
      containers: [
        { name: 'web', image: 'registry.k8s.io/e2e-test-images/agnhost:2.53', args: ['netexec', '--http-port=80'] },
      ],
    },
  });
  return { cluster, client, home };
}

const rule = (host: string, path = '/', pathType = 'Prefix') => ({
  host,
  http: { paths: [{ path, pathType, backend: { service: { name: 'web', port: { number: 80 } } } }] },
});

async function dialled(cluster: Cluster, port: number): Promise<Duplex> {
  return cluster.plane.connectService({ ...CONTROLLER, port }, AbortSignal.timeout(20_000));
}

async function secured(cluster: Cluster, servername: string): Promise<TLSSocket> {
  const socket = connect({ socket: (await dialled(cluster, 443)) as never, servername, rejectUnauthorized: false });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  return socket;
}

/** Who answers for a name. */
async function shown(cluster: Cluster, servername: string): Promise<string> {
  const socket = await secured(cluster, servername);
  const { subject } = new X509Certificate(socket.getPeerCertificate(true).raw);
  socket.destroy();
  return /CN=(.*)/.exec(subject)?.[1] ?? '';
}

function ask(connection: Duplex, host: string, path: string) {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const headers = { host, connection: 'close' };
    request({ path, headers, createConnection: () => connection as never }, (answer) => {
      const { statusCode: status = 0, headers: own } = answer;
      text(answer).then((body) => resolve({ status, headers: own, body }), reject);
    })
      .once('error', reject)
      .end();
  });
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('an Ingress with TLS', () => {
  it(
    'is served with the certificate of its Secret, the fake one without it, and redirects',
    { timeout: 60_000 },
    async () => {
      const { cluster, client, home } = await open();
      await using _cluster = cluster;
      await client.create(Ingresses, {
        metadata: { name: 'shop', ...home },
        spec: {
          ingressClassName: 'nginx',
          tls: [{ hosts: ['shop.example.com'], secretName: 'shop-tls' }],
          rules: [rule('shop.example.com')],
        },
      });
      await client.create(Ingresses, {
        metadata: {
          name: 'rewritten',
          ...home,
          annotations: { [`${NGINX}/rewrite-target`]: '/$2', [`${NGINX}/ssl-redirect`]: 'false' },
        },
        spec: {
          ingressClassName: 'nginx',
          tls: [{ hosts: ['api.example.com'], secretName: 'shop-tls' }],
          rules: [rule('api.example.com', '/v1(/|$)(.*)', 'ImplementationSpecific')],
        },
      });
      await eventually(
        async () => (await ask(await dialled(cluster, 80), 'api.example.com', '/v1/hostname')).status === 200,
      );

      expect(await shown(cluster, 'shop.example.com')).toBe(FAKE);
      const redirected = await ask(await dialled(cluster, 80), 'shop.example.com:32080', '/a?b=c');
      expect([redirected.status, redirected.headers['location']]).toEqual([308, 'https://shop.example.com/a?b=c']);
      expect((await ask(await dialled(cluster, 80), 'api.example.com', '/V1/hostname')).body).toBe('web');

      const data = pair('first', ['shop.example.com', 'api.example.com']);
      await client.create(Secrets, { metadata: { name: 'shop-tls', ...home }, type: 'kubernetes.io/tls', data });
      await eventually(async () => (await shown(cluster, 'shop.example.com')) === 'first');
      const answer = await ask(await secured(cluster, 'shop.example.com'), 'shop.example.com', '/hostname');
      expect([answer.status, answer.body]).toEqual([200, 'web']);
      expect(answer.headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
      expect(await shown(cluster, 'other.example.com')).toBe(FAKE);

      const patch = { data: pair('second', ['shop.example.com']) };
      await client.patch(Secrets, { name: 'shop-tls', ...home }, { type: 'merge', patch });
      await eventually(async () => (await shown(cluster, 'shop.example.com')) === 'second');
      const log = await controllerLog(cluster);
      const complaint =
        'Error getting SSL certificate "default/shop-tls": local SSL certificate default/shop-tls was not found. Using default certificate';
      expect(log.split('\n').filter((line) => line.endsWith(complaint))).toHaveLength(1);
    },
  );
});

async function controllerLog(cluster: Cluster): Promise<string> {
  const { items } = await cluster.client().list(Pods, { namespace: CONTROLLER.namespace });
  const { metadata, spec } = items.find(({ status }: Pod) => status?.phase === 'Running')!;
  const door = cluster.plane.directory(spec.nodeName ?? '')!;
  const ref = { namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid };
  const parts: Uint8Array[] = [];
  const query = { container: spec.containers[0]!.name, follow: false, previous: false, timestamps: false };
  for await (const part of await door.logs(ref, query, AbortSignal.timeout(8000))) parts.push(part);
  return Buffer.concat(parts).toString();
}
