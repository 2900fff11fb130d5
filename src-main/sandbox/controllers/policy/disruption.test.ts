import { describe, expect, it } from 'vitest';
import { PodDisruptionBudgets, Pods, ReplicaSets } from '#common/kube/resources';
import type { ApiStatusError } from '#common/kube/status-error';
import type { Pod, PodDisruptionBudget } from '#common/kube/types';
import { instantKubelet } from '#test/harness/instant-kubelet';
import { TestSandbox } from '#test/harness/test-sandbox';
import { replicaSetController } from '../apps/replicaset';
import { disruptionController } from './disruption';
import { budgetStatus, expectedOf, failedStatus, openDisruptions } from './disruption-status';
import { staleDisruptionController, untilStale } from './stale-disruption';

const NOW = Date.UTC(2026, 0, 1);
const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString().replace(/\.\d+/, '');

function budget(spec: PodDisruptionBudget['spec'], status?: PodDisruptionBudget['status']): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', uid: 'b', resourceVersion: '1', creationTimestamp: '', generation: 2 },
    spec,
    ...(status ? { status } : {}),
  };
}

function pod(name: string, ready = true, more: Partial<Pod['metadata']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '', ...more },
    spec: { containers: [] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

describe('expectedOf', () => {
  it.each([
    { spec: { minAvailable: 2 }, count: 3, desired: 2 },
    { spec: { minAvailable: '50%' }, count: 3, desired: 2 },
    { spec: { maxUnavailable: 1 }, count: 3, desired: 2 },
    { spec: { maxUnavailable: '34%' }, count: 3, desired: 1 },
    { spec: { maxUnavailable: 5 }, count: 3, desired: 0 },
  ])('$spec of $count', ({ spec, count, desired }) => {
    expect(expectedOf(budget(spec), count)).toEqual({ expectedPods: count, desiredHealthy: desired });
  });

  it('is nothing for a budget that asks for nothing', () => {
    expect(expectedOf(budget({}), 3)).toEqual({ expectedPods: 0, desiredHealthy: 0 });
  });
});

describe('openDisruptions', () => {
  const disrupted = { open: at(-60), overdue: at(-121), gone: at(-1), leaving: at(-1) };
  const pods = [pod('open'), pod('overdue'), pod('leaving', true, { deletionTimestamp: at(0) }), pod('other')];

  it('keeps those that may still come true, and says when to look again', () => {
    const open = openDisruptions(budget({}, { disruptedPods: disrupted } as never), pods, NOW);
    expect({ ...open, overdue: open.overdue.map(({ metadata }) => metadata.name) }).toEqual({
      pods: { open: at(-60) },
      overdue: ['overdue'],
      recheckMs: NOW + 60_000,
    });
  });
});

describe('budgetStatus', () => {
  const none = { pods: {}, overdue: [], recheckMs: undefined };
  const count = (pods: Pod[], open = none) => {
    const status = budgetStatus(budget({}), { pods, open, expectedPods: 3, desiredHealthy: 2, nowMs: NOW });
    return [status.currentHealthy, status.disruptionsAllowed, status.conditions?.[0]?.reason];
  };

  it.each([
    { case: 'all healthy', pods: [pod('a'), pod('b'), pod('c')], result: [3, 1, 'SufficientPods'] },
    { case: 'one not ready', pods: [pod('a'), pod('b'), pod('c', false)], result: [2, 0, 'InsufficientPods'] },
    { case: 'too few', pods: [pod('a')], result: [1, 0, 'InsufficientPods'] },
    {
      case: 'one leaving',
      pods: [pod('a'), pod('b'), pod('c', true, { deletionTimestamp: at(0) })],
      result: [2, 0, 'InsufficientPods'],
    },
  ])('$case', ({ pods, result }) => expect(count(pods)).toEqual(result));

  it('does not count a Pod that was let go', () => {
    const open = { ...none, pods: { a: at(0) } };
    expect(count([pod('a'), pod('b'), pod('c')], open)).toEqual([2, 0, 'InsufficientPods']);
  });

  it('keeps the time of a condition that has not turned', () => {
    const before = {
      type: 'DisruptionAllowed',
      status: 'False',
      reason: 'SyncFailed',
      message: 'x',
      lastTransitionTime: at(-9),
    };
    const failed = failedStatus(budget({}, { conditions: [before] } as never), 'why', NOW);
    expect(failed).toMatchObject({
      disruptionsAllowed: 0,
      conditions: [{ status: 'False', reason: 'SyncFailed', message: 'why', lastTransitionTime: at(-9) }],
    });
  });
});

describe('disruption controller', () => {
  const labels = { app: 'web' };
  const selector = { matchLabels: labels };

  async function open(spec: PodDisruptionBudget['spec'], replicas = 3) {
    const controllers = [replicaSetController, disruptionController, instantKubelet()];
    const sandbox = await TestSandbox.open({ controllers });
    const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx' }] } };
    await sandbox.create(PodDisruptionBudgets, { metadata: { name: 'web' }, spec: { selector, ...spec } });
    await sandbox.create(ReplicaSets, { metadata: { name: 'web' }, spec: { replicas, selector, template } });
    await sandbox.settle();
    return sandbox;
  }

  const evict = (sandbox: TestSandbox, { metadata: { name, namespace } }: Pod) =>
    sandbox.client.createSubresource(Pods, { name, namespace }, 'eviction', {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, namespace },
    });

  it('lets one Pod go at a time, and counts on its successor', async () => {
    await using sandbox = await open({ minAvailable: '60%' });
    const [first, second] = await sandbox.list(Pods);
    await evict(sandbox, first!);
    const refusal = await evict(sandbox, second!).catch((failure: unknown) => failure);
    expect((refusal as ApiStatusError).status).toMatchObject({
      code: 429,
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          { reason: 'DisruptionBudget', message: 'The disruption budget web does not allow evicting pods currently' },
        ],
      },
    });
    await sandbox.settle();
    await evict(sandbox, second!);
    await sandbox.settle();
    const { status } = await sandbox.get(PodDisruptionBudgets, 'web');
    expect(status).toMatchObject({ currentHealthy: 3, desiredHealthy: 2, disruptionsAllowed: 1, expectedPods: 3 });
    expect(sandbox.reports).toEqual([]);
  });

  it('says why it cannot count Pods whose controller has no scale', async () => {
    await using sandbox = await open({ maxUnavailable: 1 }, 0);
    const owner = { apiVersion: 'v1', kind: 'Namespace', name: 'default', uid: 'x', controller: true };
    await sandbox.create(Pods, {
      metadata: { name: 'odd', labels, ownerReferences: [owner] },
      spec: { containers: [{ name: 'web', image: 'nginx' }] },
    });
    await sandbox.settle();
    const found = await sandbox.get(PodDisruptionBudgets, 'web');
    const message = 'namespaces does not implement the scale subresource';
    expect(found.status?.conditions).toMatchObject([{ status: 'False', reason: 'SyncFailed', message }]);
    expect(await sandbox.eventsAbout(found)).toEqual([
      'NoPods: No matching pods found',
      `CalculateExpectedPodCountFailed: Failed to calculate the number of expected pods: ${message}`,
    ]);
  });
});

