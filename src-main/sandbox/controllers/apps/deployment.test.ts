import { describe, expect, it } from 'vitest';
import { Deployments, Pods, ReplicaSets } from '#common/kube/resources';
import type { Deployment, ReplicaSet } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { instantKubelet } from '#test/harness/instant-kubelet';
import { TestSandbox } from '#test/harness/test-sandbox';
import { afterwards, deploymentController } from './deployment';
import { replicaSetController } from './replicaset';
import { REVISION } from './revisions';

const controllers = [deploymentController, replicaSetController, instantKubelet({ broken: ['nginx:broken'] })];

const web = (replicas: number, spec: Partial<Deployment['spec']> = {}): Draft<Deployment> => ({
  metadata: { name: 'web' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] },
    },
    ...spec,
  },
});

const image = (name: string) => ({ spec: { template: { spec: { containers: [{ name: 'web', image: name }] } } } });

async function patch(sandbox: TestSandbox, change: object) {
  await sandbox.client.patch(Deployments, { name: 'web', namespace: 'default' }, { type: 'strategic', patch: change });
}

const bySize = (sets: readonly ReplicaSet[]) =>
  sets.map(({ spec, metadata }) => [metadata.annotations?.[REVISION], spec.replicas]).sort();

const conditionsOf = ({ status }: Deployment) =>
  Object.fromEntries((status?.conditions ?? []).map(({ type, status, reason }) => [type, `${status} ${reason}`]));

