import { describe, expect, it } from 'vitest';
import { ControllerRevisions, PersistentVolumeClaims, Pods, StatefulSets } from '#common/kube/resources';
import type { Pod, StatefulSet } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { instantKubelet } from '#test/harness/instant-kubelet';
import { TestSandbox } from '#test/harness/test-sandbox';
import { statefulSetController } from './statefulset';

const controllers = [statefulSetController, instantKubelet({ broken: ['mysql:broken'] })];

const db = (replicas: number, spec: Partial<StatefulSet['spec']> = {}): Draft<StatefulSet> => ({
  metadata: { name: 'db' },
  spec: {
    replicas,
    serviceName: 'db',
    selector: { matchLabels: { app: 'db' } },
    template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'db', image: 'mysql:8' }] } },
    ...spec,
  },
});

const image = (name: string) => ({ spec: { template: { spec: { containers: [{ name: 'db', image: name }] } } } });

async function patch(sandbox: TestSandbox, change: object) {
  await sandbox.client.patch(StatefulSets, { name: 'db', namespace: 'default' }, { type: 'strategic', patch: change });
}

const imagesByName = (pods: readonly Pod[]) =>
  Object.fromEntries(pods.map(({ metadata, spec }) => [metadata.name, spec.containers[0]?.image]));

/** Names of Pods in the order in which they came. */
async function watchOrder(sandbox: TestSandbox): Promise<string[]> {
  const order: string[] = [];
  const { informer } = sandbox.informers.open(Pods);
  await informer.synced();
  informer.subscribe((deltas) => {
    for (const { type, object } of deltas)
      if (type !== 'changed') order.push(`${type === 'added' ? '+' : '-'}${object.metadata.name}`);
  });
  return order;
}

describe('statefulset controller', () => {
  it('makes Pods one after the other, each with its number, and ends them from the highest on', async () => {
    await using sandbox = await TestSandbox.open({ controllers });
    const order = await watchOrder(sandbox);
    await sandbox.create(StatefulSets, db(3));
    await sandbox.settle();
    await patch(sandbox, { spec: { replicas: 1 } });
    await sandbox.settle();
    expect(order).toEqual(['+db-0', '+db-1', '+db-2', '-db-2', '-db-1']);
    const pod = await sandbox.get(Pods, 'db-0');
    expect(pod.spec).toMatchObject({ hostname: 'db-0', subdomain: 'db' });
    expect(pod.metadata.labels).toMatchObject({
      'apps.kubernetes.io/pod-index': '0',
      'statefulset.kubernetes.io/pod-name': 'db-0',
    });
  });

  it('does not make the next Pod while one is not well', async () => {
    await using sandbox = await TestSandbox.open({ controllers });
    await sandbox.create(
      StatefulSets,
      db(3, {
        ...db(3).spec,
        template: {
          metadata: { labels: { app: 'db' } },
          spec: { containers: [{ name: 'db', image: 'mysql:broken' }] },
        },
      }),
    );
    await sandbox.settle();
    expect((await sandbox.list(Pods)).map(({ metadata }) => metadata.name)).toEqual(['db-0']);
  });

  it('makes all at once when it is told to', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [statefulSetController] });
    await sandbox.create(StatefulSets, db(3, { podManagementPolicy: 'Parallel' }));
    await sandbox.settle();
    expect(await sandbox.list(Pods)).toHaveLength(3);
  });

  it('gives each Pod claims that outlive it', async () => {
    await using sandbox = await TestSandbox.open({ controllers });
    const claim = {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    } as never;
    await sandbox.create(StatefulSets, db(2, { volumeClaimTemplates: [claim] }));
    await sandbox.settle();
    await patch(sandbox, { spec: { replicas: 0 } });
    await sandbox.settle();
    expect(await sandbox.list(Pods)).toEqual([]);
    expect((await sandbox.list(PersistentVolumeClaims)).map(({ metadata }) => metadata.name)).toEqual([
      'data-db-0',
      'data-db-1',
    ]);
  });

  it('rolls from the highest number down to the partition', async () => {
    await using sandbox = await TestSandbox.open({ controllers });
    await sandbox.create(
      StatefulSets,
      db(3, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }),
    );
    await sandbox.settle();
    await patch(sandbox, image('mysql:9'));
    await sandbox.settle();
    expect(imagesByName(await sandbox.list(Pods))).toEqual({ 'db-0': 'mysql:8', 'db-1': 'mysql:9', 'db-2': 'mysql:9' });
    const partial = (await sandbox.get(StatefulSets, 'db')).status;
    expect(partial).toMatchObject({ currentReplicas: 1, updatedReplicas: 2 });
    expect(partial?.currentRevision).not.toBe(partial?.updateRevision);

    await patch(sandbox, { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
    await sandbox.settle();
    const { status } = await sandbox.get(StatefulSets, 'db');
    expect(status).toMatchObject({
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
    });
    expect(status?.currentRevision).toBe(status?.updateRevision);
    expect((await sandbox.list(ControllerRevisions)).map(({ revision }) => revision).sort()).toEqual([1, 2]);
    expect(sandbox.reports).toEqual([]);
  });

  it('replaces a Pod under its own name', async () => {
    await using sandbox = await TestSandbox.open({ controllers });
    await sandbox.create(StatefulSets, db(2));
    await sandbox.settle();
    const before = await sandbox.get(Pods, 'db-0');
    await sandbox.client.remove(Pods, { name: 'db-0', namespace: 'default' });
    await sandbox.settle();
    const after = await sandbox.get(Pods, 'db-0');
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
  });
});

it('a set that is deleted in the foreground is not held back by revisions it makes anew', async () => {
  await using sandbox = await TestSandbox.open();
  const controllers = [statefulSetController];
  await using _manager = await sandbox.startManager({ controllers, garbageCollector: true });
  const selector = { matchLabels: { app: 'db' } };
  const template = { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'db', image: 'mysql' }] } };
  await sandbox.create(StatefulSets, {
    metadata: { name: 'db' },
    spec: { replicas: 0, serviceName: 'db', selector, template },
  });
  await sandbox.settle();
  const options = { propagationPolicy: 'Foreground' as const };
  await sandbox.client.remove(StatefulSets, { name: 'db', namespace: 'default' }, options);
  await sandbox.settle();
  expect(await sandbox.list(StatefulSets)).toEqual([]);
});
