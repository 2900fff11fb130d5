import { describe, expect, it } from 'vitest';
import {
  CSINodes,
  Nodes,
  PersistentVolumeClaims,
  PersistentVolumes,
  Pods,
  StorageClasses,
  VolumeAttachments,
} from '#common/kube/resources';
import { TestSandbox } from '#test/harness/test-sandbox';
import { nodeLifecycleController } from '../core/node-lifecycle';
import { attachmentName } from './attach-detach';
import { AttachTries } from './attach-tries';
import { storageControllers } from './storage-controllers';

const open = () => TestSandbox.open({ controllers: [nodeLifecycleController(), ...storageControllers()], nodes: 2 });

async function withClaim(sandbox: TestSandbox, accessModes = ['ReadWriteOnce'], provisioner = 'rbd.csi.ceph.com') {
  await sandbox.create(StorageClasses, { metadata: { name: 'disk' }, provisioner });
  const resources = { requests: { storage: '1Gi' } };
  const spec = { storageClassName: 'disk', accessModes, resources };
  const { metadata } = await sandbox.create(PersistentVolumeClaims, { metadata: { name: 'data' }, spec });
  await sandbox.settle();
  const volume = `pvc-${metadata.uid}`;
  const unique = `kubernetes.io/csi/${provisioner}^sandbox-${metadata.uid}`;
  const attachment = (node: string) => attachmentName(`sandbox-${metadata.uid}`, provisioner, node);
  return { volume, unique, attachment };
}

const podOn = (sandbox: TestSandbox, nodeName: string, name = `on-${nodeName}`) =>
  sandbox.create(Pods, {
    metadata: { name },
    spec: {
      nodeName,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'busybox', command: ['sleep', '1000000'] }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    },
  });

const phaseOf = async (sandbox: TestSandbox, name: string) => (await sandbox.get(Pods, name)).status?.phase;

async function volumesOf(sandbox: TestSandbox, node: string) {
  const { status } = await sandbox.get(Nodes, node);
  return { attached: status?.volumesAttached ?? [], inUse: status?.volumesInUse ?? [] };
}

const attachments = async (sandbox: TestSandbox) =>
  (await sandbox.list(VolumeAttachments)).map(({ spec, status }) => [spec.nodeName, status?.attached]);

describe('attaching', () => {
  it('comes before a Pod runs, and is undone when the Pod is gone', async () => {
    await using sandbox = await open();
    const { volume, unique, attachment } = await withClaim(sandbox);
    const pod = await podOn(sandbox, 'node-1');
    await sandbox.settle();

    expect(await phaseOf(sandbox, 'on-node-1')).toBe('Running');
    expect(await sandbox.eventsAbout(pod)).toContain(
      `SuccessfulAttachVolume: AttachVolume.Attach succeeded for volume "${volume}" `,
    );
    const [made] = await sandbox.list(VolumeAttachments);
    expect(made).toMatchObject({
      metadata: {
        name: attachment('node-1'),
        finalizers: ['external-attacher/rbd-csi-ceph-com'],
        annotations: { 'csi.alpha.kubernetes.io/node-id': 'node-1' },
      },
      spec: { attacher: 'rbd.csi.ceph.com', nodeName: 'node-1', source: { persistentVolumeName: volume } },
      status: { attached: true },
    });
    expect(await volumesOf(sandbox, 'node-1')).toEqual({
      attached: [{ name: unique, devicePath: '' }],
      inUse: [unique],
    });
    expect((await sandbox.get(PersistentVolumes, volume)).metadata.finalizers).toContain(
      'external-attacher/rbd-csi-ceph-com',
    );

    await sandbox.client.remove(Pods, { name: 'on-node-1', namespace: 'default' });
    await sandbox.settle();
    expect(await attachments(sandbox)).toEqual([]);
    expect(await volumesOf(sandbox, 'node-1')).toEqual({ attached: [], inUse: [] });

    await sandbox.client.remove(PersistentVolumeClaims, { name: 'data', namespace: 'default' });
    await sandbox.settle();
    expect(await sandbox.list(PersistentVolumes)).toEqual([]);
    expect(sandbox.reports).toEqual([]);
  });

  it('waits while another node has a volume for itself', async () => {
    await using sandbox = await open();
    const { volume } = await withClaim(sandbox);
    await podOn(sandbox, 'node-1');
    await sandbox.settle();
    const second = await podOn(sandbox, 'node-2');
    await sandbox.settle();

    expect(await phaseOf(sandbox, 'on-node-2')).toBe('Pending');
    expect(await sandbox.eventsAbout(second)).toContain(
      `FailedAttachVolume: Multi-Attach error for volume "${volume}" Volume is already used by pod(s) on-node-1`,
    );
    await sandbox.client.remove(Pods, { name: 'on-node-1', namespace: 'default' });
    await sandbox.advance(130_000);
    expect(await phaseOf(sandbox, 'on-node-2')).toBe('Running');
    expect(await attachments(sandbox)).toEqual([['node-2', true]]);
  });

  it('is shared where the access modes say so', async () => {
    await using sandbox = await open();
    await withClaim(sandbox, ['ReadWriteMany']);
    await podOn(sandbox, 'node-1');
    await podOn(sandbox, 'node-2');
    await sandbox.settle();
    expect([await phaseOf(sandbox, 'on-node-1'), await phaseOf(sandbox, 'on-node-2')]).toEqual(['Running', 'Running']);
    expect(await attachments(sandbox)).toHaveLength(2);
  });

  it('is no matter for folders of a node', async () => {
    await using sandbox = await open();
    await withClaim(sandbox, ['ReadWriteOnce'], 'k8s.io/minikube-hostpath');
    await podOn(sandbox, 'node-1');
    await sandbox.settle();
    expect(await phaseOf(sandbox, 'on-node-1')).toBe('Running');
    expect(await attachments(sandbox)).toEqual([]);
  });

  it('fails on a node that the driver does not run on, with the words of the driver', async () => {
    await using sandbox = await open();
    const { volume } = await withClaim(sandbox);
    await sandbox.client.remove(CSINodes, { name: 'node-1' });
    const pod = await podOn(sandbox, 'node-1');
    await sandbox.settle();
    const failed = `FailedAttachVolume: AttachVolume.Attach failed for volume "${volume}" : csinode.storage.k8s.io "node-1" not found`;
    expect(await sandbox.eventsAbout(pod)).toContain(failed);
  });
});

