import { describe, expect, it } from 'vitest';
import { Nodes, Pods } from '#common/kube/resources';
import type { Pod } from '#common/kube/types';
import { TestSandbox } from '#test/harness/test-sandbox';
import { orphanedPodCollector, podGarbageCollector, surplusOf } from './pod-gc';

const web = (name: string, nodeName?: string, finalizers: string[] = []) => ({
  metadata: { name, finalizers },
  spec: { containers: [{ name: 'main', image: 'nginx' }], ...(nodeName ? { nodeName } : {}) },
});

const open = (max = 3) => TestSandbox.open({ controllers: [orphanedPodCollector(), podGarbageCollector(max)] });

const namesOf = async (sandbox: TestSandbox) => (await sandbox.list(Pods)).map(({ metadata }) => metadata.name);

describe('pod garbage collectors', () => {
  it('give up Pods of a Node that stays away for forty seconds', async () => {
    await using sandbox = await open();
    await sandbox.node('a');
    await sandbox.create(Pods, web('lost', 'a', ['test/hold']));
    await sandbox.client.remove(Nodes, { name: 'a' });
    await sandbox.advance(39_000);
    expect((await sandbox.get(Pods, 'lost')).status?.phase).toBe('Pending');
    await sandbox.advance(2000);
    const { metadata, status } = await sandbox.get(Pods, 'lost');
    expect([status?.phase, metadata.deletionTimestamp !== undefined]).toEqual(['Failed', true]);
    expect(status?.conditions).toMatchObject([
      {
        type: 'DisruptionTarget',
        reason: 'DeletionByPodGC',
        message: 'PodGC: node no longer exists',
        observedGeneration: 1,
      },
    ]);
  });

  it('end Pods that wait to go without a Node', async () => {
    await using sandbox = await open();
    await sandbox.create(Pods, web('waiting', undefined, ['test/hold']));
    await sandbox.client.remove(Pods, { name: 'waiting', namespace: 'default' });
    await sandbox.advance(21_000);
    expect((await sandbox.get(Pods, 'waiting')).status?.phase).toBe('Failed');
  });

  it('take Pods from a Node that is out of service, and from no other that is not ready', async () => {
    await using sandbox = await open();
    for (const name of ['a', 'b']) {
      const node = await sandbox.client.create(Nodes, { metadata: { name }, spec: {} });
      const taints = name === 'a' ? [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] : [];
      await sandbox.client.update(Nodes, { ...node, spec: { taints } });
      await sandbox.create(Pods, web(`on-${name}`, name));
      await sandbox.client.remove(Pods, { name: `on-${name}`, namespace: 'default' });
    }
    await sandbox.advance(120_000);
    expect(await namesOf(sandbox)).toEqual(['on-b']);
  });

  it('keep only so many that have ended', async () => {
    await using sandbox = await open(2);
    for (const name of ['first', 'second', 'third']) {
      const made = await sandbox.create(Pods, web(name));
      await sandbox.client.updateStatus(Pods, { ...made, status: { ...made.status, phase: 'Succeeded' } });
      await sandbox.advance(1000);
    }
    expect(await namesOf(sandbox)).toEqual(['second', 'third']);
    expect(sandbox.reports).toEqual([]);
  });
});

describe('surplusOf', () => {
  const ended = (name: string, createdAt: string, reason?: string): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: createdAt },
    spec: { containers: [] },
    status: { phase: 'Failed', ...(reason ? { reason } : {}) },
  });

  it('takes evicted ones first, then the oldest', () => {
    const pods = [ended('b', '2026-01-02'), ended('c', '2026-01-03', 'Evicted'), ended('a', '2026-01-01')];
    expect(surplusOf(pods, 1).map(({ metadata }) => metadata.name)).toEqual(['c', 'a']);
    expect(surplusOf(pods, 3)).toEqual([]);
  });
});