describe('deployment controller', () => {
  it('brings its Pods up through a ReplicaSet, and says so', async () => {
    await using sandbox = await TestSandbox.open({ controllers });
    await sandbox.create(Deployments, web(3));
    await sandbox.settle();

    const deployment = await sandbox.get(Deployments, 'web');
    const [set] = await sandbox.list(ReplicaSets);
    expect(deployment.status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
    });
    expect(conditionsOf(deployment)).toEqual({
      Available: 'True MinimumReplicasAvailable',
      Progressing: 'True NewReplicaSetAvailable',
    });
    expect(deployment.status?.conditions?.find(({ type }) => type === 'Progressing')?.message).toBe(
      `ReplicaSet "${set!.metadata.name}" has successfully progressed.`,
    );
    expect(deployment.metadata.annotations).toEqual({ [REVISION]: '1' });
    expect(set!.metadata.name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{8,10}$/);
    expect(set!.metadata.labels?.['pod-template-hash']).toBe(set!.metadata.name.slice(4));
    expect(await sandbox.eventsAbout(deployment)).toEqual([
      `ScalingReplicaSet: Scaled up replica set ${set!.metadata.name} from 0 to 3`,
    ]);
    expect(sandbox.reports).toEqual([]);
  });

  it('rolls to a new template within its fences', async () => {
    await using sandbox = await TestSandbox.open({ controllers });
    await sandbox.create(Deployments, web(4, { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } }));
    await sandbox.settle();
    const counts: number[] = [];
    using _ = sandbox.informers.open(Pods);
    await _.informer.synced();
    _.informer.subscribe(() =>
      counts.push([..._.informer.cache.values()].filter((pod) => !pod.metadata.deletionTimestamp).length),
    );

    await patch(sandbox, image('nginx:1.28'));
    await sandbox.settle();

    expect(bySize(await sandbox.list(ReplicaSets))).toEqual([
      ['1', 0],
      ['2', 4],
    ]);
    const pods = await sandbox.list(Pods);
    expect(pods.map(({ spec }) => spec.containers[0]?.image)).toEqual(Array(4).fill('nginx:1.28'));
    expect(Math.max(...counts)).toBeLessThanOrEqual(5);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(3);
  });

  it('keeps old Pods when the new ones do not come up, and says when it has waited too long', async () => {
    await using sandbox = await TestSandbox.open({ controllers });
    await sandbox.create(Deployments, web(4, { progressDeadlineSeconds: 60 }));
    await sandbox.settle();
    await patch(sandbox, image('nginx:broken'));
    await sandbox.settle();
    expect((await sandbox.get(Deployments, 'web')).status).toMatchObject({ availableReplicas: 3, updatedReplicas: 2 });

    await sandbox.advance(62_000);
    expect(conditionsOf(await sandbox.get(Deployments, 'web'))).toEqual({
      Available: 'True MinimumReplicasAvailable',
      Progressing: 'False ProgressDeadlineExceeded',
    });

    await patch(sandbox, image('nginx:1.27'));
    await sandbox.settle();
    expect(bySize(await sandbox.list(ReplicaSets))).toEqual([
      ['2', 0],
      ['3', 4],
    ]);
    expect(conditionsOf(await sandbox.get(Deployments, 'web'))['Progressing']).toBe('True NewReplicaSetAvailable');
  });

  it('ends all old Pods before the first new one when it recreates', async () => {
    await using sandbox = await TestSandbox.open({ controllers });
    await sandbox.create(Deployments, web(2, { strategy: { type: 'Recreate' } }));
    await sandbox.settle();
    const old = new Set((await sandbox.list(Pods)).map(({ metadata }) => metadata.uid));
    let mixed = false;
    using lease = sandbox.informers.open(Pods);
    await lease.informer.synced();
    lease.informer.subscribe(() => {
      const kinds = new Set([...lease.informer.cache.values()].map(({ metadata }) => old.has(metadata.uid)));
      mixed ||= kinds.size > 1;
    });
    await patch(sandbox, image('nginx:1.28'));
    await sandbox.settle();
    expect(mixed).toBe(false);
    expect(bySize(await sandbox.list(ReplicaSets))).toEqual([
      ['1', 0],
      ['2', 2],
    ]);
  });

  it('does not roll while it is paused, but scales', async () => {
    await using sandbox = await TestSandbox.open({ controllers });
    await sandbox.create(Deployments, web(2, { paused: true }));
    await sandbox.settle();
    expect(await sandbox.list(ReplicaSets)).toEqual([]);
    expect(conditionsOf(await sandbox.get(Deployments, 'web'))['Progressing']).toBe('Unknown DeploymentPaused');

    await patch(sandbox, { spec: { paused: false } });
    await sandbox.settle();
    await patch(sandbox, { spec: { paused: true, replicas: 3, ...image('nginx:1.28').spec } });
    await sandbox.settle();
    expect(bySize(await sandbox.list(ReplicaSets))).toEqual([['1', 3]]);
  });

  it('keeps as many old ReplicaSets as its history allows', async () => {
    await using sandbox = await TestSandbox.open({ controllers });
    await sandbox.create(Deployments, web(1, { revisionHistoryLimit: 1 }));
    for (const tag of ['1.28', '1.29', '1.30']) {
      await sandbox.settle();
      await patch(sandbox, image(`nginx:${tag}`));
    }
    await sandbox.settle();
    expect(bySize(await sandbox.list(ReplicaSets))).toEqual([
      ['3', 0],
      ['4', 1],
    ]);
  });

  it('goes back to an old template under a new revision', async () => {
    await using sandbox = await TestSandbox.open({ controllers });
    await sandbox.create(Deployments, web(1));
    await sandbox.settle();
    await patch(sandbox, image('nginx:1.28'));
    await sandbox.settle();
    await patch(sandbox, image('nginx:1.27'));
    await sandbox.settle();
    expect(bySize(await sandbox.list(ReplicaSets))).toEqual([
      ['2', 0],
      ['3', 1],
    ]);
    expect((await sandbox.get(Deployments, 'web')).metadata.annotations?.[REVISION]).toBe('3');
  });
});

describe('when a Deployment is looked at again', () => {
  const NOW = Date.UTC(2026, 0, 1);
  const progressing = (secondsAgo: number, spec: Partial<Deployment['spec']> = {}): Deployment => {
    const time = new Date(NOW - secondsAgo * 1000).toISOString();
    const condition = { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', lastUpdateTime: time };
    return {
      ...(web(1, { progressDeadlineSeconds: 600, ...spec }) as Deployment),
      status: { conditions: [condition] },
    };
  };

  it.each([
    { case: 'a second after its deadline', deployment: progressing(100), outcome: { againAfterMs: 501_000 } },
    {
      case: 'not at once, however long that has passed',
      deployment: progressing(9000),
      outcome: { againAfterMs: 1000 },
    },
    { case: 'not while it is paused', deployment: progressing(9000, { paused: true }), outcome: {} },
  ])('$case', ({ deployment, outcome }) => expect(afterwards(deployment, NOW)).toEqual(outcome));
});
