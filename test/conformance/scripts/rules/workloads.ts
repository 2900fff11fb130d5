import type { Exchange, Script } from '../../exchange';
import {
  changes,
  collectionOf,
  made,
  merges,
  patches,
  printed,
  row,
  rules,
  selections,
  statusTries,
  tries,
  type Cases,
  type KindPath,
} from './family';
import {
  CONTROLLER_REVISION,
  DAEMON_SET,
  DEPLOYMENT,
  POD_TEMPLATE,
  REPLICATION_CONTROLLER,
  REPLICA_SET,
  STATEFUL_SET,
} from './kind-paths';
import { CONTAINER, LABELS, SELECTOR, TEMPLATE, ofSpec, ofTemplate } from './pod-bases';

const BASE = { spec: { selector: SELECTOR, template: TEMPLATE } };
const RC_BASE = { spec: { selector: LABELS, template: TEMPLATE } };

/** What every workload refuses. */
const common: Cases = {
  ...ofSpec({
    'no-selector': { selector: null },
    'empty-selector': { selector: { matchLabels: null } },
    'selector-mismatch': { selector: { matchLabels: { app: 'other' } } },
    'selector-operator': { selector: { matchExpressions: [{ key: 'app', operator: 'Near' }] } },
    'selector-values': { selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['not valid!'] }] } },
    'selector-in-none': { selector: { matchExpressions: [{ key: 'app', operator: 'In' }] } },
    'no-template': { template: null },
    'min-ready': { minReadySeconds: -1 },
  }),
  ...ofTemplate({
    'restart-never': { restartPolicy: 'Never' },
    deadline: { activeDeadlineSeconds: 5 },
    'no-containers': { containers: [] },
    'no-image': { containers: [{ name: 'main', image: '' }] },
    ephemeral: { ephemeralContainers: [{ name: 'debug', image: 'x' }] },
    'old-node-selector': { nodeSelector: { 'beta.kubernetes.io/arch': 'amd64' } },
    'host-network': { hostNetwork: true, containers: [{ ...CONTAINER, ports: [{ containerPort: 80 }] }] },
    'env-twice': {
      containers: [
        {
          ...CONTAINER,
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value: '2' },
          ],
        },
      ],
    },
  }),
  'template-labels': { spec: { template: { metadata: { labels: { 'a b': 'c' } } } } },
  'template-annotations': { spec: { template: { metadata: { annotations: { 'a b': 'c' } } } } },
  'dotted-name': { metadata: { name: 'web.example.com' } },
};
const replicated: Cases = ofSpec({
  negative: { replicas: -1 },
  word: { replicas: 'three' },
  huge: { replicas: 3_000_000_000 },
});

const scaled = (path: KindPath, name: string): Exchange[] => [
  { name: 'scale', request: `GET ${collectionOf(path)}/${name}/scale`, counts: { verb: 'get', detail: 'scale' } },
  ...patches(
    path,
    `${name}/scale`,
    {
      'scale-up': { spec: { replicas: 3 } },
      'scale-negative': { spec: { replicas: -1 } },
      'scale-status-ignored': { status: { replicas: 9 } },
    },
    { detail: 'scale' },
  ),
  {
    name: 'scale-put',
    request: `PUT ${collectionOf(path)}/${name}/scale`,
    body: { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name, namespace: '{ns}' }, spec: { replicas: 2 } },
    counts: { verb: 'update', detail: 'scale' },
  },
  {
    name: 'scale-put-other-name',
    request: `PUT ${collectionOf(path)}/${name}/scale`,
    body: {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'other', namespace: '{ns}' },
      spec: { replicas: 2 },
    },
    counts: { verb: 'update', detail: 'scale' },
  },
];

const strategy = (value: object) => ({ strategy: value });
const rolling = (rollingUpdate: object) => strategy({ type: 'RollingUpdate', rollingUpdate });
const deployments: Cases = ofSpec({
  type: strategy({ type: 'Odd' }),
  'recreate-rolling': strategy({ type: 'Recreate', rollingUpdate: { maxSurge: 1 } }),
  recreate: strategy({ type: 'Recreate' }),
  'surge-negative': rolling({ maxSurge: -1 }),
  'surge-word': rolling({ maxSurge: 'some' }),
  'surge-percent': rolling({ maxSurge: '150%', maxUnavailable: 0 }),
  'unavailable-percent': rolling({ maxUnavailable: '101%' }),
  'both-zero': rolling({ maxSurge: '0%', maxUnavailable: 0 }),
  history: { revisionHistoryLimit: -1 },
  'deadline-negative': { progressDeadlineSeconds: -1 },
  'deadline-short': { progressDeadlineSeconds: 5, minReadySeconds: 5 },
  paused: { paused: true, replicas: 0 },
});

