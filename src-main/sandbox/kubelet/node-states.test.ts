import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Events, Nodes, Pods } from '#common/kube/resources';
import { isNotFound } from '#common/kube/status-error';
import { podStatus } from '#common/kinds/pod-status';
import type { ContainerStatus, Pod } from '#common/kube/types';
import { nodeLifecycleController } from '#main/sandbox/controllers/core/node-lifecycle';
import { taintEvictionController } from '#main/sandbox/controllers/core/taint-eviction';
import { TestSandbox } from '#test/harness/test-sandbox';

/** What becomes of Pods when something happens to their node. */
describe('a node', () => {
  let sandbox: TestSandbox;
  let pod: Pod;

  beforeEach(async () => {
    const controllers = [nodeLifecycleController(), taintEvictionController()];
    sandbox = await TestSandbox.open({ nodes: 2, controllers });
    pod = await sandbox.create(Pods, {
      metadata: { name: 'app' },
      spec: {
        nodeName: 'node-2',
        terminationGracePeriodSeconds: 2,
        containers: [{ name: 'main', image: 'busybox', command: ['sleep', '100000'] }],
      },
    });
    await sandbox.advance(5000);
    expect(await shown()).toBe('Running');
  });

  afterEach(async () => {
    expect(sandbox.reports).toEqual([]);
    await sandbox[Symbol.asyncDispose]();
  });

  const now = (): Promise<Pod> => sandbox.get(Pods, 'app');
  const shown = async (): Promise<string> => podStatus(await now()).word;
  const main = async (): Promise<ContainerStatus> => (await now()).status!.containerStatuses![0]!;
  const ready = async () =>
    (await sandbox.get(Nodes, 'node-2')).status?.conditions?.find(({ type }) => type === 'Ready');
  const kubelet = () => sandbox.kubelets!.kubelet('node-2')!;

  it('whose kubelet is down becomes Unknown; its Pods end when it is back', async () => {
    await kubelet().stop();
    await sandbox.advance(60_000);
    expect(await ready()).toMatchObject({ status: 'Unknown', reason: 'NodeStatusUnknown' });
    expect((await now()).status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('False');
    await sandbox.advance(320_000);
    expect(await shown()).toBe('Terminating');
    await kubelet().start();
    await sandbox.advance(10_000);
    expect(await ready()).toMatchObject({ status: 'True' });
    await expect(now()).rejects.toSatisfy(isNotFound);
  });

  it('whose kubelet was down for a moment is taken as it is: its containers ran on', async () => {
    const before = (await main()).containerID;
    await kubelet().stop();
    await sandbox.advance(20_000);
    await kubelet().start();
    await sandbox.advance(2000);
    expect(await main()).toMatchObject({ containerID: before, restartCount: 0, ready: true });
  });

  it('that reboots runs its Pods again, and says how they ended', async () => {
    await kubelet().crash();
    await sandbox.advance(30_000);
    await kubelet().boot();
    await sandbox.advance(5000);
    expect(await main()).toMatchObject({
      restartCount: 1,
      ready: true,
      lastState: { terminated: { exitCode: 255, reason: 'Unknown' } },
    });
    expect(await sandbox.eventsAbout(pod)).toContain(
      'SandboxChanged: Pod sandbox changed, it will be killed and re-created.',
    );
  });

  it('whose runtime has lost its containers does not know how they ended', async () => {
    await kubelet().stop();
    await kubelet().forgetContainers();
    await kubelet().start();
    await sandbox.advance(5000);
    expect(await main()).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } },
    });
  });

  it('refuses who asks for a Pod while its kubelet is down', async () => {
    await kubelet().stop();
    const ref = { namespace: 'default', name: 'app', uid: pod.metadata.uid };
    const query = { container: 'main', follow: false, previous: false, timestamps: false };
    const asking = sandbox.kubelets!.directory('node-2')!.logs(ref, query, AbortSignal.timeout(1000));
    await expect(asking).rejects.toThrow('dial tcp 172.18.0.3:10250: connect: connection refused');
  });

  it('under memory pressure says so and gives up who uses most', async () => {
    const command = ['stress', '--vm', '4', '--vm-bytes', '5G', '--vm-hang', '1'];
    const hog = await sandbox.create(Pods, {
      metadata: { name: 'hog' },
      spec: {
        nodeName: 'node-2',
        restartPolicy: 'Never',
        containers: [{ name: 'main', image: 'polinux/stress', command }],
      },
    });
    await sandbox.advance(30_000);
    const { status } = await sandbox.get(Pods, 'hog');
    expect(status).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
    expect(status?.message).toMatch(
      /^The node was low on resource: memory\. Threshold quantity: 100Mi, available: \d+Ki\. Container main was using \d+\w+, request is 0, has larger consumption of memory\. $/,
    );
    const pressure = (await sandbox.get(Nodes, 'node-2')).status?.conditions?.find(
      ({ type }) => type === 'MemoryPressure',
    );
    expect(pressure).toMatchObject({ status: 'True', reason: 'KubeletHasInsufficientMemory' });
    expect((await sandbox.get(Nodes, 'node-2')).spec.taints).toContainEqual(
      expect.objectContaining({ key: 'node.kubernetes.io/memory-pressure' }),
    );
    expect(await sandbox.eventsAbout(hog)).toContain(`Evicted: ${status?.message ?? ''}`);
    expect(await shown()).toBe('Running');
    await sandbox.advance(330_000);
    const after = (await sandbox.get(Nodes, 'node-2')).status?.conditions?.find(
      ({ type }) => type === 'MemoryPressure',
    );
    expect(after?.status).toBe('False');
  });

  it('whose disk is full says so, takes away what it can, and gives up who fills it', async () => {
    const writer = (name: string, size: string) =>
      sandbox.create(Pods, {
        metadata: { name },
        spec: {
          nodeName: 'node-2',
          restartPolicy: 'Never',
          containers: [
            { name: 'main', image: 'busybox', command: ['sh', '-c', `fallocate -l ${size} /big; sleep 100000`] },
          ],
        },
      });
    await writer('small', '1G');
    const large = await writer('large', '90G');
    await sandbox.advance(30_000);
    const { status } = await sandbox.get(Pods, 'large');
    expect(status).toMatchObject({ phase: 'Failed', reason: 'Evicted' });
    expect(status?.message).toMatch(
      /^The node was low on resource: ephemeral-storage\. Threshold quantity: 10737418400, available: \d+Ki\. Container main was using \d+\w+, request is 0, has larger consumption of ephemeral-storage\. $/,
    );
    expect((await sandbox.get(Pods, 'small')).status?.phase).toBe('Running');
    const node = await sandbox.get(Nodes, 'node-2');
    expect(node.status?.conditions?.find(({ type }) => type === 'DiskPressure')).toMatchObject({
      status: 'True',
      reason: 'KubeletHasDiskPressure',
      message: 'kubelet has disk pressure',
    });
    expect(node.spec.taints).toContainEqual(expect.objectContaining({ key: 'node.kubernetes.io/disk-pressure' }));
    expect(await sandbox.eventsAbout(large)).toContain(`Evicted: ${status?.message ?? ''}`);
    const told = (await sandbox.list(Events)).filter(({ reason }) => reason === 'EvictionThresholdMet');
    expect(told.map(({ message }) => message)).toEqual(['Attempting to reclaim ephemeral-storage']);
  });

  it('lets no Pod have more local storage than its limits say', async () => {
    const command = (script: string) => ['sh', '-c', `${script}; sleep 100000`];
    const start = (name: string, spec: object) =>
      sandbox.create(Pods, {
        metadata: { name },
        spec: { nodeName: 'node-2', restartPolicy: 'Never', ...spec } as never,
      });
    await start('scratch', {
      containers: [
        {
          name: 'main',
          image: 'busybox',
          command: command('dd if=/dev/zero of=/cache/a bs=1M count=20'),
          volumeMounts: [{ name: 'cache', mountPath: '/cache' }],
        },
      ],
      volumes: [{ name: 'cache', emptyDir: { sizeLimit: '10Mi' } }],
    });
    const limited = { name: 'main', image: 'busybox', resources: { limits: { 'ephemeral-storage': '10Mi' } } };
    const other = { name: 'other', image: 'busybox', command: command('true') };
    await start('layer', { containers: [{ ...limited, command: command('fallocate -l 20M /file') }, other] });
    await sandbox.advance(30_000);
    const message = async (name: string) => (await sandbox.get(Pods, name)).status?.message;
    expect(await message('scratch')).toBe('Usage of EmptyDir volume "cache" exceeds the limit "10Mi". ');
    expect(await message('layer')).toBe('Container main exceeded its local ephemeral storage limit "10Mi". ');
  });
});
