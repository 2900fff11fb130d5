import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isNotFound } from '#common/kube/status-error';
import { ConfigMaps, Deployments, Nodes, Pods, ServiceAccounts, Services } from '#common/kube/resources';
import type { Pod } from '#common/kube/types';
import { openCluster, type Cluster } from './cluster';
import { scenarioInfos, scenarioObjects, scenarioPods } from './scenario';

const isReady = (object: { status?: { conditions?: { type: string; status: string }[] } }) =>
  object.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

const facts = { cluster: 'one', ca: 'LS0t' };

const nameWithoutSuffix = ({ metadata: { namespace = '', name, generateName } }: Pod) =>
  `${namespace}/${(generateName ?? `${name}-`).replace(/(?:-[a-z0-9]{8,10})?-$/, '')}`;

async function names(cluster: Cluster): Promise<string[]> {
  const { items } = await cluster.client().list(Nodes);
  return items.map(({ metadata }) => metadata.name);
}

describe('a sandbox cluster', () => {
  it('answers before its nodes are there, then has them Ready', async () => {
    await using cluster = await openCluster({ name: 'one', nodes: 4, scenario: 'empty', seed: 1 });
    expect(cluster.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    await cluster.ready();
    const { items } = await cluster.client().list(Nodes);
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['node-1', 'node-2', 'node-3', 'node-4']);
    expect(items.every(isReady)).toBe(true);
  });

  it('hands out a kubeconfig with one context of its name', async () => {
    await using cluster = await openCluster({ name: 'harbour', nodes: 1, scenario: 'empty' });
    const text = cluster.kubeconfig();
    expect(text).toContain('current-context: harbour\n');
    expect(text).toContain(`server: ${cluster.url}\n`);
  });

  it('gives every namespace its account and the authority of the API server', async () => {
    await using cluster = await openCluster({ name: 'one', nodes: 1, scenario: 'empty' });
    await cluster.ready();
    const client = cluster.client();
    const find = () =>
      Promise.all([
        client.get(ServiceAccounts, { name: 'default', namespace: 'default' }),
        client.get(ConfigMaps, { name: 'kube-root-ca.crt', namespace: 'default' }),
      ]).catch((failure: unknown) => (isNotFound(failure) ? undefined : Promise.reject(failure)));
    await until(async () => (await find()) !== undefined);
    expect((await find())?.[1].data?.['ca.crt']).toContain('BEGIN CERTIFICATE');
  });

  it('leaves nothing of its templates open', () => {
    for (const { name } of scenarioInfos) {
      const text = JSON.stringify([scenarioObjects(name, facts), scenarioPods(name, 'one')]);
      expect(text, name).not.toContain('{{');
    }
  });

  it('starts with a shop and what kubeadm leaves, whose Pods come up on its nodes', async () => {
    await using cluster = await openCluster({ name: 'one', scenario: 'starter', seed: 3 });
    await cluster.ready();
    const client = cluster.client();
    await until(async () =>
      (await client.list(Deployments, { namespace: 'default' })).items.every(
        ({ status }) => (status?.availableReplicas ?? 0) > 0,
      ),
    );
    const { items: pods } = await client.list(Pods);
    expect(pods.map(nameWithoutSuffix).sort()).toEqual([
      'default/shop',
      'default/shop',
      'default/shop-cache',
      'ingress-nginx/ingress-nginx-controller',
      'kube-system/coredns',
      'kube-system/coredns',
      'kube-system/etcd-node-1',
      'kube-system/kube-apiserver-node-1',
      'kube-system/kube-controller-manager-node-1',
      'kube-system/kube-proxy',
      'kube-system/kube-proxy',
      'kube-system/kube-proxy',
      'kube-system/kube-scheduler-node-1',
      'kube-system/metrics-server',
    ]);
    const onFirst = pods.filter(({ spec }) => spec.nodeName === 'node-1').map(({ metadata }) => metadata.namespace);
    expect(new Set(onFirst)).toEqual(new Set(['kube-system']));
    expect(await client.get(Services, { name: 'kube-dns', namespace: 'kube-system' })).toMatchObject({
      spec: { clusterIP: '10.96.0.10' },
    });
  }, 20_000);

  it('is there again when its folder is opened again, and is not furnished twice', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pilothouse-cluster-'));
    try {
      {
        await using first = await openCluster({ name: 'kept', nodes: 2, scenario: 'starter', folder });
        await first.ready();
        await first.client().remove(Deployments, { name: 'shop', namespace: 'default' });
      }
      await using second = await openCluster({ name: 'kept', nodes: 5, scenario: 'starter', folder });
      await second.ready();
      expect(await names(second)).toEqual(['node-1', 'node-2']);
      const { items } = await second.client().list(Deployments);
      expect(items.map(({ metadata }) => metadata.name).sort()).toEqual([
        'coredns',
        'ingress-nginx-controller',
        'metrics-server',
        'shop-cache',
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says which scenarios there are when one is asked for that is none', async () => {
    await expect(openCluster({ name: 'one', scenario: 'moon' })).rejects.toMatchObject({
      code: 'scenario-unknown',
      nextStep: 'Choose one of: starter, kubeadm, empty.',
    });
    for (const { name } of scenarioInfos) expect(() => scenarioObjects(name, facts)).not.toThrow();
  });
});
