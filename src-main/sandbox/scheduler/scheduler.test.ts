import { describe, expect, it } from 'vitest';
import {
  Events,
  Nodes,
  PersistentVolumeClaims,
  PersistentVolumes,
  Pods,
  PriorityClasses,
  StorageClasses,
} from '#common/kube/resources';
import type { Pod } from '#common/kube/types';
import { storageControllers } from '#main/sandbox/controllers/storage/storage-controllers';
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

describe('making room', () => {
  async function crowded() {
    const sandbox = await TestSandbox.open({ scheduler: true });
    await sandbox.create(PriorityClasses, { metadata: { name: 'high' }, value: 1000 });
    await sandbox.create(PriorityClasses, {
      metadata: { name: 'high-but-kind' },
      value: 1000,
      preemptionPolicy: 'Never',
    });
    for (const name of ['node-1', 'node-2']) await sandbox.node(name, { cpu: '2' });
    for (const [name, cpu] of Object.entries({ large: '2', one: '1', two: '1' }))
      await sandbox.create(Pods, podAsking(name, cpu, { terminationGracePeriodSeconds: 0 }));
    await sandbox.settle();
    return sandbox;
  }

  it('evicts the fewest Pods that matter less, says so, and takes their place', async () => {
    await using sandbox = await crowded();
    const large = await sandbox.get(Pods, 'large');
    const critical = await sandbox.create(Pods, podAsking('critical', '2', { priorityClassName: 'high' }));
    await sandbox.settle();

    const placed = await sandbox.get(Pods, 'critical');
    expect(placed.spec.nodeName).toBe(large.spec.nodeName);
    expect(placed.status?.nominatedNodeName).toBeUndefined();
    expect((await sandbox.list(Pods)).map(({ metadata }) => metadata.name).sort()).toEqual(['critical', 'one', 'two']);
    const preempted = (await sandbox.list(Events)).find(({ reason }) => reason === 'Preempted');
    expect(preempted).toMatchObject({
      type: 'Normal',
      action: 'Preempting',
      message: `Preempted by pod ${critical.metadata.uid} on node ${large.spec.nodeName}`,
      involvedObject: { name: 'large' },
      reportingComponent: 'default-scheduler',
    });
    expect(await sandbox.eventsAbout(critical)).toEqual([
      'FailedScheduling: 0/2 nodes are available: 2 Insufficient cpu.',
      expect.stringMatching(/^Scheduled: /),
    ]);
    expect(sandbox.reports).toEqual([]);
  });

  it('evicts nobody for a Pod that does not want it', async () => {
    await using sandbox = await crowded();
    const pod = await sandbox.create(Pods, podAsking('kind', '2', { priorityClassName: 'high-but-kind' }));
    await sandbox.settle();
    expect(await sandbox.eventsAbout(pod)).toEqual([
      'FailedScheduling: 0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, ' +
        'preemption: not eligible due to preemptionPolicy=Never.',
    ]);
    expect(await sandbox.list(Pods)).toHaveLength(4);
  });
});

