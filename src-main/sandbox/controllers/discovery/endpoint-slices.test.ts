import { describe, expect, it } from 'vitest';
import { EndpointSlices, Endpoints, Nodes, Pods, Services } from '#common/kube/resources';
import { TestSandbox } from '#test/harness/test-sandbox';
import { endpointsController } from '../core/endpoints';
import { endpointSliceMirroringController } from './endpoint-slice-mirroring';
import { endpointSliceController } from './endpoint-slices';

describe('what stands behind a Service', () => {
  it('follows its Pods', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [endpointsController(), endpointSliceController()] });
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

  it('has hints where traffic should stay near', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [endpointSliceController()] });
    const labels = { 'topology.kubernetes.io/zone': 'z1' };
    await sandbox.client.create(Nodes, { metadata: { name: 'node-1', labels }, spec: {} });
    const spec = { selector: { app: 'web' }, ports: [{ port: 80 }], trafficDistribution: 'PreferSameNode' };
    const service = await sandbox.create(Services, { metadata: { name: 'web' }, spec });
    const pod = await sandbox.create(Pods, {
      metadata: { name: 'web-1', labels: { app: 'web' } },
      spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'nginx' }] },
    });
    await sandbox.run(pod);
    await sandbox.settle();
    const hints = async () => (await mirrorsOrOwn(sandbox, 'web'))[0]?.endpoints?.[0]?.hints;
    expect(await hints()).toEqual({ forZones: [{ name: 'z1' }], forNodes: [{ name: 'node-1' }] });
    const { trafficDistribution: _gone, ...plain } = (await sandbox.get(Services, 'web')).spec;
    await sandbox.client.update(Services, { ...(await sandbox.get(Services, 'web')), spec: plain });
    await sandbox.settle();
    expect(await hints()).toBeUndefined();
    const annotations = { 'service.kubernetes.io/topology-mode': 'Auto' };
    await sandbox.client.patch(Services, service.metadata, { type: 'merge', patch: { metadata: { annotations } } });
    await sandbox.settle();
    expect(await sandbox.eventsAbout(service)).toEqual([
      'TopologyAwareHintsDisabled: Insufficient Node information: allocatable CPU or zone not specified on one or more nodes, addressType: IPv4',
    ]);
  });

  it('is repeated from Endpoints that people made', async () => {
    const controllers = [endpointsController(), endpointSliceController(), endpointSliceMirroringController()];
    await using sandbox = await TestSandbox.open({ controllers });
    await sandbox.create(Services, { metadata: { name: 'db' }, spec: { ports: [{ port: 5432 }] } });
    const made = await sandbox.create(Endpoints, {
      metadata: { name: 'db', annotations: { note: 'a' } },
      subsets: [
        { addresses: [{ ip: '192.0.2.7' }], notReadyAddresses: [{ ip: '192.0.2.8' }], ports: [{ port: 5432 }] },
      ],
    });
    await sandbox.settle();
    const mirrors = async () =>
      (await mirrorsOrOwn(sandbox, 'db')).map(({ metadata, endpoints }) => ({
        by: metadata.labels?.['endpointslice.kubernetes.io/managed-by'],
        annotations: metadata.annotations,
        endpoints: endpoints?.map(({ addresses, conditions }) => [addresses[0], conditions?.ready]),
      }));
    const by = 'endpointslicemirroring-controller.k8s.io';
    const endpoints = [
      ['192.0.2.7', true],
      ['192.0.2.8', false],
    ];
    expect(await mirrors()).toEqual([{ by, annotations: { note: 'a' }, endpoints }]);
    const labels = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };
    await sandbox.client.patch(Endpoints, made.metadata, { type: 'merge', patch: { metadata: { labels } } });
    await sandbox.settle();
    expect(await mirrors()).toEqual([]);
    expect(sandbox.reports).toEqual([]);
  });
});

const mirrorsOrOwn = async (sandbox: TestSandbox, service: string) =>
  (await sandbox.list(EndpointSlices, 'default')).filter(
    ({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service,
  );
