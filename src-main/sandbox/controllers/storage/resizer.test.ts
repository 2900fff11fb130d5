import { describe, expect, it } from 'vitest';
import type { GrowthState } from '#common/kinds/claim-growth';
import { PersistentVolumeClaims, PersistentVolumes, Pods, StorageClasses } from '#common/kube/resources';
import type { PersistentVolume, PersistentVolumeClaim } from '#common/kube/types';
import { TestSandbox } from '#test/harness/test-sandbox';
import { nextSize } from './resizer';
import { storageControllers } from './storage-controllers';

interface Growth {
  wanted: string;
  volume: string;
  state?: GrowthState;
  begun?: string;
}

function sizeAfter({ wanted, volume, state, begun }: Growth): string | undefined {
  const claim = {
    metadata: { name: 'data' },
    spec: { resources: { requests: { storage: wanted } } },
    status: {
      ...(state ? { allocatedResourceStatuses: { storage: state } } : {}),
      ...(begun ? { allocatedResources: { storage: begun } } : {}),
    },
  } as unknown as PersistentVolumeClaim;
  return nextSize(claim, { spec: { capacity: { storage: volume } } } as unknown as PersistentVolume);
}

describe('nextSize', () => {
  it.each<{ case: string; next: string | undefined } & Growth>([
    { case: 'a first wish', wanted: '2Gi', volume: '1Gi', next: '2Gi' },
    {
      case: 'begun before',
      wanted: '3Gi',
      volume: '1Gi',
      state: 'ControllerResizeInProgress',
      begun: '2Gi',
      next: '2Gi',
    },
    {
      case: 'cannot be done',
      wanted: '2Gi',
      volume: '1Gi',
      state: 'ControllerResizeInfeasible',
      begun: '3Ti',
      next: '2Gi',
    },
    {
      case: 'waits for the node',
      wanted: '2Gi',
      volume: '2Gi',
      state: 'NodeResizePending',
      begun: '2Gi',
      next: undefined,
    },
    { case: 'on its way', wanted: '3Gi', volume: '2Gi', state: 'NodeResizeInProgress', begun: '2Gi', next: undefined },
    {
      case: 'grown, not yet written',
      wanted: '2Gi',
      volume: '2Gi',
      state: 'ControllerResizeInProgress',
      begun: '2Gi',
      next: '2Gi',
    },
    {
      case: 'smaller after all',
      wanted: '2Gi',
      volume: '3Gi',
      state: 'ControllerResizeInfeasible',
      begun: '3Gi',
      next: '3Gi',
    },
  ])('$case', ({ next, ...growth }) => {
    expect(sizeAfter(growth)).toBe(next);
  });
});

const resize = (sandbox: TestSandbox, storage: string) =>
  sandbox.client.patch(
    PersistentVolumeClaims,
    { name: 'data', namespace: 'default' },
    { type: 'merge', patch: { spec: { resources: { requests: { storage } } } } },
  );

async function withClaim(sandbox: TestSandbox, provisioner = 'rbd.csi.ceph.com', more: object = {}) {
  await sandbox.create(StorageClasses, { metadata: { name: 'disk' }, provisioner, allowVolumeExpansion: true });
  const spec = { storageClassName: 'disk', accessModes: ['ReadWriteOnce'], ...more };
  const resources = { requests: { storage: '1Gi' } };
  const claim = await sandbox.create(PersistentVolumeClaims, {
    metadata: { name: 'data' },
    spec: { ...spec, resources },
  });
  await sandbox.settle();
  return claim;
}

function writer(sandbox: TestSandbox) {
  return sandbox.create(Pods, {
    metadata: { name: 'writer' },
    spec: {
      nodeName: 'node-1',
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'main',
          image: 'busybox',
          command: ['sleep', '100000'],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    },
  });
}

const capacities = async (sandbox: TestSandbox, uid: string) => [
  (await sandbox.get(PersistentVolumeClaims, 'data')).status?.capacity?.['storage'],
  (await sandbox.get(PersistentVolumes, `pvc-${uid}`)).spec.capacity?.['storage'],
];

