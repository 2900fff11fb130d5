import { describe, expect, it } from 'vitest';
import { ConfigMaps, CustomResourceDefinitions, Pods, ResourceQuotas, Services } from '#common/kube/resources';
import { resource } from '#common/kube/resource';
import type { AnyObject } from '#common/kube/object';
import { TestSandbox } from '#test/harness/test-sandbox';
import { resourceQuotaController } from './resource-quota';

const open = () => TestSandbox.open({ controllers: [resourceQuotaController()] });

const web = (name: string, cpu = '500m') => ({
  metadata: { name },
  spec: { containers: [{ name: 'web', image: 'nginx', resources: { requests: { cpu } } }] },
});

const usedOf = async (sandbox: TestSandbox, name = 'all') => (await sandbox.get(ResourceQuotas, name)).status?.used;

describe('resource quota controller', () => {
  it('counts what was there before the quota', async () => {
    await using sandbox = await open();
    await sandbox.create(Pods, web('a'));
    await sandbox.create(Pods, web('b', '1'));
    await sandbox.create(Services, { metadata: { name: 's' }, spec: { type: 'NodePort', ports: [{ port: 80 }] } });
    const hard = { 'requests.cpu': '4', pods: '10', 'services.nodeports': '2', 'count/configmaps': '5', memory: '1Gi' };
    await sandbox.create(ResourceQuotas, { metadata: { name: 'all' }, spec: { hard } });
    await sandbox.settle();
    const { status } = await sandbox.get(ResourceQuotas, 'all');
    expect(status).toEqual({
      hard,
      used: { 'requests.cpu': '1500m', pods: '2', 'services.nodeports': '1', 'count/configmaps': '0', memory: '0' },
    });
  });

  it('gives back what went, and what has ended', async () => {
    await using sandbox = await open();
    await sandbox.create(ResourceQuotas, {
      metadata: { name: 'all' },
      spec: { hard: { cpu: '2', 'count/pods': '9' } },
    });
    await sandbox.settle();
    for (const name of ['a', 'b', 'c']) await sandbox.create(Pods, web(name));
    expect(await usedOf(sandbox)).toEqual({ cpu: '1500m', 'count/pods': '3' });
    await sandbox.client.remove(Pods, { name: 'a', namespace: 'default' }, { gracePeriodSeconds: 0 });
    const ended = await sandbox.get(Pods, 'b');
    await sandbox.client.updateStatus(Pods, { ...ended, status: { ...ended.status, phase: 'Succeeded' } });
    await sandbox.settle();
    expect(await usedOf(sandbox)).toEqual({ cpu: '500m', 'count/pods': '2' });
    expect(sandbox.reports).toEqual([]);
  });

  it('stops to count a Pod whose node does not take it away', async () => {
    await using sandbox = await open();
    await sandbox.create(ResourceQuotas, { metadata: { name: 'all' }, spec: { hard: { pods: '2' } } });
    const { metadata } = await sandbox.create(Pods, { ...web('a'), spec: { ...web('a').spec, nodeName: 'lost' } });
    await sandbox.settle();
    await sandbox.client.remove(Pods, metadata);
    await sandbox.advance(50_000);
    expect(await usedOf(sandbox)).toEqual({ pods: '1' });
    await sandbox.advance(12_000);
    expect(await usedOf(sandbox)).toEqual({ pods: '0' });
  });

  it('finds out within five minutes what was booked for nothing', async () => {
    await using sandbox = await open();
    await sandbox.create(ResourceQuotas, { metadata: { name: 'all' }, spec: { hard: { configmaps: '5' } } });
    await sandbox.create(ConfigMaps, { metadata: { name: 'one' } });
    await sandbox.settle();
    const quota = await sandbox.get(ResourceQuotas, 'all');
    const booked = { ...quota.status, used: { configmaps: '3' } };
    await sandbox.client.updateStatus(ResourceQuotas, { ...quota, status: booked });
    await sandbox.advance(299_000);
    expect(await usedOf(sandbox)).toEqual({ configmaps: '3' });
    await sandbox.advance(2000);
    expect(await usedOf(sandbox)).toEqual({ configmaps: '1' });
  });

  it('counts only Pods of its scopes', async () => {
    await using sandbox = await open();
    await sandbox.create(Pods, web('burstable'));
    await sandbox.create(Pods, { metadata: { name: 'poor' }, spec: { containers: [{ name: 'a', image: 'b' }] } });
    const spec = { hard: { pods: '5' }, scopes: ['BestEffort'] };
    await sandbox.create(ResourceQuotas, { metadata: { name: 'all' }, spec });
    await sandbox.settle();
    expect(await usedOf(sandbox)).toEqual({ pods: '1' });
  });

  it('counts custom kinds once they are served', async () => {
    await using sandbox = await open();
    const hard = { 'count/widgets.example.com': '3' };
    await sandbox.create(ResourceQuotas, { metadata: { name: 'all' }, spec: { hard } });
    await sandbox.settle();
    expect(await usedOf(sandbox)).toBeUndefined();
    const schema = { openAPIV3Schema: { type: 'object' } };
    await sandbox.create(CustomResourceDefinitions, {
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    });
    const widgets = resource<AnyObject>({ group: 'example.com', plural: 'widgets', kind: 'Widget' });
    await sandbox.create(widgets, { metadata: { name: 'a' } });
    await sandbox.advance(301_000);
    expect(await usedOf(sandbox)).toEqual({ 'count/widgets.example.com': '1' });
  });
});
