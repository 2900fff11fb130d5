import { describe, expect, it } from 'vitest';
import type { ContainerStatus, Pod, PodStatus } from '../kube/types';
import { podKind, podOwner } from './pod';
import { podMounts } from './pod-mounts';
import { podSentence } from './pod-problem';
import { podStatus, podSummary } from './pod-status';
import { speak } from './speak';

type Facts = {
  status?: PodStatus;
  spec?: Partial<Pod['spec']>;
  metadata?: Partial<Pod['metadata']>;
};

function pod({ status = {}, spec = {}, metadata = {} }: Facts): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: 'u1',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...metadata,
    },
    spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'app:1' }], ...spec },
    status,
  };
}

const container = (name: string, over: Partial<ContainerStatus>): ContainerStatus => ({
  name,
  image: '',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...over,
});
const running = (name: string, over: Partial<ContainerStatus> = {}) =>
  container(name, { ready: true, state: { running: { startedAt: '2026-01-01T00:00:10Z' } }, ...over });
const waiting = (name: string, reason: string, over: Partial<ContainerStatus> = {}) =>
  container(name, { state: { waiting: { reason } }, ...over });
const ended = (name: string, exitCode: number, reason?: string, over: Partial<ContainerStatus> = {}) =>
  container(name, { state: { terminated: { exitCode, ...(reason ? { reason } : {}) } }, ...over });
const sidecar = { name: 'proxy', image: 'proxy:1', restartPolicy: 'Always' };
const ready = { type: 'Ready', status: 'True' };
const initialized = { type: 'Initialized', status: 'True' };

