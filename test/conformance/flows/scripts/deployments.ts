import type { Flow, FlowStep } from '../flow';
import { container, deployment, noted, retemplate, scaleTo, template, type PodOptions } from './manifests';

const WEB = 'deployments/web';

const allReady = (replicas: number): FlowStep => ({
  until: WEB,
  has: { 'status.readyReplicas': replicas, 'status.updatedReplicas': replicas, 'status.replicas': replicas },
});

const rolling = (maxSurge: number | string, maxUnavailable: number | string) => ({
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
});

/** Two rollouts whose Pods become ready only by our hand: how far the first step goes, and each one after it. */
function surge(name: string, replicas: number, fences: ReturnType<typeof rolling>, readied = 2): Flow {
  return {
    name: `deployments/surge-${name}`,
    steps: [
      { create: deployment('web', { replicas, ...fences }) },
      allReady(replicas),
      ...noted('made'),
      retemplate(WEB, 'second', { outcome: 'unready' }),
      ...noted('begun'),
      ...Array.from({ length: readied }, (_, at): FlowStep[] => [
        { ready: 'app=web', count: 1 },
        { note: `${at + 1} ready` },
      ]).flat(),
    ],
  };
}

const surges: Flow[] = [
  surge('1-0', 4, rolling(1, 0)),
  surge('0-1', 4, rolling(0, 1)),
  surge('1-1', 4, rolling(1, 1)),
  surge('2-0', 4, rolling(2, 0), 3),
  surge('0-2', 5, rolling(0, 2), 3),
  surge('3-2', 6, rolling(3, 2), 3),
  surge('25-25-percent', 10, rolling('25%', '25%'), 3),
  surge('25-0-percent', 3, rolling('25%', '0%')),
  surge('0-25-percent', 10, rolling('0%', '25%'), 3),
  surge('0-10-percent-of-few', 3, rolling('0%', '10%')),
  surge('100-0-percent', 3, rolling('100%', '0%')),
  surge('0-100-percent', 3, rolling('0%', '100%')),
  surge('50-percent-1', 5, rolling('50%', 1)),
  surge('defaults', 3, rolling('25%', '25%')),
];

const unready: PodOptions = { life: { outcome: 'unready' } };