describe('stale disruption', () => {
  const announced = (reason: string): Pod => {
    const one = pod('a');
    const condition = { type: 'DisruptionTarget', status: 'True', reason, lastTransitionTime: at(-100) };
    return { ...one, status: { ...one.status, conditions: [condition] } };
  };

  it.each([
    { case: 'announced', pod: announced('EvictionByEvictionAPI'), leftMs: 20_000 },
    { case: 'announced by the kubelet', pod: announced('TerminationByKubelet'), leftMs: undefined },
    { case: 'not announced', pod: pod('a'), leftMs: undefined },
  ])('$case', ({ pod: given, leftMs }) => expect(untilStale(given, NOW)).toBe(leftMs));

  it('takes the announcement back after two minutes', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [staleDisruptionController] });
    const made = await sandbox.create(Pods, {
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'web', image: 'nginx' }] },
    });
    const lastTransitionTime = new Date(sandbox.clock.now()).toISOString().replace(/\.\d+/, '');
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByPodGC',
      message: 'm',
      lastTransitionTime,
    };
    await sandbox.client.updateStatus(Pods, { ...made, status: { ...made.status, conditions: [condition] } });
    await sandbox.advance(119_000);
    expect((await sandbox.get(Pods, 'a')).status?.conditions).toMatchObject([{ status: 'True' }]);
    await sandbox.advance(2000);
    const [left] = (await sandbox.get(Pods, 'a')).status?.conditions ?? [];
    expect(left).toMatchObject({ type: 'DisruptionTarget', status: 'False' });
    expect(left).not.toHaveProperty('reason');
  });
});
