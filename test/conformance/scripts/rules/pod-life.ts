import type { Script } from '../../exchange';
import {
  changes,
  collectionOf,
  got,
  made,
  merges,
  patches,
  printed,
  removed,
  rules,
  selections,
  statusTries,
  type Cases,
} from './family';
import { POD } from './kind-paths';
import { CONTAINER, ofSpec } from './pod-bases';

const RICH = {
  metadata: { labels: { app: 'web' } },
  spec: {
    containers: [
      {
        ...CONTAINER,
        ports: [{ containerPort: 80, name: 'http' }],
        env: [{ name: 'A', value: '1' }],
        resources: { requests: { cpu: '100m' } },
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
      { name: 'side', image: 'busybox' },
    ],
    initContainers: [{ name: 'first', image: 'busybox' }],
    volumes: [{ name: 'data', emptyDir: {} }],
    tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }],
    activeDeadlineSeconds: 100,
  },
};
const { containers } = RICH.spec;
const [main, side] = containers;

const updates: Cases = {
  ...ofSpec({
    image: { containers: [{ ...main, image: 'nginx:2' }, side] },
    'image-empty': { containers: [{ ...main, image: '' }, side] },
    'image-padded': { containers: [{ ...main, image: 'nginx ' }, side] },
    'one-container-less': { containers: [main] },
    'container-renamed': { containers: [{ ...main, name: 'other' }, side] },
    'no-init': { initContainers: null },
    environment: { containers: [{ ...main, env: [{ name: 'A', value: '2' }] }, side] },
    resources: { containers: [{ ...main, resources: { requests: { cpu: '200m' } } }, side] },
    'node-name': { nodeName: 'other' },
    hostname: { hostname: 'other' },
    'service-account': { serviceAccountName: 'other' },
    'restart-policy': { restartPolicy: 'Never' },
    priority: { priority: 5 },
    'deadline-shorter': { activeDeadlineSeconds: 50 },
    'deadline-longer': { activeDeadlineSeconds: 200 },
    'deadline-gone': { activeDeadlineSeconds: null },
    'deadline-negative': { activeDeadlineSeconds: -1 },
    grace: { terminationGracePeriodSeconds: 5 },
    'tolerations-gone': { tolerations: [] },
    gates: { schedulingGates: [{ name: 'example.com/late' }] },
    'volume-more': { volumes: [...RICH.spec.volumes, { name: 'more', emptyDir: {} }] },
    'wrong-and-changed': { restartPolicy: 'Odd', hostname: 'A_B' },
  }),
  'labels-and-annotations': { metadata: { labels: { app: 'other' }, annotations: { note: 'yes' } } },
  mirror: { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } },
  'status-ignored': { status: { phase: 'Failed' } },
};

const listMerges: Cases = {
  'merge-image': { spec: { containers: [{ name: 'side', image: 'busybox:2' }] } },
  'merge-port': { spec: { containers: [{ name: 'main', ports: [{ containerPort: 80, name: 'web' }] }] } },
  'merge-env': { spec: { containers: [{ name: 'main', env: [{ name: 'B', value: '2' }] }] } },
  'merge-mount': { spec: { containers: [{ name: 'main', volumeMounts: [{ mountPath: '/data', readOnly: true }] }] } },
  'merge-volume': { spec: { volumes: [{ name: 'data', emptyDir: { medium: 'Memory' } }] } },
  'merge-toleration': { spec: { tolerations: [{ key: 'b', operator: 'Exists' }] } },
  'delete-volume': { spec: { volumes: [{ name: 'data', $patch: 'delete' }] } },
};

const statusRules: Cases = {
  'condition-type': { conditions: [{ type: 'a b', status: 'True' }] },
  'pod-ips': { podIPs: [{ ip: 'x' }] },
  'pod-ips-two': { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] },
  'pod-ips-dual': { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] },
  'host-ips': { hostIP: '10.0.0.1', hostIPs: [{ ip: '10.0.0.2' }] },
  nominated: { nominatedNodeName: 'A_B' },
  'qos-class': { qosClass: 'Guaranteed' },
  'observed-negative': { observedGeneration: -1 },
  'unknown-claim': { resourceClaimStatuses: [{ name: 'none', resourceClaimName: 'x' }] },
};