const daemons: Cases = ofSpec({
  type: { updateStrategy: { type: 'Odd' } },
  'on-delete': { updateStrategy: { type: 'OnDelete' } },
  'both-set': { updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } },
  'both-zero': { updateStrategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
  surge: { updateStrategy: { rollingUpdate: { maxSurge: '30%', maxUnavailable: 0 } } },
  'percent-high': { updateStrategy: { rollingUpdate: { maxUnavailable: '101%' } } },
  word: { updateStrategy: { rollingUpdate: { maxUnavailable: 'some' } } },
  history: { revisionHistoryLimit: -1 },
});

const claimTemplate = (spec: object) => ({
  volumeClaimTemplates: [
    {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
    },
  ],
});
const sets: Cases = ofSpec({
  'management-policy': { podManagementPolicy: 'Odd' },
  parallel: { podManagementPolicy: 'Parallel' },
  strategy: { updateStrategy: { type: 'Odd' } },
  'on-delete-rolling': { updateStrategy: { type: 'OnDelete', rollingUpdate: { partition: 1 } } },
  partition: { updateStrategy: { rollingUpdate: { partition: -1 } } },
  unavailable: { updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } },
  'unavailable-percent': { updateStrategy: { rollingUpdate: { maxUnavailable: '120%' } } },
  retention: { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Burn', whenScaled: 'Keep' } },
  'retention-half': { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } },
  ordinals: { ordinals: { start: -1 } },
  'ordinals-right': { ordinals: { start: 5 } },
  'service-name': { serviceName: 'A_B' },
  'no-service-name': { serviceName: null },
  claims: claimTemplate({}),
  'claims-wrong': claimTemplate({ accessModes: [], resources: {} }),
  'claim-mounted': {
    ...claimTemplate({}),
    template: {
      ...TEMPLATE,
      spec: { containers: [{ ...CONTAINER, volumeMounts: [{ name: 'data', mountPath: '/d' }] }] },
    },
  },
  history: { revisionHistoryLimit: -1 },
});
const SET_BASE = { spec: { ...BASE.spec, serviceName: 'web' } };

const replicaStatus: Cases = {
  'status-negative': { replicas: -1, readyReplicas: -1, observedGeneration: -1 },
  'status-more-ready': { replicas: 1, readyReplicas: 2, availableReplicas: 3 },
  'status-more-available': { replicas: 3, readyReplicas: 1, availableReplicas: 2 },
};

