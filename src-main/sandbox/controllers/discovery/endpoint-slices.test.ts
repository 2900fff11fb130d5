import { describe, expect, it } from 'vitest';
import { EndpointSlices, Endpoints, Pods, Services } from '#common/kube/resources';
import type { EndpointSlice } from '#common/kube/types';
import { TestSandbox } from '#test/harness/test-sandbox';
import { endpointsController } from '../core/endpoints';
import { endpointSliceController, planSlices } from './endpoint-slices';

const content = (...addresses: string[]) => ({ endpoints: addresses.map((ip) => ({ addresses: [ip] })), ports: [] });

function slice(name: string, ...addresses: string[]): EndpointSlice {
  const metadata = { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata,
    addressType: 'IPv4',
    ...content(...addresses),
  };
}

describe('planSlices', () => {
  it('leaves slices alone that say what is wanted, refills others, and removes the rest', () => {
    const current = [slice('same', '1'), slice('old', '2'), slice('surplus', '3')];
    const plan = planSlices(current, [content('1'), content('4')]);
    expect({
      create: plan.create,
      update: plan.update.map((one) => [one.slice.metadata.name, one.content]),
      remove: plan.remove.map(({ metadata }) => metadata.name),
    }).toEqual({ create: [], update: [['old', content('4')]], remove: ['surplus'] });
  });
});

describe('what stands behind a Service', () => {
  it('follows its Pods', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [endpointsController, endpointSliceController] });
    await sandbox.node('node-1');
    await sandbox.create(Services, {
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
    });
    const pod = await sandbox.create(Pods, {
      metadata: { name: 'web-1', labels: { app: 'web' } },
      spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'nginx' }] },
    });
    await sandbox.settle();
    const slices = () => sandbox.list(EndpointSlices, 'default');
    const ours = async () =>
      (await slices()).filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'web');
    expect((await ours()).map(({ endpoints }) => endpoints ?? [])).toEqual([[]]);

    await sandbox.run(pod);
    await sandbox.settle();
    expect(
      (await ours()).map(({ endpoints, ports }) => [endpoints?.[0]?.addresses, endpoints?.[0]?.conditions, ports]),
    ).toEqual([
      [['10.244.0.9'], { ready: true, serving: true, terminating: false }, [{ name: '', port: 8080, protocol: 'TCP' }]],
    ]);
    const endpoints = await sandbox.get(Endpoints, 'web');
    expect(endpoints.subsets?.[0]?.addresses?.map(({ ip }) => ip)).toEqual(['10.244.0.9']);

    await sandbox.client.remove(Services, { name: 'web', namespace: 'default' });
    await sandbox.settle();
    expect((await sandbox.list(Endpoints, 'default')).map(({ metadata }) => metadata.name)).not.toContain('web');
    expect(sandbox.reports).toEqual([]);
  });
});