const TIME = '2026-01-02T03:04:05Z';
const container = (name: string, state: object, more: object = {}) => ({
  name,
  image: 'x',
  imageID: '',
  ready: false,
  restartCount: 0,
  state,
  ...more,
});
const running = { running: { startedAt: TIME } };
const waiting = (reason: string) => ({ waiting: { reason } });
const terminated = (exitCode: number, more: object = {}) => ({ terminated: { exitCode, ...more } });
const initialized = { type: 'Initialized', status: 'True' };

/** Every state that the server prints for a Pod that starts again and again. */
const states: Cases = {
  pending: { phase: 'Pending' },
  unschedulable: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] },
  gated: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
  'init-waiting': { conditions: [], initContainerStatuses: [container('first', waiting('PodInitializing'))] },
  'init-pull': { initContainerStatuses: [container('first', waiting('ImagePullBackOff'))] },
  'init-running': { initContainerStatuses: [container('first', running)] },
  'init-failed': { initContainerStatuses: [container('first', terminated(2), { restartCount: 3 })] },
  'init-signal': { initContainerStatuses: [container('first', terminated(0, { signal: 9 }))] },
  'init-reason': { initContainerStatuses: [container('first', terminated(1, { reason: 'Error' }))] },
  'init-crash': {
    initContainerStatuses: [
      container('first', waiting('CrashLoopBackOff'), {
        restartCount: 4,
        lastState: terminated(1, { finishedAt: TIME }),
      }),
    ],
  },
  creating: {
    conditions: [initialized],
    initContainerStatuses: [container('first', terminated(0, { reason: 'Completed' }), { ready: true })],
    containerStatuses: [
      container('main', waiting('ContainerCreating')),
      container('side', waiting('ContainerCreating')),
    ],
  },
  'pull-back-off': {
    containerStatuses: [container('main', waiting('ErrImagePull')), container('side', waiting('ImagePullBackOff'))],
  },
  'one-runs': {
    phase: 'Running',
    containerStatuses: [
      container('main', running, { ready: true }),
      container('side', waiting('CrashLoopBackOff'), { restartCount: 5 }),
    ],
  },
  'all-run': {
    conditions: [initialized, { type: 'Ready', status: 'True' }],
    containerStatuses: [
      container('main', running, { ready: true, restartCount: 2 }),
      container('side', running, { ready: true, restartCount: 1 }),
    ],
    podIP: '10.1.2.3',
    podIPs: [{ ip: '10.1.2.3' }],
    hostIP: '10.0.0.7',
    nominatedNodeName: 'node-7',
  },
  'not-ready': {
    conditions: [initialized, { type: 'Ready', status: 'False' }],
    containerStatuses: [container('main', running), container('side', running, { ready: true })],
  },
  completed: {
    conditions: [initialized],
    containerStatuses: [
      container('main', terminated(0, { reason: 'Completed' })),
      container('side', terminated(0, { reason: 'Completed' })),
    ],
  },
  'completed-and-runs': {
    conditions: [initialized, { type: 'Ready', status: 'True' }],
    containerStatuses: [
      container('main', terminated(0, { reason: 'Completed' })),
      container('side', running, { ready: true }),
    ],
  },
  'out-of-memory': {
    containerStatuses: [container('main', terminated(137, { reason: 'OOMKilled' })), container('side', running)],
  },
  'exit-code': {
    containerStatuses: [container('main', terminated(3)), container('side', terminated(0, { signal: 15 }))],
  },
  failed: {
    phase: 'Failed',
    reason: 'Evicted',
    message: 'The node was low on resource: memory.',
    containerStatuses: [],
  },
  succeeded: { phase: 'Succeeded', reason: null },
  'node-lost': { phase: 'Running', reason: 'NodeLost' },
  unknown: { phase: 'Unknown', reason: null },
};

