import { describe, expect, it } from 'vitest';
import { ControllerRevisions, DaemonSets, Nodes, Pods } from '#common/kube/resources';
import type { DaemonSet, Node } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { instantKubelet } from '#test/harness/instant-kubelet';
import { TestSandbox } from '#test/harness/test-sandbox';
import { nodeOf, placementOf } from './daemon-placement';
import { daemonSetController } from './daemonset';

const controllers = [daemonSetController(), instantKubelet()];

const agent = (spec: Partial<DaemonSet['spec']> = {}): Draft<DaemonSet> => ({
  metadata: { name: 'agent' },
  spec: {
    selector: { matchLabels: { app: 'agent' } },
    template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'agent', image: 'busybox' }] } },
    ...spec,
  },
});

async function places(sandbox: TestSandbox): Promise<(string | undefined)[]> {
  return (await sandbox.list(Pods)).map(({ spec }) => nodeOf(spec)).sort();
}

describe('daemonset controller', () => {
  it('runs one Pod on each node, and on those that come later', async () => {
    await using sandbox = await TestSandbox.open({ controllers });
    await sandbox.node('a');
    await sandbox.node('b');
    await sandbox.create(DaemonSets, agent());
    await sandbox.settle();
    expect(await places(sandbox)).toEqual(['a', 'b']);
    await sandbox.node('c');
    await sandbox.settle();
    expect(await places(sandbox)).toEqual(['a', 'b', 'c']);
    expect((await sandbox.get(DaemonSets, 'agent')).status).toMatchObject({
      desiredNumberScheduled: 3,
      currentNumberScheduled: 3,
      numberReady: 3,
      numberAvailable: 3,
      updatedNumberScheduled: 3,
      numberMisscheduled: 0,
    });
    expect(sandbox.reports).toEqual([]);
  });

  it('remembers each template with the annotations of its time', async () => {
    await using sandbox = await TestSandbox.open({ controllers });
    const because = (cause: string) => ({ annotations: { 'kubernetes.io/change-cause': cause } });
    const { spec } = agent();
    await sandbox.create(DaemonSets, { metadata: { name: 'agent', ...because('first') }, spec });
    await sandbox.settle();
    const template = { spec: { containers: [{ name: 'agent', image: 'busybox:2' }] } };
    const patch = { metadata: because('second'), spec: { template } };
    await sandbox.client.patch(DaemonSets, { name: 'agent', namespace: 'default' }, { type: 'merge', patch });
    await sandbox.settle();
    const revisions = await sandbox.list(ControllerRevisions);
    const causes = revisions.map(({ revision, metadata }) => [revision, metadata.annotations]);
    expect(causes.sort()).toEqual([
      [1, { 'deprecated.daemonset.template.generation': '1', 'kubernetes.io/change-cause': 'first' }],
      [2, { 'deprecated.daemonset.template.generation': '2', 'kubernetes.io/change-cause': 'second' }],
    ]);
  });

  it('leaves nodes that it no longer selects', async () => {
    await using sandbox = await TestSandbox.open({ controllers });
    await sandbox.node('a');
    await sandbox.create(DaemonSets, agent());
    await sandbox.settle();
    const patch = { spec: { template: { spec: { nodeSelector: { disk: 'fast' } } } } };
    await sandbox.client.patch(DaemonSets, { name: 'agent', namespace: 'default' }, { type: 'merge', patch });
    await sandbox.settle();
    expect(await places(sandbox)).toEqual([]);
    await sandbox.client.patch(
      Nodes,
      { name: 'a' },
      { type: 'merge', patch: { metadata: { labels: { disk: 'fast' } } } },
    );
    await sandbox.settle();
    expect(await places(sandbox)).toEqual(['a']);
  });

  it('rolls to a new template one node at a time', async () => {
    await using sandbox = await TestSandbox.open({ controllers });
    for (const name of ['a', 'b', 'c']) await sandbox.node(name);
    await sandbox.create(DaemonSets, agent());
    await sandbox.settle();
    let fewest = 3;
    using lease = sandbox.informers.open(Pods);
    await lease.informer.synced();
    lease.informer.subscribe(() => {
      const ready = [...lease.informer.cache.values()].filter(({ status }) => status?.phase === 'Running');
      fewest = Math.min(fewest, ready.length);
    });
    const patch = { spec: { template: { spec: { containers: [{ name: 'agent', image: 'busybox:2' }] } } } };
    await sandbox.client.patch(DaemonSets, { name: 'agent', namespace: 'default' }, { type: 'strategic', patch });
    await sandbox.settle();
    const images = (await sandbox.list(Pods)).map(({ spec }) => spec.containers[0]?.image);
    expect(images).toEqual(['busybox:2', 'busybox:2', 'busybox:2']);
    expect(fewest).toBe(2);
  });
});

describe('placementOf', () => {
  const set = { ...agent(), apiVersion: 'apps/v1', kind: 'DaemonSet' } as DaemonSet;
  const node = (taints: { key: string; effect: string }[]): Node => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'a', uid: 'a', resourceVersion: '1', creationTimestamp: '' },
    spec: { taints },
  });

  it.each([
    { case: 'plain', taints: [], shouldRun: true, shouldStay: true },
    {
      case: 'cordoned',
      taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }],
      shouldRun: true,
      shouldStay: true,
    },
    {
      case: 'lost',
      taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }],
      shouldRun: true,
      shouldStay: true,
    },
    { case: 'set apart', taints: [{ key: 'team', effect: 'NoSchedule' }], shouldRun: false, shouldStay: true },
    { case: 'emptied', taints: [{ key: 'team', effect: 'NoExecute' }], shouldRun: false, shouldStay: false },
  ])('$case', ({ taints, shouldRun, shouldStay }) => {
    expect(placementOf(set, node(taints))).toEqual({ shouldRun, shouldStay });
  });
});
