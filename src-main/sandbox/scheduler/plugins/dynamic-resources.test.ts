import { describe, expect, it } from 'vitest';
import { DeviceClasses, Pods, ResourceClaims } from '#common/kube/resources';
import type { AnyObject } from '#common/kube/object';
import { TestSandbox } from '#test/harness/test-sandbox';

const spec = { devices: { requests: [{ name: 'one', exactly: { deviceClassName: 'gpu' } }] } };

async function open() {
  const sandbox = await TestSandbox.open({ scheduler: true });
  await sandbox.node('a');
  await sandbox.node('b', { metadata: { name: 'b', labels: { gpu: 'yes' } } as unknown as AnyObject['metadata'] });
  const containers = [{ name: 'main', image: 'busybox' }];
  const resourceClaims = [{ name: 'gpu', resourceClaimName: 'shared' }];
  await sandbox.create(Pods, { metadata: { name: 'user' }, spec: { containers, resourceClaims } });
  await sandbox.settle();
  return sandbox;
}

const scheduled = async (sandbox: TestSandbox) => {
  const { spec: where, status } = await sandbox.get(Pods, 'user');
  return where.nodeName ?? status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message;
};

describe('a Pod that claims devices', () => {
  it('is not looked at before its claim is there, and waits for the class', async () => {
    await using sandbox = await open();
    expect(await scheduled(sandbox)).toBeUndefined();
    await sandbox.create(ResourceClaims, { metadata: { name: 'shared' }, spec });
    await sandbox.settle();
    expect(await scheduled(sandbox)).toContain('request one: device class gpu does not exist');
    await sandbox.create(DeviceClasses, { metadata: { name: 'gpu' }, spec: {} });
    await sandbox.settle();
    expect(await scheduled(sandbox)).toContain('0/2 nodes are available: 2 cannot allocate all claims.');
  });

  it('goes where its devices were allocated', async () => {
    await using sandbox = await open();
    await sandbox.create(DeviceClasses, { metadata: { name: 'gpu' }, spec: {} });
    const claim = await sandbox.create(ResourceClaims, { metadata: { name: 'shared' }, spec });
    const matchExpressions = [{ key: 'gpu', operator: 'In', values: ['yes'] }];
    const nodeSelector = { nodeSelectorTerms: [{ matchExpressions }] };
    await sandbox.client.updateStatus(ResourceClaims, {
      ...claim,
      status: { allocation: { devices: {}, nodeSelector } },
    });
    await sandbox.settle();
    expect(await scheduled(sandbox)).toBe('b');
    expect(sandbox.reports).toEqual([]);
  });
});
