import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Scope } from '#common/base/scope';
import { seededRandom } from '#common/base/random';
import { EndpointSlices, NetworkPolicies, Pods, Services } from '#common/kube/resources';
import type { Pod } from '#common/kube/types';
import { TestSandbox } from '#test/harness/test-sandbox';
import { PassThrough } from 'node:stream';
import { ClusterNetwork } from './cluster-network';
import { inBlock } from './network-policy';
import { hostsFile, resolvConf } from './resolver-files';

let sandbox: TestSandbox;
let scope: Scope;
let network: ClusterNetwork;
/** `ip:port` of what listens. */
const listening = new Set<string>();

beforeEach(async () => {
  sandbox = await TestSandbox.open();
  scope = new Scope('network test');
  network = new ClusterNetwork({
    informers: sandbox.informers,
    clock: sandbox.clock,
    random: seededRandom(5),
    scope,
    dial: ({ status }, port) => {
      const name = `${status?.podIP}:${port}`;
      return listening.has(name) ? Object.assign(new PassThrough(), { name }) : undefined;
    },
  });
  await network.synced(scope.signal);
  listening.clear();
});

afterEach(async () => {
  await scope.close();
  await sandbox[Symbol.asyncDispose]();
});

async function pod(name: string, podIP: string, labels: Record<string, string> = { app: name }): Promise<Pod> {
  const made = await sandbox.create(Pods, {
    metadata: { name, labels },
    spec: {
      nodeName: 'node-1',
      containers: [{ name: 'main', image: 'nginx', ports: [{ name: 'http', containerPort: 80 }] }],
    },
  });
  const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }] };
  const { name: podName, namespace = 'default' } = made.metadata;
  return sandbox.client.patch(
    Pods,
    { name: podName, namespace },
    { type: 'merge', patch: { status } },
    { subresource: 'status' },
  );
}

async function service(name: string, spec: object, endpoints: object[]): Promise<string> {
  const made = await sandbox.create(Services, { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } });
  const labels = { 'kubernetes.io/service-name': name };
  await sandbox.create(EndpointSlices, {
    metadata: { name: `${name}-1`, labels },
    addressType: 'IPv4',
    endpoints: endpoints as never,
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
  });
  return made.spec.clusterIP ?? '';
}

const reachedBy = async (from: Pod, to: string, port = 80): Promise<string> => {
  await sandbox.settle();
  const asked = network.connect({ address: from.status?.podIP ?? '', pod: from }, { address: to, port });
  const said = asked.then(
    (connection) => (connection as unknown as Duplexed).name,
    (failure: Error) => failure.message,
  );
  await sandbox.advance(131_000);
  return said;
};

interface Duplexed {
  name: string;
}

describe('connections inside a cluster', () => {
  it('go through a Service to ready endpoints only, and are refused when there is none', async () => {
    const client = await pod('client', '10.244.0.9');
    await pod('web', '10.244.0.5');
    await pod('web-old', '10.244.0.6');
    listening.add('10.244.0.5:80').add('10.244.0.6:80');
    const ready = { addresses: ['10.244.0.5'], conditions: { ready: true } };
    const unready = { addresses: ['10.244.0.6'], conditions: { ready: false } };
    const address = await service('web', {}, [ready, unready]);
    const empty = await service('empty', {}, [unready]);
    expect(await reachedBy(client, address)).toBe('10.244.0.5:80');
    expect(await reachedBy(client, empty)).toBe('Connection refused');
    expect(await reachedBy(client, address, 81)).toBe('Connection timed out');
    expect(await reachedBy(client, '10.244.0.5', 8080)).toBe('Connection refused');
    expect(await reachedBy(client, '10.244.7.7')).toBe('Connection timed out');
  });

  it('stay with one endpoint when the Service asks for it', async () => {
    const client = await pod('client', '10.244.0.9');
    for (const last of [4, 5, 6]) {
      await pod(`web-${last}`, `10.244.0.${last}`);
      listening.add(`10.244.0.${last}:80`);
    }
    const endpoints = [4, 5, 6].map((last) => ({ addresses: [`10.244.0.${last}`] }));
    const address = await service('web', { sessionAffinity: 'ClientIP' }, endpoints);
    const seen = new Set<string>();
    for (let turn = 0; turn < 12; turn++) seen.add(await reachedBy(client, address));
    expect(seen.size).toBe(1);
  });

  it('are held by policies of the receiver and of the sender', async () => {
    const friend = await pod('friend', '10.244.0.8');
    const stranger = await pod('stranger', '10.244.0.9');
    await pod('db', '10.244.0.5');
    listening.add('10.244.0.5:80');
    const policy = (name: string, spec: object) => sandbox.create(NetworkPolicies, { metadata: { name }, spec });
    await policy('db', {
      podSelector: { matchLabels: { app: 'db' } },
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'friend' } } }], ports: [{ port: 'http' }] }],
      policyTypes: ['Ingress'],
    });
    expect(await reachedBy(stranger, '10.244.0.5')).toBe('Connection timed out');
    expect(await reachedBy(friend, '10.244.0.5')).toBe('10.244.0.5:80');
    await policy('quiet', { podSelector: { matchLabels: { app: 'friend' } }, policyTypes: ['Egress'] });
    expect(await reachedBy(friend, '10.244.0.5')).toBe('Connection timed out');
  });
});

