import { describe, expect, it } from 'vitest';
import { Services } from '#common/kube/resources';
import type { Service } from '#common/kube/types';
import { isNotFound } from '#common/kube/status-error';
import { TestSandbox } from '#test/harness/test-sandbox';
import { ingressFor, serviceLoadBalancerController } from './service-lb';

function service(name: string, ip?: string, asked?: string): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '' },
    spec: { type: 'LoadBalancer', ...(asked ? { loadBalancerIP: asked } : {}) },
    status: { loadBalancer: ip ? { ingress: [{ ip }] } : {} },
  };
}

describe('ingressFor', () => {
  it.each([
    { case: 'the first free', one: service('a'), others: [service('b', '172.18.255.1')], ip: '172.18.255.2' },
    { case: 'the one it has', one: service('a', '172.18.255.9'), others: [], ip: '172.18.255.9' },
    { case: 'the one it asks for', one: service('a', '172.18.255.9', '172.18.255.7'), others: [], ip: '172.18.255.7' },
    {
      case: 'none when that is taken',
      one: service('a', undefined, '172.18.255.7'),
      others: [service('b', '172.18.255.7')],
      ip: undefined,
    },
    { case: 'none outside of the pool', one: service('a', undefined, '192.0.2.1'), others: [], ip: undefined },
  ])('$case', ({ one, others, ip }) => expect(ingressFor(one, [one, ...others])?.ip).toBe(ip));
});

describe('service load balancer controller', () => {
  const open = () => TestSandbox.open({ controllers: [serviceLoadBalancerController()] });
  const spec = { type: 'LoadBalancer', ports: [{ port: 80 }] };
  const ipOf = async (sandbox: TestSandbox, name: string) =>
    (await sandbox.get(Services, name)).status?.loadBalancer?.ingress?.map(({ ip, ipMode }) => [ip, ipMode]);

  it('gives an address and takes it back before the Service goes', async () => {
    await using sandbox = await open();
    await sandbox.node('a');
    const made = await sandbox.create(Services, { metadata: { name: 'web' }, spec });
    await sandbox.create(Services, {
      metadata: { name: 'theirs' },
      spec: { ...spec, loadBalancerClass: 'x.example/y' },
    });
    await sandbox.settle();
    expect([await ipOf(sandbox, 'web'), await ipOf(sandbox, 'theirs')]).toEqual([[['172.18.255.1', 'VIP']], undefined]);
    const found = await sandbox.get(Services, 'web');
    expect(found.metadata.finalizers).toEqual(['service.kubernetes.io/load-balancer-cleanup']);
    await sandbox.client.remove(Services, { name: 'web', namespace: 'default' });
    await sandbox.settle();
    const gone = await sandbox.get(Services, 'web').catch((failure: unknown) => failure);
    expect(isNotFound(gone)).toBe(true);
    expect(await sandbox.eventsAbout(made)).toEqual([
      'EnsuringLoadBalancer: Ensuring load balancer',
      'EnsuredLoadBalancer: Ensured load balancer',
      'DeletingLoadBalancer: Deleting load balancer',
      'DeletedLoadBalancer: Deleted load balancer',
    ]);
    expect(sandbox.reports).toEqual([]);
  });

  it('takes it back from one that becomes another type', async () => {
    await using sandbox = await open();
    await sandbox.create(Services, { metadata: { name: 'web' }, spec });
    await sandbox.settle();
    const found = await sandbox.get(Services, 'web');
    const plain = { ...found.spec, type: 'ClusterIP', ports: spec.ports };
    await sandbox.client.update(Services, { ...found, spec: plain });
    await sandbox.settle();
    const { metadata, status } = await sandbox.get(Services, 'web');
    expect([metadata.finalizers, status?.loadBalancer]).toEqual([undefined, {}]);
    expect(await sandbox.eventsAbout(found)).toContain(
      'UnAvailableLoadBalancer: There are no available nodes for LoadBalancer',
    );
  });
});