const life: Script = rules('pod-updates', POD, [
  made(POD, 'web', RICH),
  ...changes(POD, 'web', updates),
  ...merges(POD, 'web', listMerges),
  ...statusTries(POD, 'web', statusRules),
  ...selections(
    POD,
    'spec.nodeName=',
    'spec.restartPolicy=Always',
    'spec.schedulerName=default-scheduler',
    'spec.serviceAccountName=default',
    'spec.hostNetwork=false',
    'status.podIP=',
    'status.podIPs=10.0.0.1',
    'status.nominatedNodeName=x',
    'spec.containers=1',
    'metadata.name=web,status.phase!=Running',
  ),
]);

const sub = (name: string, subresource: string, cases: Cases) =>
  patches(POD, `${name}/${subresource}`, cases, { detail: subresource });

const doors: Script = rules('pod-doors', POD, [
  made(POD, 'web', RICH),
  ...sub('web', 'ephemeralcontainers', {
    'ephemeral-wrong': { spec: { ephemeralContainers: [{ name: 'main', image: '' }] } },
    'ephemeral-target': { spec: { ephemeralContainers: [{ name: 'd', image: 'x', targetContainerName: 'none' }] } },
    'ephemeral-fields': {
      spec: {
        ephemeralContainers: [
          {
            name: 'd',
            image: 'x',
            ports: [{ containerPort: 1 }],
            livenessProbe: { tcpSocket: { port: 1 } },
            resources: { limits: { cpu: '1' } },
          },
        ],
      },
    },
    'ephemeral-right': { spec: { ephemeralContainers: [{ name: 'd', image: 'x', targetContainerName: 'main' }] } },
    'ephemeral-changed': { spec: { ephemeralContainers: [{ name: 'd', image: 'y' }] } },
    'ephemeral-removed': { spec: { ephemeralContainers: [{ name: 'e', image: 'y' }] } },
  }),
  ...sub('web', 'resize', {
    'resize-right': { spec: { containers: [{ ...main, resources: { requests: { cpu: '200m' } } }, side] } },
    'resize-removed': { spec: { containers: [{ ...main, resources: {} }, side] } },
    'resize-class': {
      spec: {
        containers: [
          { ...main, resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } } },
          side,
        ],
      },
    },
    'resize-renamed': { spec: { containers: [{ ...main, name: 'x' }, side] } },
    'resize-count': { spec: { containers: [main] } },
    'resize-other': { spec: { containers: [{ ...main, image: 'other' }, side] } },
    'resize-wrong': { spec: { containers: [{ ...main, resources: { requests: { cpu: '-1' } } }, side] } },
  }),
  got(POD, 'web', 'after-all'),
  ...[
    { target: { kind: 'Node', name: '' } },
    { target: { kind: 'Pod', name: 'x' } },
    { target: { name: 'node-1' }, metadata: { annotations: { 'example.com/by': 'me' } } },
  ].map((binding, at) => ({
    name: `bind-${at}`,
    request: `POST ${collectionOf(POD)}/web/binding`,
    body: { apiVersion: 'v1', kind: 'Binding', ...binding, metadata: { name: 'web', ...binding.metadata } },
    counts: { verb: 'create', detail: 'binding' },
  })),
  got(POD, 'web', 'bound'),
]);

const printing: Script = rules('pod-states', POD, [
  made(POD, 'web', RICH),
  ...printed(POD, 'web', states),
  ...removed(POD, 'web'),
]);

const GATED = { spec: { containers: [CONTAINER], schedulingGates: [{ name: 'a.io/b' }], nodeSelector: { a: 'b' } } };
const gated: Script = rules('pod-gates', POD, [
  made(POD, 'gated', GATED),
  ...changes(
    POD,
    'gated',
    ofSpec({
      'gate-added': { schedulingGates: [{ name: 'a.io/b' }, { name: 'c.io/d' }] },
      'gate-removed': { schedulingGates: [] },
      'selector-added': { nodeSelector: { c: 'd' } },
      'selector-changed': { nodeSelector: { a: 'c' } },
      'selector-removed': { nodeSelector: null },
      'affinity-added': {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
            },
          },
        },
      },
    }),
  ),
]);

export const podLifeScripts: readonly Script[] = [life, doors, printing, gated];