describe('podSummary and podStatus', () => {
  it.each<[string, Facts, ...expected: [word: string, ratio: string, tone: string]]>([
    ['running', { status: { phase: 'Running', containerStatuses: [running('app')] } }, 'Running', '1/1', 'ok'],
    ['waits for a node', { status: { phase: 'Pending' }, spec: { nodeName: '' } }, 'Pending', '0/1', 'busy'],
    [
      'fits no node',
      {
        status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] },
      },
      'Pending',
      '0/1',
      'warn',
    ],
    [
      'is gated',
      {
        status: {
          phase: 'Pending',
          conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
        },
      },
      'SchedulingGated',
      '0/1',
      'busy',
    ],
    [
      'creates its container',
      { status: { phase: 'Pending', containerStatuses: [waiting('app', 'ContainerCreating')] } },
      'ContainerCreating',
      '0/1',
      'busy',
    ],
    [
      'cannot pull its image',
      { status: { phase: 'Pending', containerStatuses: [waiting('app', 'ImagePullBackOff')] } },
      'ImagePullBackOff',
      '0/1',
      'bad',
    ],
    [
      'crashes',
      { status: { phase: 'Running', containerStatuses: [waiting('app', 'CrashLoopBackOff', { restartCount: 4 })] } },
      'CrashLoopBackOff',
      '0/1',
      'bad',
    ],
    [
      'ended with success',
      { status: { phase: 'Succeeded', containerStatuses: [ended('app', 0, 'Completed')] } },
      'Completed',
      '0/1',
      'done',
    ],
    [
      'ended with a failure',
      { status: { phase: 'Failed', containerStatuses: [ended('app', 1, 'Error')] } },
      'Error',
      '0/1',
      'bad',
    ],
    [
      'ended without a reason',
      { status: { phase: 'Failed', containerStatuses: [ended('app', 3)] } },
      'ExitCode:3',
      '0/1',
      'bad',
    ],
    [
      'was killed by a signal',
      {
        status: {
          phase: 'Failed',
          containerStatuses: [container('app', { state: { terminated: { exitCode: 0, signal: 9 } } })],
        },
      },
      'Signal:9',
      '0/1',
      'bad',
    ],
    ['was evicted', { status: { phase: 'Failed', reason: 'Evicted' } }, 'Evicted', '0/1', 'bad'],
    [
      'one of two completed, the other runs, the Pod is ready',
      {
        spec: { containers: [{ name: 'a' }, { name: 'b' }] },
        status: {
          phase: 'Running',
          conditions: [ready],
          containerStatuses: [ended('a', 0, 'Completed'), running('b')],
        },
      },
      'Running',
      '1/2',
      'ok',
    ],
    [
      'one of two completed, the other runs, the Pod is not ready',
      {
        spec: { containers: [{ name: 'a' }, { name: 'b' }] },
        status: { phase: 'Running', containerStatuses: [ended('a', 0, 'Completed'), running('b')] },
      },
      'NotReady',
      '1/2',
      'warn',
    ],
    [
      'the first container has the last word',
      {
        spec: { containers: [{ name: 'a' }, { name: 'b' }] },
        status: {
          phase: 'Running',
          containerStatuses: [waiting('a', 'CrashLoopBackOff'), waiting('b', 'ImagePullBackOff')],
        },
      },
      'CrashLoopBackOff',
      '0/2',
      'bad',
    ],
    [
      'runs its second init container',
      {
        spec: { initContainers: [{ name: 'i0' }, { name: 'i1' }] },
        status: {
          phase: 'Pending',
          initContainerStatuses: [ended('i0', 0, 'Completed'), running('i1', { ready: false })],
          containerStatuses: [waiting('app', 'PodInitializing')],
        },
      },
      'Init:1/2',
      '0/1',
      'busy',
    ],
    [
      'an init container crashes',
      {
        spec: { initContainers: [{ name: 'i0' }] },
        status: {
          phase: 'Pending',
          initContainerStatuses: [waiting('i0', 'CrashLoopBackOff', { restartCount: 2 })],
          containerStatuses: [waiting('app', 'PodInitializing')],
        },
      },
      'Init:CrashLoopBackOff',
      '0/1',
      'bad',
    ],
    [
      'an init container failed',
      {
        spec: { initContainers: [{ name: 'i0' }] },
        status: { phase: 'Pending', initContainerStatuses: [ended('i0', 2)] },
      },
      'Init:ExitCode:2',
      '0/1',
      'bad',
    ],
    [
      'a sidecar counts as a container',
      {
        spec: { initContainers: [sidecar] },
        status: {
          phase: 'Running',
          conditions: [initialized],
          initContainerStatuses: [running('proxy', { started: true })],
          containerStatuses: [running('app')],
        },
      },
      'Running',
      '2/2',
      'ok',
    ],
    [
      'is being deleted',
      {
        metadata: { deletionTimestamp: '2026-01-01T00:01:00Z' },
        status: { phase: 'Running', containerStatuses: [running('app')] },
      },
      'Terminating',
      '1/1',
      'busy',
    ],
    [
      'is being deleted after it ended',
      {
        metadata: { deletionTimestamp: '2026-01-01T00:01:00Z' },
        status: { phase: 'Succeeded', containerStatuses: [ended('app', 0, 'Completed')] },
      },
      'Completed',
      '0/1',
      'done',
    ],
    [
      'was lost with its node',
      { metadata: { deletionTimestamp: '2026-01-01T00:01:00Z' }, status: { phase: 'Running', reason: 'NodeLost' } },
      'Unknown',
      '0/1',
      'bad',
    ],
    [
      'has never been ready',
      {
        status: {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: '2026-01-01T00:00:00Z' }],
          containerStatuses: [running('app', { ready: false })],
        },
      },
      'Running',
      '0/1',
      'busy',
    ],
    [
      'has lost its readiness',
      {
        status: {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: '2026-01-01T01:00:00Z' }],
          containerStatuses: [running('app', { ready: false })],
        },
      },
      'Running',
      '0/1',
      'warn',
    ],
    ['has no status yet', {}, '', '0/1', 'busy'],
  ])('%s', (_case, facts, ...expected) => {
    const summary = podSummary(pod(facts));
    const { word, tone } = podStatus(pod(facts));
    expect([word, `${summary.ready}/${summary.total}`, tone]).toEqual(expected);
  });

  it('forgets the restarts of finished init containers and keeps those of sidecars', () => {
    const summary = podSummary(
      pod({
        spec: { initContainers: [{ name: 'i0' }, sidecar] },
        status: {
          phase: 'Running',
          conditions: [initialized],
          initContainerStatuses: [
            ended('i0', 0, 'Completed', { restartCount: 3 }),
            running('proxy', {
              started: true,
              restartCount: 2,
              lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:05:00Z' } },
            }),
          ],
          containerStatuses: [running('app', { restartCount: 1 })],
        },
      }),
    );
    expect(summary).toMatchObject({ restarts: 3, lastRestart: Date.UTC(2026, 0, 1, 0, 5) });
  });
});

