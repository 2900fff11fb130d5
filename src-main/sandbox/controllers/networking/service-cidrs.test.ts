import { describe, expect, it } from 'vitest';
import { IPAddresses, ServiceCIDRs, Services } from '#common/kube/resources';
import type { IPAddress, ServiceCIDR } from '#common/kube/types';
import { TestSandbox } from '#test/harness/test-sandbox';
import { ipAddressController } from './ip-addresses';
import { isNeeded, serviceCidrController } from './service-cidrs';

const metadata = (name: string) => ({ name, uid: name, resourceVersion: '1', creationTimestamp: '' });
const range = (name: string, ...cidrs: string[]): ServiceCIDR => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: metadata(name),
  spec: { cidrs },
});
const address = (ip: string, by = 'ipallocator.k8s.io'): IPAddress => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IPAddress',
  metadata: { ...metadata(ip), labels: { 'ipaddress.kubernetes.io/managed-by': by } },
  spec: { parentRef: { resource: 'services', name: 'a', namespace: 'b' } },
});

describe('isNeeded', () => {
  const own = range('own', '10.1.0.0/24');

  it.each([
    { case: 'an address of it', others: [], addresses: [address('10.1.0.7')], needed: true },
    { case: 'an address of another range', others: [], addresses: [address('10.2.0.7')], needed: false },
    { case: "somebody else's address", others: [], addresses: [address('10.1.0.7', 'me')], needed: false },
    {
      case: 'another range with it',
      others: [range('x', '10.1.0.0/28')],
      addresses: [address('10.1.0.7')],
      needed: false,
    },
    { case: 'a greater range', others: [range('x', '10.0.0.0/8')], addresses: [address('10.1.0.7')], needed: false },
  ])('$case: $needed', ({ others, addresses, needed }) => {
    expect(isNeeded(own, [own, ...others], addresses)).toBe(needed);
  });
});

describe('ranges and addresses of Services', () => {
  it('are objects that follow the Services', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [serviceCidrController, ipAddressController()] });
    await sandbox.create(Services, {
      metadata: { name: 'web' },
      spec: { clusterIP: '10.96.0.77', ports: [{ port: 80 }] },
    });
    await sandbox.create(Services, { metadata: { name: 'none' }, spec: { clusterIP: 'None', ports: [{ port: 80 }] } });
    await sandbox.settle();
    const names = async () => (await sandbox.list(IPAddresses)).map(({ metadata: { name } }) => name);
    expect(await names()).toEqual(['10.96.0.1', '10.96.0.77']);
    const { metadata: own, status, spec } = await sandbox.get(ServiceCIDRs, 'kubernetes');
    expect([own.finalizers, spec.cidrs]).toEqual([['networking.k8s.io/service-cidr-finalizer'], ['10.96.0.0/16']]);
    expect(status?.conditions).toMatchObject([
      { type: 'Ready', status: 'True', message: 'Kubernetes Service CIDR is ready' },
    ]);
    await sandbox.client.remove(Services, { name: 'web', namespace: 'default' });
    await sandbox.client.remove(ServiceCIDRs, { name: 'kubernetes' });
    await sandbox.settle();
    expect(await names()).toEqual(['10.96.0.1']);
    const held = await sandbox.get(ServiceCIDRs, 'kubernetes');
    expect(held.status?.conditions).toMatchObject([{ type: 'Ready', status: 'False', reason: 'Terminating' }]);
    expect(sandbox.reports).toEqual([]);
  });

  it('go ten seconds after the last address', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [serviceCidrController] });
    await sandbox.client.create(ServiceCIDRs, { metadata: { name: 'more' }, spec: { cidrs: ['10.7.0.0/24'] } });
    await sandbox.settle();
    await sandbox.client.remove(ServiceCIDRs, { name: 'more' });
    await sandbox.advance(9000);
    expect((await sandbox.get(ServiceCIDRs, 'more')).metadata.deletionTimestamp).toBeDefined();
    await sandbox.advance(2000);
    expect((await sandbox.list(ServiceCIDRs)).map(({ metadata: { name } }) => name)).toEqual(['kubernetes']);
  });
});
