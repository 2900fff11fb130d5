import type { Flow, FlowStep } from '../flow';
import { app, noted, retemplate, scaleTo, type PodOptions } from './manifests';

const DB = 'statefulsets/db';

const statefulSet = (spec: { pod?: PodOptions } & Record<string, unknown> = {}) =>
  app('StatefulSet', 'db', { serviceName: 'db', ...spec });

const allReady = (replicas: number): FlowStep => ({
  until: DB,
  has: { 'status.readyReplicas': replicas, 'status.replicas': replicas },
});

const rolled = (replicas: number): FlowStep => ({
  until: DB,
  has: {
    'status.updatedReplicas': replicas,
    'status.currentReplicas': replicas,
    'status.readyReplicas': replicas,
    'status.replicas': replicas,
  },
});

const updating = (rollingUpdate: object) => ({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } });

/** Claims are bound by volumes that are made for the flow. */
const volume = (name: string): FlowStep => ({
  create: {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `{ns}-disk-${name}` },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: '{ns}',
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path: `/data/${name}` },
    },
  },
});

const claims = {
  volumeClaimTemplates: [
    {
      metadata: { name: 'data', labels: { kept: 'yes' } },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: '{ns}',
        resources: { requests: { storage: '1Gi' } },
      },
    },
  ],
};

function retention(whenDeleted: string, whenScaled: string): Flow {
  return {
    name: `statefulsets/claims-${whenDeleted}-${whenScaled}`.toLowerCase(),
    steps: [
      volume('a'),
      volume('b'),
      {
        create: statefulSet({
          replicas: 2,
          ...claims,
          persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled },
        }),
      },
      allReady(2),
      ...noted('made'),
      scaleTo(DB, 1),
      { pods: 'app=db', count: 1 },
      ...noted('shrunk'),
      { remove: DB },
      { pods: 'app=db', count: 0 },
      ...noted('removed'),
    ],
  };
}