describe('a node that is lost', () => {
  const lose = async (sandbox: TestSandbox) => {
    await podOn(sandbox, 'node-1');
    await sandbox.settle();
    await sandbox.kubelets!.kubelet('node-1')!.crash();
    await sandbox.advance(60_000);
    await sandbox.client.remove(Pods, { name: 'on-node-1', namespace: 'default' }, { gracePeriodSeconds: 0 });
    await sandbox.settle();
  };

  it('keeps its volume for six minutes', async () => {
    await using sandbox = await open();
    const { volume } = await withClaim(sandbox);
    await lose(sandbox);
    const pod = await podOn(sandbox, 'node-2');
    await sandbox.advance(300_000);
    expect(await attachments(sandbox)).toEqual([['node-1', true]]);
    expect(await sandbox.eventsAbout(pod)).toContain(
      `FailedAttachVolume: Multi-Attach error for volume "${volume}" Volume is already exclusively attached to one node and can't be attached to another`,
    );

    await sandbox.advance(240_000);
    expect(await attachments(sandbox)).toEqual([['node-2', true]]);
    expect(await phaseOf(sandbox, 'on-node-2')).toBe('Running');
  });

  it('gives it up at once when somebody declares it out of service', async () => {
    await using sandbox = await open();
    await withClaim(sandbox);
    await lose(sandbox);
    const taints = [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }];
    await sandbox.client.patch(Nodes, { name: 'node-1' }, { type: 'strategic', patch: { spec: { taints } } });
    await podOn(sandbox, 'node-2');
    await sandbox.settle();
    expect(await attachments(sandbox)).toEqual([['node-2', true]]);
  });
});

describe('attempts', () => {
  it('end after two minutes or with a failure, and come later each time', () => {
    const tries = new AttachTries();
    expect(tries.step('a', false, 0)).toEqual({ isOver: false, againAfterMs: 120_000 });
    expect(tries.step('a', false, 120_000)).toEqual({ isOver: true, againAfterMs: 500 });
    expect(tries.step('a', true, 120_200)).toEqual({ isOver: false, againAfterMs: 300 });
    expect(tries.step('a', true, 120_500)).toEqual({ isOver: true, againAfterMs: 1000 });
    tries.forget('a');
    expect(tries.step('a', true, 200_000)).toEqual({ isOver: true, againAfterMs: 500 });
  });
});
