import { describe, expect, it } from 'vitest';
import type { Draft } from '#main/client/client';
import { PersistentVolumeClaims, PersistentVolumes, Pods, StorageClasses } from '#common/kube/resources';
import { isNotFound } from '#common/kube/status-error';
import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeSpec, StorageClass } from '#common/kube/types';
import { TestSandbox } from '#test/harness/test-sandbox';
import { storageControllers } from './storage-controllers';

const open = () => TestSandbox.open({ controllers: storageControllers() });

function volume(name: string, spec: Partial<PersistentVolumeSpec> = {}): Draft<PersistentVolume> {
  return {
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '5Gi' },
      hostPath: { path: `/data/${name}` },
      persistentVolumeReclaimPolicy: 'Retain',
      ...spec,
    },
  };
}

type ClaimSpec = NonNullable<PersistentVolumeClaim['spec']>;

function claim(name: string, spec: Partial<ClaimSpec> = {}): Draft<PersistentVolumeClaim> {
  const resources = { requests: { storage: '1Gi' } };
  return { metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], resources, ...spec } };
}

function storageClass(name: string, provisioner: string, more: Partial<StorageClass> = {}): Draft<StorageClass> {
  return { metadata: { name }, provisioner, ...more };
}

async function phaseOf(sandbox: TestSandbox, name: string): Promise<[string | undefined, string | undefined]> {
  const { spec, status } = await sandbox.get(PersistentVolumeClaims, name);
  return [status?.phase, spec.volumeName];
}

async function isGone(sandbox: TestSandbox, name: string): Promise<boolean> {
  try {
    await sandbox.get(PersistentVolumes, name);
    return false;
  } catch (failure) {
    if (isNotFound(failure)) return true;
    throw failure;
  }
}

describe('binding', () => {
  it('gives a claim the smallest volume that will do, and marks both sides', async () => {
    await using sandbox = await open();
    await sandbox.create(PersistentVolumes, volume('large', { capacity: { storage: '100Gi' } }));
    await sandbox.create(PersistentVolumes, volume('small'));
    await sandbox.create(PersistentVolumes, volume('tiny', { capacity: { storage: '1Mi' } }));
    await sandbox.settle();
    const { metadata } = await sandbox.create(PersistentVolumeClaims, claim('data'));
    await sandbox.settle();

    const bound = await sandbox.get(PersistentVolumeClaims, 'data');
    expect(bound.spec.volumeName).toBe('small');
    expect(bound.status).toEqual({ phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '5Gi' } });
    expect(bound.metadata.annotations).toEqual({
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
    });
    const small = await sandbox.get(PersistentVolumes, 'small');
    expect(small.spec.claimRef).toMatchObject({ kind: 'PersistentVolumeClaim', name: 'data', uid: metadata.uid });
    expect(small.status?.phase).toBe('Bound');
    expect((await sandbox.get(PersistentVolumes, 'large')).status?.phase).toBe('Available');
    expect(sandbox.reports).toEqual([]);
  });

  it.each([
    { case: 'size', spec: { resources: { requests: { storage: '50Gi' } } } },
    { case: 'access mode', spec: { accessModes: ['ReadWriteMany'] } },
    { case: 'volume mode', spec: { volumeMode: 'Block' } },
    { case: 'labels', spec: { selector: { matchLabels: { tier: 'gold' } } } },
  ])('leaves a claim waiting when no volume has its $case', async ({ spec }) => {
    await using sandbox = await open();
    await sandbox.create(PersistentVolumes, volume('only'));
    await sandbox.settle();
    const data = await sandbox.create(PersistentVolumeClaims, claim('data', spec));
    await sandbox.settle();

    expect(await phaseOf(sandbox, 'data')).toEqual(['Pending', undefined]);
    expect(await sandbox.eventsAbout(data)).toEqual([
      'FailedBinding: no persistent volumes available for this claim and no storage class is set',
    ]);
  });

  it('says why a claim cannot have the volume it names, and binds when it can', async () => {
    await using sandbox = await open();
    await sandbox.create(PersistentVolumes, volume('slow', { storageClassName: 'slow' }));
    const data = await sandbox.create(PersistentVolumeClaims, claim('data', { volumeName: 'slow' }));
    const other = await sandbox.create(
      PersistentVolumeClaims,
      claim('other', { volumeName: 'slow', storageClassName: 'slow' }),
    );
    await sandbox.settle();

    expect(await phaseOf(sandbox, 'data')).toEqual(['Pending', 'slow']);
    expect(await phaseOf(sandbox, 'other')).toEqual(['Bound', 'slow']);
    expect((await sandbox.eventsAbout(data)).at(-1)).toBe(
      'FailedBinding: volume "slow" already bound to a different claim.',
    );
    expect(await sandbox.eventsAbout(other)).toEqual([]);
  });

  it('keeps a volume that is reserved by name for that claim', async () => {
    await using sandbox = await open();
    const claimRef = { name: 'wanted', namespace: 'default' };
    await sandbox.create(PersistentVolumes, volume('reserved', { claimRef }));
    await sandbox.create(PersistentVolumeClaims, claim('eager'));
    await sandbox.settle();
    expect(await phaseOf(sandbox, 'eager')).toEqual(['Pending', undefined]);

    await sandbox.create(PersistentVolumeClaims, claim('wanted'));
    await sandbox.settle();
    expect(await phaseOf(sandbox, 'wanted')).toEqual(['Bound', 'reserved']);
  });

  it('tells a claim whose volume was taken away that its data is lost', async () => {
    await using sandbox = await open();
    await sandbox.create(PersistentVolumes, volume('only'));
    await sandbox.settle();
    const data = await sandbox.create(PersistentVolumeClaims, claim('data'));
    await sandbox.settle();
    await sandbox.client.remove(PersistentVolumes, { name: 'only' });
    await sandbox.settle();
    expect(await isGone(sandbox, 'only')).toBe(false);

    const patch = { metadata: { finalizers: null } };
    await sandbox.client.patch(PersistentVolumes, { name: 'only' }, { type: 'merge', patch });
    await sandbox.settle();
    expect(await phaseOf(sandbox, 'data')).toEqual(['Lost', 'only']);
    expect(await sandbox.eventsAbout(data)).toEqual([
      'ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!',
    ]);
  });
});