export const workloadScripts: readonly Script[] = [
  rules('deployments', DEPLOYMENT, [
    ...tries(DEPLOYMENT, BASE, {
      ...common,
      ...replicated,
      ...Object.fromEntries(Object.entries(deployments).map(([name, one]) => [`strategy-${name}`, one])),
    }),
    made(DEPLOYMENT, 'web', BASE),
    ...changes(DEPLOYMENT, 'web', {
      ...ofSpec({
        'selector-changed': {
          selector: { matchLabels: { tier: 'front' } },
          template: { metadata: { labels: { tier: 'front' } } },
        },
      }),
      ...ofTemplate({
        'image-changed': { containers: [{ ...CONTAINER, image: 'nginx:2' }] },
        'image-gone': { containers: [{ name: 'main' }] },
      }),
      'annotation-only': { metadata: { annotations: { a: 'b' } } },
      'status-ignored': { status: { replicas: 5 } },
    }),
    ...merges(
      DEPLOYMENT,
      'web',
      ofTemplate({
        'merge-sidecar': { containers: [{ name: 'side', image: 'busybox' }] },
        'merge-port': {
          containers: [{ name: 'main', ports: [{ containerPort: 80 }, { containerPort: 81, name: 'b' }] }],
        },
        'merge-volume': { volumes: [{ name: 'a', configMap: { name: 'b' } }] },
        'merge-pull-secret': { imagePullSecrets: [{ name: 'a' }] },
        'merge-host-alias': { hostAliases: [{ ip: '10.0.0.1', hostnames: ['a'] }] },
        'merge-spread': {
          topologySpreadConstraints: [
            { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: SELECTOR },
          ],
        },
      }),
    ),
    ...statusTries(DEPLOYMENT, 'web', {
      ...replicaStatus,
      'status-updated': { replicas: 1, updatedReplicas: 2, unavailableReplicas: -1 },
      collisions: { collisionCount: -1 },
    }),
    ...printed(DEPLOYMENT, 'web', {
      progressing: { replicas: 1, updatedReplicas: 1, unavailableReplicas: 1 },
      available: {
        replicas: 1,
        updatedReplicas: 1,
        readyReplicas: 1,
        availableReplicas: 1,
        unavailableReplicas: null,
        collisionCount: 1,
      },
    }),
    ...statusTries(DEPLOYMENT, 'web', {
      'collisions-fewer': { collisionCount: 0 },
      'collisions-gone': { collisionCount: null },
    }),
    ...scaled(DEPLOYMENT, 'web'),
    ...selections(DEPLOYMENT, 'metadata.name=web', 'status.replicas=1'),
  ]),
  rules('replicasets', REPLICA_SET, [
    ...tries(REPLICA_SET, BASE, { ...common, ...replicated }),
    made(REPLICA_SET, 'web', BASE),
    ...changes(
      REPLICA_SET,
      'web',
      ofSpec({
        'selector-changed': {
          selector: { matchLabels: { tier: 'front' } },
          template: { metadata: { labels: { tier: 'front' } } },
        },
      }),
    ),
    ...statusTries(REPLICA_SET, 'web', { ...replicaStatus, labelled: { replicas: 1, fullyLabeledReplicas: 2 } }),
    ...printed(REPLICA_SET, 'web', { ready: { replicas: 2, readyReplicas: 1 } }),
    ...scaled(REPLICA_SET, 'web'),
    ...selections(REPLICA_SET, 'status.replicas=2', 'spec.replicas=1'),
  ]),
  rules('statefulsets', STATEFUL_SET, [
    ...tries(STATEFUL_SET, SET_BASE, {
      ...common,
      ...replicated,
      ...Object.fromEntries(Object.entries(sets).map(([name, one]) => [`set-${name}`, one])),
    }),
    made(STATEFUL_SET, 'db', { spec: { ...SET_BASE.spec, ...claimTemplate({}) } }),
    ...changes(STATEFUL_SET, 'db', {
      ...ofSpec({
        'selector-changed': {
          selector: { matchLabels: { tier: 'front' } },
          template: { metadata: { labels: { tier: 'front' } } },
        },
        'service-changed': { serviceName: 'other' },
        'policy-changed': { podManagementPolicy: 'Parallel' },
        'claims-changed': claimTemplate({ resources: { requests: { storage: '2Gi' } } }),
        'allowed-changes': {
          replicas: 2,
          minReadySeconds: 5,
          ordinals: { start: 1 },
          revisionHistoryLimit: 3,
          updateStrategy: { type: 'OnDelete', rollingUpdate: null },
        },
      }),
      ...ofTemplate({ 'image-changed': { containers: [{ ...CONTAINER, image: 'nginx:2' }] } }),
    }),
    ...statusTries(STATEFUL_SET, 'db', {
      ...replicaStatus,
      current: { replicas: 1, currentReplicas: 2, updatedReplicas: 3 },
      collisions: { replicas: 0, collisionCount: -1 },
    }),
    ...printed(STATEFUL_SET, 'db', { ready: { replicas: 3, readyReplicas: 2, currentReplicas: 3 } }),
    ...scaled(STATEFUL_SET, 'db'),
    ...selections(STATEFUL_SET, 'metadata.name=db', 'status.replicas=1'),
  ]),
  rules('daemonsets', DAEMON_SET, [
    ...tries(DAEMON_SET, BASE, {
      ...common,
      ...Object.fromEntries(Object.entries(daemons).map(([name, one]) => [`strategy-${name}`, one])),
    }),
    made(DAEMON_SET, 'agent', {
      spec: { ...BASE.spec, template: { ...TEMPLATE, spec: { ...TEMPLATE.spec, nodeSelector: { disk: 'ssd' } } } },
    }),
    ...changes(DAEMON_SET, 'agent', {
      ...ofSpec({
        'selector-changed': {
          selector: { matchLabels: { tier: 'front' } },
          template: { metadata: { labels: { tier: 'front' } } },
        },
      }),
      ...ofTemplate({ 'image-changed': { containers: [{ ...CONTAINER, image: 'nginx:2' }] } }),
      'generation-annotation': { metadata: { annotations: { 'deprecated.daemonset.template.generation': '9' } } },
    }),
    ...statusTries(DAEMON_SET, 'agent', {
      'status-negative': {
        currentNumberScheduled: -1,
        numberMisscheduled: -1,
        desiredNumberScheduled: -1,
        numberReady: -1,
        updatedNumberScheduled: -1,
        numberAvailable: -1,
        numberUnavailable: -1,
        observedGeneration: -1,
        collisionCount: -1,
      },
    }),
    ...printed(DAEMON_SET, 'agent', {
      ready: {
        currentNumberScheduled: 3,
        numberMisscheduled: 0,
        desiredNumberScheduled: 3,
        numberReady: 2,
        updatedNumberScheduled: 3,
        numberAvailable: 2,
      },
    }),
    ...selections(DAEMON_SET, 'metadata.name=agent'),
  ]),
  rules('controllerrevisions', CONTROLLER_REVISION, [
    ...tries(
      CONTROLLER_REVISION,
      { revision: 1, data: { a: 'b' } },
      {
        negative: { revision: -1 },
        'no-data': { data: null },
        'data-list': { data: [1] },
        'data-word': { data: 'x' },
        'no-revision': { revision: null },
        word: { revision: 'one' },
      },
    ),
    made(CONTROLLER_REVISION, 'one', {
      revision: 1,
      data: { a: 'b' },
      metadata: {
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'x', controller: true }],
      },
    }),
    ...changes(CONTROLLER_REVISION, 'one', {
      'data-changed': { data: { a: 'c' } },
      'revision-changed': { revision: 2 },
      'revision-negative': { revision: -2 },
    }),
    row(CONTROLLER_REVISION, 'one', 'row'),
    ...selections(CONTROLLER_REVISION, 'metadata.name=one', 'revision=1'),
  ]),
  rules('replicationcontrollers', REPLICATION_CONTROLLER, [
    ...tries(REPLICATION_CONTROLLER, RC_BASE, {
      ...replicated,
      ...ofTemplate({
        'restart-never': { restartPolicy: 'Never' },
        deadline: { activeDeadlineSeconds: 5 },
        'no-image': { containers: [{ name: 'main', image: '' }] },
      }),
      ...ofSpec({
        'no-selector': { selector: null },
        mismatch: { selector: { app: 'other' } },
        'no-template': { template: null },
        'min-ready': { minReadySeconds: -1 },
      }),
      'bad-name': { metadata: { name: 'A_B' } },
      'dotted-name': { metadata: { name: 'web.example.com' } },
      'no-labels': { spec: { selector: null, template: { metadata: { labels: null } } } },
    }),
    made(REPLICATION_CONTROLLER, 'web', RC_BASE),
    ...changes(
      REPLICATION_CONTROLLER,
      'web',
      ofSpec({
        'selector-changed': { selector: { tier: 'front' } },
        'replicas-negative': { replicas: -1, minReadySeconds: -1 },
      }),
    ),
    ...statusTries(REPLICATION_CONTROLLER, 'web', {
      ...replicaStatus,
      labelled: { replicas: 1, fullyLabeledReplicas: 2 },
    }),
    ...printed(REPLICATION_CONTROLLER, 'web', { ready: { replicas: 2, readyReplicas: 1 } }),
    ...scaled(REPLICATION_CONTROLLER, 'web'),
    ...selections(REPLICATION_CONTROLLER, 'status.replicas=2', 'name=web'),
  ]),
  rules('podtemplates', POD_TEMPLATE, [
    ...tries(
      POD_TEMPLATE,
      { template: TEMPLATE },
      {
        'no-containers': { template: { spec: { containers: [] } } },
        labels: { template: { metadata: { labels: { 'a b': 'c' } } } },
        policy: { template: { spec: { restartPolicy: 'Odd' } } },
        'no-template': { template: null },
        name: { metadata: { name: 'A_B' } },
      },
    ),
    made(POD_TEMPLATE, 'web', { template: TEMPLATE }),
    ...changes(POD_TEMPLATE, 'web', {
      'image-changed': { template: { spec: { containers: [{ ...CONTAINER, image: 'nginx:2' }] } } },
      'image-gone': { template: { spec: { containers: [{ name: 'main' }] } } },
    }),
    row(POD_TEMPLATE, 'web', 'row'),
    ...selections(POD_TEMPLATE, 'metadata.name=web'),
  ]),
];
