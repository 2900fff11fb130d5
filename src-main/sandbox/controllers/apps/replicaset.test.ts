import { describe, expect, it } from 'vitest';
import { Pods, ReplicaSets } from '#common/kube/resources';
import type { Pod, ReplicaSet } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { TestSandbox } from '#test/harness/test-sandbox';
import { planReplicas, statusOf } from './pod-replicas';
import { replicaSetController } from './replicaset';

const NOW = Date.UTC(2026, 0, 1);

function pod(name: string, ready: boolean, more: Partial<Pod['spec']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2025-12-31T00:00:00Z' },
    spec: { containers: [], nodeName: 'node-1', ...more },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: '2025-12-31T23:59:50Z' }],
    },
  };
}

function wanting(replicas: number, minReadySeconds = 0): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: 'web',
      uid: 'web',
      resourceVersion: '1',
      creationTimestamp: '2025-12-31T00:00:00Z',
      generation: 2,
    },
    spec: {
      replicas,
      minReadySeconds,
      selector: { matchLabels: { app: 'web' } },
      template: { spec: { containers: [] } },
    },
  };
}

describe('planReplicas', () => {
  it.each([
    { case: 'too few', wanted: 3, pods: [pod('a', true)], missing: 2, surplus: [] },
    { case: 'exactly enough', wanted: 1, pods: [pod('a', true)], missing: 0, surplus: [] },
    { case: 'too many, one unready', wanted: 1, pods: [pod('a', true), pod('b', false)], missing: 0, surplus: ['b'] },
    {
      case: 'one without a node',
      wanted: 1,
      pods: [pod('a', false), pod('b', false, { nodeName: '' })],
      missing: 0,
      surplus: ['b'],
    },
    {
      case: 'a crowded node first',
      wanted: 2,
      pods: [pod('a', true, { nodeName: 'node-2' }), pod('b', true), pod('c', true)],
      missing: 0,
      surplus: ['b'],
    },
    { case: 'no more than a burst', wanted: 900, pods: [], missing: 500, surplus: [] },
  ])('$case', ({ wanted, pods, missing, surplus }) => {
    const plan = planReplicas(wanting(wanted), { pods, nowMs: NOW });
    expect({ missing: plan.missing, surplus: plan.surplus.map(({ metadata }) => metadata.name) }).toEqual({
      missing,
      surplus,
    });
  });
});

describe('statusOf', () => {
  it('counts a Pod as available once it has been ready for minReadySeconds', () => {
    const pods = [pod('a', true), pod('b', false)];
    expect(statusOf(wanting(2, 30), pods, { nowMs: NOW, countsTerminating: true })).toMatchObject({
      replicas: 2,
      readyReplicas: 1,
      availableReplicas: 0,
    });
    expect(statusOf(wanting(2, 10), pods, { nowMs: NOW, countsTerminating: true })).toMatchObject({
      readyReplicas: 1,
      availableReplicas: 1,
    });
  });

  it('says why Pods could not be made', () => {
    const failure = { reason: 'FailedCreate' as const, cause: new Error('pods "web-" is forbidden: exceeded quota') };
    expect(statusOf(wanting(1), [], { nowMs: NOW, countsTerminating: true, failure }).conditions).toEqual([
      {
        type: 'ReplicaFailure',
        status: 'True',
        reason: 'FailedCreate',
        message: 'pods "web-" is forbidden: exceeded quota',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ]);
  });
});

const web = (replicas: number): Draft<ReplicaSet> => ({
  metadata: { name: 'web' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { automountServiceAccountToken: false, containers: [{ name: 'web', image: 'nginx' }] },
    },
  },
});

describe('replicaset controller', () => {
  it('replaces a Pod that was deleted behind its back', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [replicaSetController] });
    const set = await sandbox.create(ReplicaSets, web(2));
    await sandbox.settle();

    const [victim] = await sandbox.podsOf(set);
    await sandbox.client.remove(Pods, { name: victim!.metadata.name, namespace: 'default' });
    await sandbox.settle();

    const survivors = (await sandbox.podsOf(set)).map(({ metadata }) => metadata.name);
    expect(survivors).toHaveLength(2);
    expect(survivors).not.toContain(victim!.metadata.name);
    expect(sandbox.reports).toEqual([]);
  });

  it('makes exactly as many Pods as it should, however fast its cache is', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [replicaSetController] });
    const set = await sandbox.create(ReplicaSets, web(1200));
    await sandbox.settle();
    expect(await sandbox.podsOf(set)).toHaveLength(1200);
    expect((await sandbox.get(ReplicaSets, 'web')).status).toMatchObject({
      replicas: 1200,
      fullyLabeledReplicas: 1200,
      observedGeneration: 1,
    });
  });

  it('adopts Pods that it selects, and lets go of those it no longer does', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [replicaSetController] });
    const { metadata, spec } = web(1).spec.template!;
    await sandbox.create(Pods, { metadata: { name: 'orphan', labels: metadata!.labels! }, spec: spec! });
    const set = await sandbox.create(ReplicaSets, web(1));
    await sandbox.settle();
    expect((await sandbox.podsOf(set)).map((one) => one.metadata.name)).toEqual(['orphan']);

    const patch = { metadata: { labels: { app: 'other' } } };
    await sandbox.client.patch(Pods, { name: 'orphan', namespace: 'default' }, { type: 'merge', patch });
    await sandbox.settle();
    const pods = await sandbox.podsOf(set);
    expect(pods).toHaveLength(1);
    expect(pods[0]!.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
  });

  it('tells of each Pod it makes, until there are too many to tell', async () => {
    await using sandbox = await TestSandbox.open({ controllers: [replicaSetController] });
    const set = await sandbox.create(ReplicaSets, web(12));
    await sandbox.settle();
    const events = await sandbox.eventsAbout(set);
    expect(events[0]).toMatch(/^SuccessfulCreate: Created pod: web-/);
    expect(events).toHaveLength(10);
    expect(events.at(-1)).toMatch(/^SuccessfulCreate: \(combined from similar events\): Created pod: web-/);
  });
});