describe('volumes', () => {
  const claiming = (name: string, claimName: string) =>
    podAsking(name, '1', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] });
  const claim = (name: string, storageClassName: string) => ({
    metadata: { name },
    spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });

  async function open() {
    const sandbox = await TestSandbox.open({ scheduler: true, controllers: storageControllers() });
    await sandbox.create(StorageClasses, {
      metadata: { name: 'local' },
      provisioner: 'rancher.io/local-path',
      volumeBindingMode: 'WaitForFirstConsumer',
    });
    for (const name of ['node-1', 'node-2']) await sandbox.node(name);
    return sandbox;
  }

  it('has a claim that waits for its Pod provisioned on the node chosen, then binds the Pod', async () => {
    await using sandbox = await open();
    await sandbox.create(PersistentVolumeClaims, claim('data', 'local'));
    await sandbox.create(Pods, claiming('web', 'data'));
    await sandbox.settle();

    const { nodeName } = (await sandbox.get(Pods, 'web')).spec;
    const bound = await sandbox.get(PersistentVolumeClaims, 'data');
    expect(bound.metadata.annotations?.['volume.kubernetes.io/selected-node']).toBe(nodeName);
    expect(bound.status?.phase).toBe('Bound');

    await sandbox.create(Pods, claiming('second', 'data'));
    await sandbox.settle();
    expect((await sandbox.get(Pods, 'second')).spec.nodeName).toBe(nodeName);
    expect(sandbox.reports).toEqual([]);
  });

  it('gives a claim the volume that is on a node with room', async () => {
    await using sandbox = await open();
    const at = (node: string) => ({
      required: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }],
      },
    });
    await sandbox.create(PersistentVolumes, {
      metadata: { name: 'disk' },
      spec: {
        capacity: { storage: '2Gi' },
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'local',
        local: { path: '/mnt/disk' },
        nodeAffinity: at('node-2'),
      },
    });
    await sandbox.create(PersistentVolumeClaims, claim('data', 'local'));
    await sandbox.settle();
    await sandbox.client.patch(Nodes, { name: 'node-1' }, { type: 'merge', patch: { spec: { unschedulable: true } } });
    await sandbox.create(Pods, claiming('web', 'data'));
    await sandbox.settle();
    expect((await sandbox.get(Pods, 'web')).spec.nodeName).toBe('node-2');
    expect((await sandbox.get(PersistentVolumes, 'disk')).spec.claimRef?.name).toBe('data');
  });

  it('waits for a claim that is not there yet', async () => {
    await using sandbox = await open();
    const pod = await sandbox.create(Pods, claiming('web', 'later'));
    await sandbox.settle();
    expect(await sandbox.eventsAbout(pod)).toEqual([
      'FailedScheduling: 0/2 nodes are available: persistentvolumeclaim "later" not found. not found',
    ]);
    await sandbox.create(PersistentVolumeClaims, claim('later', 'local'));
    await sandbox.settle();
    expect((await sandbox.get(Pods, 'web')).spec.nodeName).toBeDefined();
  });
});

describe('profiles', () => {
  it('places Pods as the profile of their scheduler name says', async () => {
    const packing = {
      schedulerName: 'packing',
      plugins: { score: { disabled: [{ name: '*' }], enabled: [{ name: 'NodeResourcesFit' }] } },
      pluginConfig: [{ name: 'NodeResourcesFit', args: { scoringStrategy: { type: 'MostAllocated' } } }],
    };
    const scheduling = { profiles: [{ schedulerName: 'default-scheduler' }, packing] };
    await using sandbox = await TestSandbox.open({ scheduler: true, scheduling });
    for (const name of ['node-1', 'node-2']) await sandbox.node(name);
    const place = async (name: string, schedulerName: string) => {
      await sandbox.create(Pods, podAsking(name, '1', { schedulerName }));
      await sandbox.settle();
      return (await sandbox.get(Pods, name)).spec.nodeName;
    };
    const first = await place('first', 'default-scheduler');
    expect(await place('second', 'packing')).toBe(first);
    expect(await place('third', 'default-scheduler')).not.toBe(first);
    const reporters = (await sandbox.list(Events)).map(({ reportingComponent }) => reportingComponent);
    expect(reporters.sort()).toEqual(['default-scheduler', 'default-scheduler', 'packing']);
  });
});

describe('attempts', () => {
  it('are remembered node by node, for who asks', async () => {
    await using sandbox = await TestSandbox.open({ scheduler: true });
    await sandbox.node('node-1', { cpu: '1' });
    await sandbox.create(Pods, podAsking('web', '4'));
    await sandbox.settle();
    for (const name of ['node-2', 'node-3']) await sandbox.node(name, { cpu: '8' });
    await sandbox.settle();

    const [refused, placed] = await sandbox.schedulingAttempts('web');
    expect(refused).toMatchObject({
      profile: 'default-scheduler',
      message: expect.stringContaining('1 Insufficient cpu'),
      nodes: [{ name: 'node-1', plugin: 'NodeResourcesFit', reasons: ['Insufficient cpu'] }],
    });
    expect(placed?.node).toBe((await sandbox.get(Pods, 'web')).spec.nodeName);
  });
});