describe('growth of a claim', () => {
  it('waits for a Pod when no one uses the claim, and is finished where the Pod runs', async () => {
    await using sandbox = await TestSandbox.open({ controllers: storageControllers(), nodes: 1 });
    const claim = await withClaim(sandbox);
    await resize(sandbox, '2Gi');
    await sandbox.settle();

    expect(await capacities(sandbox, claim.metadata.uid)).toEqual(['1Gi', '2Gi']);
    const waiting = await sandbox.get(PersistentVolumeClaims, 'data');
    expect(waiting.status).toMatchObject({
      allocatedResources: { storage: '2Gi' },
      allocatedResourceStatuses: { storage: 'NodeResizePending' },
      conditions: [
        { type: 'Resizing', status: 'True' },
        {
          type: 'FileSystemResizePending',
          status: 'True',
          message: 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.',
        },
      ],
    });
    expect((await sandbox.eventsAbout(claim)).slice(-3)).toEqual([
      'ExternalExpanding: waiting for an external controller to expand this PVC',
      `Resizing: External resizer is resizing volume pvc-${claim.metadata.uid}`,
      'FileSystemResizeRequired: Require file system resize of volume on node',
    ]);

    const pod = await writer(sandbox);
    await sandbox.settle();
    expect(await capacities(sandbox, claim.metadata.uid)).toEqual(['2Gi', '2Gi']);
    const { status } = await sandbox.get(PersistentVolumeClaims, 'data');
    expect(status).toEqual({
      phase: 'Bound',
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '2Gi' },
      allocatedResources: { storage: '2Gi' },
    });
    const done = `FileSystemResizeSuccessful: MountVolume.NodeExpandVolume succeeded for volume "pvc-${claim.metadata.uid}" node-1`;
    expect((await sandbox.eventsAbout(claim)).at(-1)).toBe(done);
    expect(await sandbox.eventsAbout(pod)).toContain(done);
    expect(sandbox.reports).toEqual([]);
  });

  it('comes to a running Pod when its kubelet looks at it again', async () => {
    await using sandbox = await TestSandbox.open({ controllers: storageControllers(), nodes: 1 });
    const claim = await withClaim(sandbox);
    await writer(sandbox);
    await sandbox.settle();
    await resize(sandbox, '2Gi');
    await sandbox.settle();
    expect(await capacities(sandbox, claim.metadata.uid)).toEqual(['1Gi', '2Gi']);

    await sandbox.advance(61_000);
    expect(await capacities(sandbox, claim.metadata.uid)).toEqual(['2Gi', '2Gi']);
  });

  it('needs no node where the volume has no file system', async () => {
    await using sandbox = await TestSandbox.open({ controllers: storageControllers() });
    const claim = await withClaim(sandbox, 'rbd.csi.ceph.com', { volumeMode: 'Block' });
    await resize(sandbox, '2Gi');
    await sandbox.settle();
    expect(await capacities(sandbox, claim.metadata.uid)).toEqual(['2Gi', '2Gi']);
    expect((await sandbox.eventsAbout(claim)).at(-1)).toBe('VolumeResizeSuccessful: Resize volume succeeded');
  });

  it('fails beyond what the storage system can do, and recovers with a smaller wish', async () => {
    await using sandbox = await TestSandbox.open({ controllers: storageControllers() });
    const claim = await withClaim(sandbox, 'hostpath.csi.k8s.io', { volumeMode: 'Block' });
    await resize(sandbox, '2Ti');
    await sandbox.settle();

    const refusal =
      'rpc error: code = OutOfRange desc = Requested capacity 2199023255552 exceeds maximum allowed 1099511627776';
    const failed = await sandbox.get(PersistentVolumeClaims, 'data');
    expect(failed.status).toMatchObject({
      capacity: { storage: '1Gi' },
      allocatedResources: { storage: '2Ti' },
      allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' },
    });
    expect(failed.status?.conditions?.find(({ type }) => type === 'ControllerResizeError')?.message).toBe(
      `failed to expand pvc with ${refusal}`,
    );
    const name = `pvc-${claim.metadata.uid}`;
    expect(await sandbox.eventsAbout(claim)).toContain(
      `VolumeResizeFailed: resize volume "${name}" by resizer "hostpath.csi.k8s.io" failed: ${refusal}`,
    );

    await resize(sandbox, '3Gi');
    await sandbox.settle();
    expect(await capacities(sandbox, claim.metadata.uid)).toEqual(['3Gi', '3Gi']);
    const { status } = await sandbox.get(PersistentVolumeClaims, 'data');
    expect([status?.conditions, status?.allocatedResourceStatuses]).toEqual([undefined, undefined]);
    expect(sandbox.reports).toEqual([]);
  });
});