const others: Flow[] = [
  {
    name: 'deployments/roll-through',
    steps: [
      { create: deployment('web', { replicas: 3, ...rolling(1, 0) }) },
      allReady(3),
      ...noted('made'),
      retemplate(WEB, 'second'),
      { until: WEB, has: { 'status.updatedReplicas': 3, 'status.replicas': 3, 'status.readyReplicas': 3 } },
      ...noted('rolled'),
    ],
  },
  {
    name: 'deployments/undone',
    steps: [
      { create: deployment('web', { replicas: 2, ...rolling(1, 0) }) },
      allReady(2),
      retemplate(WEB, 'second', { outcome: 'unready' }),
      ...noted('stuck'),
      { patch: WEB, with: { spec: { template: { metadata: { annotations: null } } } } },
      allReady(2),
      ...noted('undone'),
      retemplate(WEB, 'third'),
      allReady(2),
      ...noted('third'),
    ],
  },
  {
    name: 'deployments/paused',
    steps: [
      { create: deployment('web', { replicas: 2, ...rolling(1, 0) }) },
      allReady(2),
      ...noted('made'),
      { patch: WEB, with: { spec: { paused: true } } },
      ...noted('paused'),
      retemplate(WEB, 'second'),
      ...noted('changed while paused'),
      scaleTo(WEB, 4),
      ...noted('scaled while paused'),
      { patch: WEB, with: { spec: { paused: false } } },
      allReady(4),
      ...noted('resumed'),
    ],
  },
  {
    name: 'deployments/paused-from-the-start',
    steps: [
      { create: deployment('web', { replicas: 2, paused: true }) },
      ...noted('paused'),
      { patch: WEB, with: { spec: { paused: null } } },
      allReady(2),
      ...noted('resumed'),
    ],
  },
  {
    name: 'deployments/recreate',
    steps: [
      { create: deployment('web', { replicas: 3, strategy: { type: 'Recreate' } }) },
      allReady(3),
      ...noted('made'),
      retemplate(WEB, 'second'),
      { until: WEB, has: { 'status.observedGeneration': 2, 'status.updatedReplicas': 3, 'status.readyReplicas': 3 } },
      ...noted('recreated'),
      scaleTo(WEB, 1),
      allReady(1),
      ...noted('scaled'),
    ],
  },
  {
    name: 'deployments/deadline-exceeded',
    steps: [
      { create: deployment('web', { replicas: 2, progressDeadlineSeconds: 3, minReadySeconds: 0, pod: unready }) },
      { until: WEB, has: { 'status.conditions[Progressing].reason': 'ProgressDeadlineExceeded' } },
      ...noted('exceeded'),
      { ready: 'app=web', count: 2 },
      ...noted('late but ready'),
      retemplate(WEB, 'second', { outcome: 'unready' }),
      { until: WEB, has: { 'status.conditions[Progressing].reason': 'ProgressDeadlineExceeded' } },
      ...noted('exceeded again'),
      retemplate(WEB, 'third', { outcome: null }),
      allReady(2),
      ...noted('mended'),
    ],
  },
  {
    name: 'deployments/min-ready-seconds',
    steps: [
      { create: deployment('web', { replicas: 2, minReadySeconds: 12, ...rolling(1, 0) }) },
      { until: WEB, has: { 'status.readyReplicas': 2 } },
      ...noted('ready, not available'),
      { until: WEB, has: { 'status.availableReplicas': 2 } },
      ...noted('available'),
      retemplate(WEB, 'second'),
      { until: WEB, has: { 'status.readyReplicas': 3 } },
      ...noted('rolling'),
      { until: WEB, has: { 'status.updatedReplicas': 2, 'status.availableReplicas': 2, 'status.replicas': 2 } },
      ...noted('rolled'),
    ],
  },
  {
    name: 'deployments/history',
    steps: [
      { create: deployment('web', { replicas: 1, revisionHistoryLimit: 1 }) },
      allReady(1),
      ...['second', 'third', 'fourth'].flatMap((look, at): FlowStep[] => [
        retemplate(WEB, look),
        {
          until: WEB,
          has: {
            'status.observedGeneration': at + 2,
            'status.updatedReplicas': 1,
            'status.replicas': 1,
            'status.availableReplicas': 1,
          },
        },
        ...noted(look),
      ]),
      { patch: WEB, with: { spec: { revisionHistoryLimit: 0 } } },
      ...noted('no history'),
    ],
  },
  {
    name: 'deployments/scaled-while-rolling',
    steps: [
      { create: deployment('web', { replicas: 10, ...rolling(3, 2) }) },
      allReady(10),
      // ReplicaSets of one second are taken in the order of their hashes.
      { pass: 2 },
      retemplate(WEB, 'second', { outcome: 'unready' }),
      ...noted('begun'),
      scaleTo(WEB, 15),
      ...noted('grown'),
      scaleTo(WEB, 7),
      ...noted('shrunk'),
      scaleTo(WEB, 0),
      { until: WEB, has: { 'status.replicas': undefined } },
      ...noted('nothing left'),
      scaleTo(WEB, 2),
      ...noted('back'),
    ],
  },
  {
    name: 'deployments/three-templates',
    steps: [
      { create: deployment('web', { replicas: 4, ...rolling(1, 1) }) },
      allReady(4),
      retemplate(WEB, 'second', { outcome: 'unready' }),
      ...noted('second'),
      retemplate(WEB, 'third'),
      ...noted('third'),
      { ready: 'app=web', count: 1 },
      ...noted('third, one ready'),
    ],
  },
  {
    name: 'deployments/orphaned-and-adopted',
    steps: [
      { create: deployment('web', { replicas: 2 }) },
      allReady(2),
      { remove: WEB, policy: 'Orphan' },
      { gone: WEB },
      ...noted('orphaned'),
      { create: deployment('web', { replicas: 2 }) },
      allReady(2),
      ...noted('adopted'),
    ],
  },
  {
    name: 'deployments/selector-overlap',
    steps: [
      {
        create: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'stray', labels: { app: 'web' } },
          spec: { containers: [container] },
        },
      },
      { pods: 'app=web', are: { 'status.phase': 'Running' }, count: 1 },
      { create: deployment('web', { replicas: 2 }) },
      allReady(2),
      ...noted('stray left alone'),
    ],
  },
  {
    name: 'deployments/refused-pods',
    steps: [
      {
        create: {
          apiVersion: 'v1',
          kind: 'ResourceQuota',
          metadata: { name: 'few' },
          spec: { hard: { pods: '1' } },
        },
      },
      { pass: 1 },
      { create: deployment('web', { replicas: 2, progressDeadlineSeconds: 1 }) },
      { until: WEB, has: { 'status.conditions[ReplicaFailure].status': 'True', 'status.readyReplicas': 1 } },
      { until: WEB, has: { 'status.conditions[Progressing].reason': 'ProgressDeadlineExceeded' } },
      { note: 'one is refused' },
    ],
  },
  {
    name: 'deployments/no-account',
    steps: [
      { create: deployment('web', { replicas: 1, pod: { spec: { serviceAccountName: 'nobody' } } }) },
      { until: WEB, has: { 'status.conditions[ReplicaFailure].status': 'True' } },
      { note: 'no account' },
    ],
  },
  {
    name: 'deployments/annotations',
    steps: [
      {
        create: {
          ...deployment('web', { replicas: 1 }),
          metadata: { name: 'web', annotations: { team: 'a', 'kubernetes.io/change-cause': 'first' } },
        },
      },
      allReady(1),
      ...noted('copied'),
      { patch: WEB, with: { metadata: { annotations: { team: 'b', 'kubernetes.io/change-cause': 'again' } } } },
      ...noted('changed'),
      {
        patch: WEB,
        with: {
          metadata: { annotations: { 'kubernetes.io/change-cause': 'second' } },
          spec: { template: { metadata: { labels: { tier: 'front' } } } },
        },
      },
      allReady(1),
      { until: WEB, has: { 'status.observedGeneration': 3, 'status.availableReplicas': 1, 'status.replicas': 1 } },
      ...noted('second'),
    ],
  },
  {
    name: 'deployments/failed-pods',
    steps: [
      { create: deployment('web', { replicas: 2 }) },
      allReady(2),
      {
        pod: 'app=web',
        are: { 'status.phase': 'Running' },
        status: { phase: 'Failed', reason: 'Evicted', message: 'No room.' },
      },
      { until: WEB, has: { 'status.readyReplicas': 2 } },
      { pods: 'app=web', count: 3 },
      ...noted('one failed'),
      { removePod: 'app=web', are: { 'status.phase': 'Running' } },
      { pods: 'app=web', are: { 'status.phase': 'Running' }, count: 2 },
      allReady(2),
      ...noted('one removed'),
    ],
  },
  {
    name: 'deployments/deleted-foreground',
    steps: [
      { create: deployment('web', { replicas: 2 }) },
      allReady(2),
      { remove: WEB, policy: 'Foreground' },
      { gone: WEB },
      ...noted('gone'),
    ],
  },
  {
    name: 'deployments/deleted-background',
    steps: [
      { create: deployment('web', { replicas: 2 }) },
      allReady(2),
      { remove: WEB },
      { pods: 'app=web', count: 0 },
      ...noted('gone'),
    ],
  },
];

