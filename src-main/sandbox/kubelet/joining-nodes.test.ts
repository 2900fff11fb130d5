import { describe, expect, it } from 'vitest';
import { CSINodes, Leases, Nodes, Pods } from '#common/kube/resources';
import { TestSandbox } from '#test/harness/test-sandbox';
import { nodeIpamController } from '../controllers/core/node-ipam';
import { nodeLifecycleController } from '../controllers/core/node-lifecycle';
import { orphanedPodCollector, podGarbageCollector } from '../controllers/core/pod-gc';

const open = () =>
  TestSandbox.open({
    controllers: [nodeIpamController(), nodeLifecycleController(), orphanedPodCollector(), podGarbageCollector()],
    nodes: 2,
  });

const isReady = async (sandbox: TestSandbox, name: string) =>
  (await sandbox.get(Nodes, name)).status?.conditions?.find(({ type }) => type === 'Ready')?.status;

function runOn(sandbox: TestSandbox, nodeName: string) {
  const containers = [{ name: 'main', image: 'busybox', command: ['sleep', '100000'] }];
  const spec = { nodeName, terminationGracePeriodSeconds: 0, containers };
  return sandbox.create(Pods, { metadata: { name: 'work' }, spec });
}

describe('a Node that names a machine of the sandbox', () => {
  it('gets a kubelet while the cluster runs', async () => {
    await using sandbox = await open();
    await sandbox.create(Nodes, {
      metadata: { name: 'worker-9', labels: { disk: 'ssd' } },
      spec: { providerID: 'sandbox:///worker-9' },
      status: { capacity: { cpu: '2', memory: '4Gi' } },
    });
    await sandbox.settle();

    const node = await sandbox.get(Nodes, 'worker-9');
    expect(await isReady(sandbox, 'worker-9')).toBe('True');
    expect(node.metadata.labels).toMatchObject({
      disk: 'ssd',
      'kubernetes.io/hostname': 'worker-9',
      'kubernetes.io/os': 'linux',
    });
    expect(node.metadata.labels).not.toHaveProperty(['node-role.kubernetes.io/control-plane']);
    expect(node.status?.capacity).toMatchObject({ cpu: '2', memory: '4Gi', pods: '110' });
    expect(node.status?.allocatable).toMatchObject({ cpu: '2', memory: '4Gi' });
    expect(node.status?.addresses).toEqual([
      { type: 'InternalIP', address: '172.18.0.4' },
      { type: 'Hostname', address: 'worker-9' },
    ]);
    expect((await sandbox.list(CSINodes)).map(({ metadata }) => metadata.name)).toContain('worker-9');
    expect((await sandbox.list(Leases, 'kube-node-lease')).map(({ metadata }) => metadata.name)).toContain('worker-9');

    await runOn(sandbox, 'worker-9');
    await sandbox.settle();
    const pod = await sandbox.get(Pods, 'work');
    expect(pod.status).toMatchObject({ phase: 'Running', hostIP: '172.18.0.4' });
    expect(sandbox.reports).toEqual([]);
  });

  it('loses it with its Node, and may come back', async () => {
    await using sandbox = await open();
    await runOn(sandbox, 'node-2');
    await sandbox.settle();
    await sandbox.client.remove(Nodes, { name: 'node-2' });
    await sandbox.advance(120_000);
    expect(await sandbox.list(Pods)).toEqual([]);
    expect(sandbox.kubelets!.kubelet('node-2')).toBeUndefined();

    await sandbox.create(Nodes, { metadata: { name: 'node-2' }, spec: { providerID: 'sandbox:///node-2' } });
    await sandbox.settle();
    expect(await isReady(sandbox, 'node-2')).toBe('True');
    expect((await sandbox.get(Nodes, 'node-2')).status?.addresses?.[0]?.address).toBe('172.18.0.3');
    await runOn(sandbox, 'node-2');
    await sandbox.settle();
    expect((await sandbox.get(Pods, 'work')).status?.phase).toBe('Running');
    expect(sandbox.reports).toEqual([]);
  });

  it('is left alone where it is somebody else’s machine', async () => {
    await using sandbox = await open();
    await sandbox.create(Nodes, { metadata: { name: 'far-away' }, spec: { providerID: 'aws:///i-0123' } });
    await sandbox.settle();
    expect(await isReady(sandbox, 'far-away')).toBeUndefined();
  });
});