export const statefulSetFlows: readonly Flow[] = [
  {
    name: 'statefulsets/ordered',
    steps: [
      { create: statefulSet({ replicas: 3, pod: { life: { outcome: 'unready' } } }) },
      ...noted('first waits'),
      { ready: 'app=db', count: 1 },
      ...noted('second waits'),
      { ready: 'app=db', count: 2 },
      ...noted('all'),
      scaleTo(DB, 1),
      { pods: 'app=db', count: 1 },
      ...noted('shrunk'),
    ],
  },
  {
    name: 'statefulsets/parallel',
    steps: [
      { create: statefulSet({ replicas: 3, podManagementPolicy: 'Parallel', pod: { life: { outcome: 'unready' } } }) },
      ...noted('all at once'),
      { ready: 'app=db', count: 3 },
      ...noted('ready'),
      scaleTo(DB, 0),
      { pods: 'app=db', count: 0 },
      ...noted('none'),
    ],
  },
  {
    name: 'statefulsets/rolling-update',
    steps: [
      { create: statefulSet({ replicas: 3 }) },
      allReady(3),
      ...noted('made'),
      retemplate(DB, 'second', { outcome: 'unready' }),
      ...noted('highest replaced'),
      { ready: 'app=db', count: 1 },
      ...noted('next replaced'),
      { ready: 'app=db', count: 2 },
      ...noted('rolled'),
    ],
  },
  {
    name: 'statefulsets/partition',
    steps: [
      { create: statefulSet({ replicas: 3, ...updating({ partition: 2 }) }) },
      allReady(3),
      retemplate(DB, 'second'),
      { until: DB, has: { 'status.updatedReplicas': 1, 'status.readyReplicas': 3 } },
      ...noted('one above the partition'),
      { removePod: 'db-0' },
      { until: DB, has: { 'status.updatedReplicas': 1, 'status.readyReplicas': 3 } },
      ...noted('removed ones keep their revision'),
      { patch: DB, with: { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } } },
      rolled(3),
      ...noted('rolled'),
      { patch: DB, with: { spec: { updateStrategy: { rollingUpdate: { partition: 9 } } } } },
      retemplate(DB, 'third'),
      scaleTo(DB, 4),
      allReady(4),
      ...noted('grown under a high partition'),
    ],
  },
  {
    name: 'statefulsets/on-delete',
    steps: [
      { create: statefulSet({ replicas: 2, updateStrategy: { type: 'OnDelete' } }) },
      allReady(2),
      retemplate(DB, 'second'),
      ...noted('nothing happens'),
      { removePod: 'db-1' },
      { until: DB, has: { 'status.updatedReplicas': 1, 'status.readyReplicas': 2 } },
      ...noted('one by hand'),
      { removePod: 'db-0' },
      { until: DB, has: { 'status.updatedReplicas': 2, 'status.readyReplicas': 2 } },
      ...noted('both by hand'),
    ],
  },
  {
    name: 'statefulsets/max-unavailable',
    steps: [
      { create: statefulSet({ replicas: 5, podManagementPolicy: 'Parallel', ...updating({ maxUnavailable: 2 }) }) },
      allReady(5),
      retemplate(DB, 'second', { outcome: 'unready' }),
      ...noted('two at once'),
      { ready: 'app=db', count: 1 },
      ...noted('one ready'),
      { ready: 'app=db', count: 4 },
      ...noted('rolled'),
    ],
  },
  {
    name: 'statefulsets/broken-rollout',
    steps: [
      { create: statefulSet({ replicas: 2 }) },
      allReady(2),
      retemplate(DB, 'broken', { outcome: 'pending' }),
      { pods: 'db-1', are: { 'status.phase': 'Pending' }, count: 1 },
      ...noted('stuck'),
      { patch: DB, with: { spec: { template: { metadata: { annotations: null } } } } },
      ...noted('undone but stuck'),
      { removePod: 'db-1' },
      allReady(2),
      ...noted('freed by hand'),
    ],
  },
  {
    name: 'statefulsets/start-ordinal',
    steps: [
      { create: statefulSet({ replicas: 2, ordinals: { start: 5 } }) },
      allReady(2),
      ...noted('from five'),
      { patch: DB, with: { spec: { ordinals: { start: 6 } } } },
      { pods: 'db-7', are: { 'status.phase': 'Running' }, count: 1 },
      { pods: 'db-5', count: 0 },
      allReady(2),
      ...noted('from six'),
    ],
  },
  {
    name: 'statefulsets/min-ready-seconds',
    steps: [
      { create: statefulSet({ replicas: 2, minReadySeconds: 8 }) },
      { until: DB, has: { 'status.readyReplicas': 1 } },
      ...noted('first is not available yet'),
      { until: DB, has: { 'status.availableReplicas': 2 } },
      ...noted('all available'),
    ],
  },
  {
    name: 'statefulsets/failed-pod',
    steps: [
      { create: statefulSet({ replicas: 2 }) },
      allReady(2),
      { pod: 'db-0', are: { 'status.phase': 'Running' }, status: { phase: 'Failed', reason: 'Evicted' } },
      { pods: 'db-0', are: { 'status.phase': 'Running' }, count: 1 },
      allReady(2),
      ...noted('replaced'),
    ],
  },
  {
    name: 'statefulsets/revision-history',
    steps: [
      { create: statefulSet({ replicas: 1, revisionHistoryLimit: 1 }) },
      allReady(1),
      ...['second', 'third', 'fourth'].flatMap((look, at): FlowStep[] => [
        retemplate(DB, look),
        {
          until: DB,
          has: {
            'status.observedGeneration': at + 2,
            'status.updatedReplicas': 1,
            'status.readyReplicas': 1,
            'status.currentReplicas': 1,
          },
        },
        ...noted(look),
      ]),
    ],
  },
  {
    name: 'statefulsets/orphaned-and-adopted',
    steps: [
      { create: statefulSet({ replicas: 2 }) },
      allReady(2),
      { remove: DB, policy: 'Orphan' },
      { gone: DB },
      ...noted('orphaned'),
      { create: statefulSet({ replicas: 2 }) },
      allReady(2),
      ...noted('adopted'),
    ],
  },
  {
    name: 'statefulsets/refused',
    steps: [
      { create: statefulSet({ replicas: 1, pod: { spec: { serviceAccountName: 'nobody' } } }) },
      { pass: 2 },
      { create: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'nobody' } } },
      allReady(1),
      { quiet: true },
      { note: 'made after all' },
    ],
  },
  retention('Retain', 'Retain'),
  retention('Retain', 'Delete'),
  retention('Delete', 'Retain'),
  retention('Delete', 'Delete'),
];