const sets: Flow[] = [
  {
    name: 'replicasets/adopts-and-releases',
    steps: [
      {
        create: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'loose', labels: { app: 'set' } },
          spec: { containers: [container], terminationGracePeriodSeconds: 1 },
        },
      },
      { pods: 'app=set', are: { 'status.phase': 'Running' }, count: 1 },
      {
        create: {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          metadata: { name: 'set' },
          spec: {
            replicas: 2,
            selector: { matchLabels: { app: 'set' } },
            template: template('set', { labels: { extra: 'yes' } }),
          },
        },
      },
      { until: 'replicasets/set', has: { 'status.readyReplicas': 2 } },
      ...noted('adopted'),
      { patch: 'pods/loose', with: { metadata: { labels: { app: 'other' } } } },
      { pods: 'app=set', are: { 'status.phase': 'Running' }, count: 2 },
      ...noted('released'),
      scaleTo('replicasets/set', 0),
      { pods: 'app=set', count: 0 },
      ...noted('none'),
    ],
  },
  {
    name: 'replicasets/deleted-orphan',
    steps: [
      {
        create: {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          metadata: { name: 'set' },
          spec: { replicas: 2, selector: { matchLabels: { app: 'set' } }, template: template('set') },
        },
      },
      { until: 'replicasets/set', has: { 'status.readyReplicas': 2 } },
      { remove: 'replicasets/set', policy: 'Orphan' },
      { gone: 'replicasets/set' },
      ...noted('orphans'),
    ],
  },
  ...['unready', 'running'].map((outcome): Flow => ({
    name: `replicasets/shrinks-${outcome}-first`,
    steps: [
      {
        create: {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          metadata: { name: 'set' },
          spec: {
            replicas: 3,
            selector: { matchLabels: { app: 'set' } },
            template: template('set', { life: { outcome } }),
          },
        },
      },
      { until: 'replicasets/set', has: { 'status.fullyLabeledReplicas': 3 } },
      { pods: 'app=set', are: { 'status.phase': 'Running' }, count: 3 },
      ...(outcome === 'unready' ? [{ ready: 'app=set', count: 1 }] : []),
      scaleTo('replicasets/set', 1),
      { pods: 'app=set', count: 1 },
      ...noted('one left'),
    ],
  })),
  {
    name: 'replicationcontrollers/life',
    steps: [
      {
        create: {
          apiVersion: 'v1',
          kind: 'ReplicationController',
          metadata: { name: 'old' },
          spec: { replicas: 2, selector: { app: 'old' }, template: template('old') },
        },
      },
      { until: 'replicationcontrollers/old', has: { 'status.readyReplicas': 2 } },
      ...noted('made'),
      scaleTo('replicationcontrollers/old', 3),
      { until: 'replicationcontrollers/old', has: { 'status.readyReplicas': 3 } },
      ...noted('grown'),
      scaleTo('replicationcontrollers/old', 1),
      { pods: 'app=old', count: 1 },
      ...noted('shrunk'),
      { remove: 'replicationcontrollers/old' },
      { quiet: true },
      { note: 'removed' },
    ],
  },
  {
    name: 'replicationcontrollers/refused',
    steps: [
      {
        create: {
          apiVersion: 'v1',
          kind: 'ReplicationController',
          metadata: { name: 'old' },
          spec: {
            replicas: 1,
            minReadySeconds: 4,
            selector: { app: 'old' },
            template: template('old', { spec: { serviceAccountName: 'nobody' } }),
          },
        },
      },
      { until: 'replicationcontrollers/old', has: { 'status.conditions[ReplicaFailure].status': 'True' } },
      { note: 'refused' },
      { create: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'nobody' } } },
      { until: 'replicationcontrollers/old', has: { 'status.availableReplicas': 1 } },
      { quiet: true },
      { note: 'made' },
    ],
  },
];

export const deploymentFlows: readonly Flow[] = [...surges, ...others, ...sets];