describe('provisioning', () => {
  it('makes a volume at once where the class does not wait', async () => {
    await using sandbox = await open();
    await sandbox.create(StorageClasses, storageClass('ceph', 'rbd.csi.ceph.com', { reclaimPolicy: 'Delete' }));
    const data = await sandbox.create(PersistentVolumeClaims, claim('data', { storageClassName: 'ceph' }));
    await sandbox.settle();

    const name = `pvc-${data.metadata.uid}`;
    expect(await phaseOf(sandbox, 'data')).toEqual(['Bound', name]);
    expect((await sandbox.get(PersistentVolumes, name)).spec).toMatchObject({
      capacity: { storage: '1Gi' },
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: 'ceph',
      csi: { driver: 'rbd.csi.ceph.com' },
    });
    expect(await sandbox.eventsAbout(data)).toEqual([
      expect.stringMatching("^ExternalProvisioning: .*'rbd.csi.ceph.com'"),
      'Provisioning: External provisioner is provisioning volume for claim "default/data"',
      `ProvisioningSucceeded: Successfully provisioned volume ${name}`,
    ]);
  });

  it('waits for the first consumer, then for the node the scheduler chose', async () => {
    await using sandbox = await open();
    const waiting = { volumeBindingMode: 'WaitForFirstConsumer' };
    await sandbox.create(StorageClasses, storageClass('local', 'rancher.io/local-path', waiting));
    const data = await sandbox.create(PersistentVolumeClaims, claim('data', { storageClassName: 'local' }));
    await sandbox.settle();
    expect(await sandbox.eventsAbout(data)).toEqual([
      'WaitForFirstConsumer: waiting for first consumer to be created before binding',
    ]);

    const annotations = { 'volume.kubernetes.io/selected-node': 'node-2' };
    const ref = { name: 'data', namespace: 'default' };
    await sandbox.client.patch(PersistentVolumeClaims, ref, { type: 'merge', patch: { metadata: { annotations } } });
    await sandbox.settle();
    const name = `pvc-${data.metadata.uid}`;
    expect(await phaseOf(sandbox, 'data')).toEqual(['Bound', name]);
    const made = await sandbox.get(PersistentVolumes, name);
    expect(made.spec.nodeAffinity?.required?.nodeSelectorTerms).toEqual([
      { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-2'] }] },
    ]);
  });

  it('says that a class is not there, and goes on when it comes', async () => {
    await using sandbox = await open();
    const data = await sandbox.create(PersistentVolumeClaims, claim('data', { storageClassName: 'fast' }));
    await sandbox.settle();
    expect(await sandbox.eventsAbout(data)).toEqual([
      'ProvisioningFailed: storageclass.storage.k8s.io "fast" not found',
    ]);

    await sandbox.create(StorageClasses, storageClass('fast', 'rbd.csi.ceph.com'));
    await sandbox.settle();
    expect((await phaseOf(sandbox, 'data'))[0]).toBe('Bound');
  });

  it('gives claims without a class the default one when there is one at last', async () => {
    await using sandbox = await open();
    await sandbox.create(PersistentVolumeClaims, claim('data'));
    await sandbox.settle();
    const metadata = { name: 'std', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } };
    await sandbox.create(StorageClasses, { metadata, provisioner: 'rbd.csi.ceph.com' });
    await sandbox.settle();

    const data = await sandbox.get(PersistentVolumeClaims, 'data');
    expect(data.spec.storageClassName).toBe('std');
    expect(data.status?.phase).toBe('Bound');
  });
});

