import { describe, expect, it } from 'vitest';
import { Nodes, Pods } from '#common/kube/resources';
import type { Pod } from '#common/kube/types';
import { TestSandbox } from '#test/harness/test-sandbox';

const podAsking = (name: string, cpu: string, more: Partial<Pod['spec']> = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu } } }], ...more },
});

const scheduledCondition = (pod: Pod) => pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');

describe('scheduler', () => {
  it('gives a Pod a node and says so', async () => {
    await using sandbox = await TestSandbox.open({ scheduler: true });
    await sandbox.node('node-1');
    const pod = await sandbox.create(Pods, podAsking('web', '1'));
    await sandbox.settle();

    const placed = await sandbox.get(Pods, 'web');
    expect(placed.spec.nodeName).toBe('node-1');
    expect(scheduledCondition(placed)?.status).toBe('True');
    expect(await sandbox.eventsAbout(pod)).toEqual(['Scheduled: Successfully assigned default/web to node-1']);
    expect(sandbox.reports).toEqual([]);
  });

  it('does not promise the same room twice', async () => {
    await using sandbox = await TestSandbox.open({ scheduler: true });
    for (const name of ['node-1', 'node-2']) await sandbox.node(name, { cpu: '2' });
    await Promise.all(['a', 'b', 'c'].map((name) => sandbox.create(Pods, podAsking(name, '2'))));
    await sandbox.settle();

    const pods = await sandbox.list(Pods);
    expect(pods.flatMap(({ spec }) => spec.nodeName ?? []).sort()).toEqual(['node-1', 'node-2']);
  });

  it('tells why a Pod finds no place, and places it when a node comes', async () => {
    await using sandbox = await TestSandbox.open({ scheduler: true });
    await sandbox.node('node-1', { cpu: '1' });
    const pod = await sandbox.create(Pods, podAsking('big', '4'));
    await sandbox.settle();

    const message =
      '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, ' +
      'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
    expect(scheduledCondition(await sandbox.get(Pods, 'big'))).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
      message,
    });
    expect(await sandbox.eventsAbout(pod)).toEqual([`FailedScheduling: ${message}`]);

    await sandbox.node('node-2', { cpu: '8' });
    await sandbox.settle();
    expect((await sandbox.get(Pods, 'big')).spec.nodeName).toBe('node-2');
    expect(sandbox.reports).toEqual([]);
  });

  it('places a Pod when another one leaves', async () => {
    await using sandbox = await TestSandbox.open({ scheduler: true });
    await sandbox.node('node-1', { cpu: '1' });
    await sandbox.create(Pods, podAsking('first', '1'));
    await sandbox.settle();
    await sandbox.create(Pods, podAsking('second', '1'));
    await sandbox.settle();
    expect((await sandbox.get(Pods, 'second')).spec.nodeName).toBeUndefined();

    await sandbox.client.remove(Pods, { name: 'first', namespace: 'default' }, { gracePeriodSeconds: 0 });
    await sandbox.settle();
    expect((await sandbox.get(Pods, 'second')).spec.nodeName).toBe('node-1');
  });

  it('leaves a cordoned node alone until it is uncordoned', async () => {
    await using sandbox = await TestSandbox.open({ scheduler: true });
    const node = await sandbox.node('node-1');
    await sandbox.client.patch(Nodes, { name: 'node-1' }, { type: 'merge', patch: { spec: { unschedulable: true } } });
    await sandbox.settle();
    const pod = await sandbox.create(Pods, podAsking('web', '1'));
    await sandbox.settle();
    expect(await sandbox.eventsAbout(pod)).toEqual([
      expect.stringContaining('0/1 nodes are available: 1 node(s) were unschedulable.'),
    ]);

    await sandbox.client.patch(Nodes, node.metadata, { type: 'merge', patch: { spec: { unschedulable: null } } });
    await sandbox.settle();
    expect((await sandbox.get(Pods, 'web')).spec.nodeName).toBe('node-1');
  });

  it('leaves Pods of other schedulers and gated Pods alone', async () => {
    await using sandbox = await TestSandbox.open({ scheduler: true });
    await sandbox.node('node-1');
    await sandbox.create(Pods, podAsking('other', '1', { schedulerName: 'mine' }));
    await sandbox.create(Pods, podAsking('gated', '1', { schedulingGates: [{ name: 'example.com/wait' }] }));
    await sandbox.settle();
    expect((await sandbox.list(Pods)).flatMap(({ spec }) => spec.nodeName ?? [])).toEqual([]);

    const patch = { spec: { schedulingGates: [] } };
    await sandbox.client.patch(Pods, { name: 'gated', namespace: 'default' }, { type: 'merge', patch });
    await sandbox.settle();
    expect((await sandbox.get(Pods, 'gated')).spec.nodeName).toBe('node-1');
  });
});