describe('names of a cluster', () => {
  it('are answered for Services, members of headless ones, ports and aliases', async () => {
    const client = await pod('client', '10.244.0.9');
    const address = await service('web', {}, []);
    await service('db', { clusterIP: 'None' }, [
      { addresses: ['10.244.0.5'], hostname: 'db-0' },
      { addresses: ['10.244.0.6'] },
    ]);
    await sandbox.create(Services, {
      metadata: { name: 'out' },
      spec: { type: 'ExternalName', externalName: 'example.org' },
    });
    await sandbox.settle();
    const ask = async (name: string, type: 'A' | 'SRV' | 'PTR' = 'A') => {
      const { status, records } = await network.of('10.244.0.9', () => client).query('10.96.0.10', name, type);
      return records.length > 0 ? records.map(({ data }) => data) : status;
    };
    const base = 'default.svc.cluster.local';
    expect(await ask(`web.${base}`)).toEqual([address]);
    expect(await ask(`db.${base}.`)).toEqual(['10.244.0.5', '10.244.0.6']);
    expect(await ask(`db-0.db.${base}`)).toEqual(['10.244.0.5']);
    expect(await ask(`10-244-0-6.db.${base}`)).toEqual(['10.244.0.6']);
    expect(await ask(`db-1.db.${base}`)).toBe('NXDOMAIN');
    expect(await ask('10-244-0-6.default.pod.cluster.local')).toEqual(['10.244.0.6']);
    expect(await ask(`out.${base}`)).toEqual(['example.org']);
    expect(await ask(`db.${base}`, 'SRV')).toEqual([`0 50 80 db-0.db.${base}.`, `0 50 80 10-244-0-6.db.${base}.`]);
    expect(await ask('5.0.244.10.in-addr.arpa', 'PTR')).toEqual([`db-0.db.${base}.`]);
    expect(await ask('web')).toBe('NXDOMAIN');
    expect(network.serviceEnvironment('default')).toMatchObject({
      WEB_SERVICE_HOST: address,
      WEB_PORT_80_TCP: `tcp://${address}:80`,
      KUBERNETES_SERVICE_PORT_HTTPS: '443',
    });
  });
});

describe('files for the resolver', () => {
  const draft = (spec: object) => ({ metadata: { name: 'web-0', namespace: 'shop' }, spec }) as Pod;

  it('name the server and the searches of the policy', () => {
    expect(resolvConf(draft({}))).toBe(
      'search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
    );
    expect(
      resolvConf(
        draft({ dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'], options: [{ name: 'ndots', value: '1' }] } }),
      ),
    ).toBe('nameserver 1.1.1.1\noptions ndots:1\n');
  });

  it('give the Pod its own full name', () => {
    expect(hostsFile(draft({ hostname: 'web-0', subdomain: 'web' }), '10.1.1.1')).toContain(
      '10.1.1.1\tweb-0.web.shop.svc.cluster.local\tweb-0\n',
    );
  });

  it.each([
    ['10.1.2.3', '10.1.0.0/16', true],
    ['10.2.2.3', '10.1.0.0/16', false],
    ['10.1.2.3', '0.0.0.0/0', true],
  ])('%s in %s: %s', (address, cidr, inside) => {
    expect(inBlock(address, cidr)).toBe(inside);
  });
});