describe('letting go', () => {
  it('deletes a provisioned volume with its claim', async () => {
    await using sandbox = await open();
    await sandbox.create(StorageClasses, storageClass('ceph', 'rbd.csi.ceph.com'));
    const data = await sandbox.create(PersistentVolumeClaims, claim('data', { storageClassName: 'ceph' }));
    await sandbox.settle();
    await sandbox.client.remove(PersistentVolumeClaims, { name: 'data', namespace: 'default' });
    await sandbox.settle();

    expect(await isGone(sandbox, `pvc-${data.metadata.uid}`)).toBe(true);
    expect(sandbox.reports).toEqual([]);
  });

  it('keeps a retained volume as Released until somebody clears its reference', async () => {
    await using sandbox = await open();
    await sandbox.create(PersistentVolumes, volume('kept'));
    await sandbox.create(PersistentVolumeClaims, claim('data'));
    await sandbox.settle();
    await sandbox.client.remove(PersistentVolumeClaims, { name: 'data', namespace: 'default' });
    await sandbox.settle();
    expect((await sandbox.get(PersistentVolumes, 'kept')).status?.phase).toBe('Released');

    await sandbox.create(PersistentVolumeClaims, claim('next'));
    await sandbox.settle();
    expect(await phaseOf(sandbox, 'next')).toEqual(['Pending', undefined]);

    const patch = { spec: { claimRef: null } };
    await sandbox.client.patch(PersistentVolumes, { name: 'kept' }, { type: 'merge', patch });
    await sandbox.settle();
    expect(await phaseOf(sandbox, 'next')).toEqual(['Bound', 'kept']);
  });

  it('shows a volume that nobody can delete as Failed', async () => {
    await using sandbox = await open();
    const kept = await sandbox.create(PersistentVolumes, volume('kept', { persistentVolumeReclaimPolicy: 'Delete' }));
    await sandbox.create(PersistentVolumeClaims, claim('data'));
    await sandbox.settle();
    await sandbox.client.remove(PersistentVolumeClaims, { name: 'data', namespace: 'default' });
    await sandbox.settle();

    const message = 'host_path deleter only supports /tmp/.+ but received provided /data/kept';
    expect((await sandbox.get(PersistentVolumes, 'kept')).status).toMatchObject({ phase: 'Failed', message });
    expect(await sandbox.eventsAbout(kept)).toEqual([`VolumeFailedDelete: ${message}`]);
  });

  it('holds a claim that a Pod uses until the Pod is gone', async () => {
    await using sandbox = await open();
    await sandbox.node('node-1');
    await sandbox.create(PersistentVolumes, volume('only'));
    await sandbox.create(PersistentVolumeClaims, claim('data'));
    await sandbox.create(Pods, {
      metadata: { name: 'user' },
      spec: {
        nodeName: 'node-1',
        containers: [{ name: 'main', image: 'busybox' }],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
      },
    });
    await sandbox.settle();
    await sandbox.client.remove(PersistentVolumeClaims, { name: 'data', namespace: 'default' });
    await sandbox.settle();
    const held = await sandbox.get(PersistentVolumeClaims, 'data');
    expect(held.metadata.deletionTimestamp).toBeDefined();
    expect(held.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);

    await sandbox.client.remove(Pods, { name: 'user', namespace: 'default' }, { gracePeriodSeconds: 0 });
    await sandbox.settle();
    expect(await sandbox.list(PersistentVolumeClaims)).toEqual([]);
    expect((await sandbox.get(PersistentVolumes, 'only')).status?.phase).toBe('Released');
  });
});