describe('podSentence', () => {
  it.each<[Facts, string]>([
    [{ status: { phase: 'Running', containerStatuses: [running('app')] } }, '1 container ready on node-1.'],
    [{ status: { phase: 'Pending' }, spec: { nodeName: '' } }, 'It waits for the scheduler to choose a node.'],
    [
      {
        spec: { nodeName: '' },
        status: {
          phase: 'Pending',
          conditions: [
            {
              type: 'PodScheduled',
              status: 'False',
              reason: 'Unschedulable',
              message: '0/3 nodes are available: 3 Insufficient cpu.',
            },
          ],
        },
      },
      'No node can take it: 0/3 nodes are available: 3 Insufficient cpu.',
    ],
    [
      {
        status: {
          phase: 'Running',
          containerStatuses: [
            waiting('app', 'CrashLoopBackOff', {
              restartCount: 5,
              lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
            }),
          ],
        },
      },
      'app: it ended with exit code 137 (OOMKilled) and was restarted 5 times; the next start waits for the back-off.',
    ],
    [
      {
        status: {
          phase: 'Pending',
          containerStatuses: [
            container('app', { state: { waiting: { reason: 'ErrImagePull', message: 'manifest unknown' } } }),
          ],
        },
      },
      'app: ErrImagePull, manifest unknown.',
    ],
    [
      { status: { phase: 'Running', containerStatuses: [running('app', { ready: false })] } },
      '0 of 1 container ready: app runs but has not passed its readiness probe.',
    ],
    [
      { status: { phase: 'Succeeded' } },
      'All containers have ended with success; the Pod is kept until it is deleted.',
    ],
    [
      { metadata: { deletionTimestamp: 'x', deletionGracePeriodSeconds: 30 }, status: { phase: 'Running' } },
      'It is being deleted; its containers have 30 s to end.',
    ],
    [
      { metadata: { deletionTimestamp: 'x', finalizers: ['example.com/hold'] }, status: { phase: 'Running' } },
      'It is being deleted and held by example.com/hold.',
    ],
  ])('%#', (facts, sentence) => {
    expect(speak(podSentence(pod(facts)))).toBe(sentence);
    expect(speak(podSentence(pod(facts)), 'zh')).toMatch(/[。.]$/);
  });
});

describe('pod relations', () => {
  it('names the Deployment behind a ReplicaSet', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5f4', uid: 'r', controller: true };
    const labels = { 'pod-template-hash': '5f4' };
    expect(podOwner(pod({ metadata: { labels, ownerReferences: [owner] } }))).toEqual({
      kind: 'Deployment',
      name: 'web',
    });
    expect(podOwner(pod({ metadata: { ownerReferences: [owner] } }))).toEqual({ kind: 'ReplicaSet', name: 'web-5f4' });
  });

  it('finds what is mounted or read, each once', () => {
    const mounted = podMounts(
      pod({
        spec: {
          volumes: [
            { name: 'a', configMap: { name: 'settings' } },
            { name: 'b', secret: { secretName: 'tls' } },
            { name: 'c', persistentVolumeClaim: { claimName: 'data' } },
            { name: 'd', projected: { sources: [{ secret: { name: 'token' } }, { configMap: { name: 'settings' } }] } },
          ],
          containers: [
            {
              name: 'app',
              envFrom: [{ secretRef: { name: 'env' } }],
              env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'more', key: 'x' } } }],
            },
          ],
        },
      }),
    );
    expect(mounted.map(({ resource, name }) => `${resource.kind}/${name}`)).toEqual([
      'ConfigMap/settings',
      'Secret/tls',
      'PersistentVolumeClaim/data',
      'Secret/token',
      'Secret/env',
      'ConfigMap/more',
    ]);
  });

  it('is exposed by the Services that select it', () => {
    const web = pod({ metadata: { labels: { app: 'web' } } });
    const exposed = podKind.links?.(web as never).find(({ relation }) => relation === 'exposed-by');
    const service = (selector?: Record<string, string>) =>
      ({ ...pod({}), kind: 'Service', spec: { selector } }) as never;
    expect([
      exposed?.matches?.(service({ app: 'web' })),
      exposed?.matches?.(service({ app: 'db' })),
      exposed?.matches?.(service()),
    ]).toEqual([true, false, false]);
  });
});
