import type { Script } from '../../exchange';
import { rules, tries, type Cases } from './family';
import { POD } from './kind-paths';
import { CONTAINER, POD_BASE, ofContainer, wrapped } from './pod-bases';

const basics: Cases = {
  'no-name': { name: '' },
  'bad-name': { name: 'Not.A-Label' },
  'long-name': { name: 'x'.repeat(64) },
  'dotted-name': { name: 'a.b' },
  'no-image': { image: '' },
  'padded-image': { image: ' nginx ' },
  'pull-policy': { imagePullPolicy: 'Sometimes' },
  latest: { image: 'nginx' },
  digest: { image: 'nginx@sha256:0123456789012345678901234567890123456789012345678901234567890123' },
  'message-policy': { terminationMessagePolicy: 'Shout' },
  'everything-wrong': {
    name: 'A_B',
    image: '',
    imagePullPolicy: 'x',
    terminationMessagePolicy: 'y',
    ports: [{ containerPort: 0 }],
    env: [{ name: '' }],
    resources: { limits: { cpu: '-1' } },
  },
  'restart-policy': { restartPolicy: 'Perhaps' },
  'restart-rules': {
    restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [1] } }],
  },
  'restart-rules-wrong': {
    restartPolicy: 'Never',
    restartPolicyRules: [{ action: 'Explode' }, { action: 'Restart', exitCodes: { operator: 'Near', values: [1] } }],
  },
  'resize-policy': { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] },
  'resize-policy-wrong': {
    resizePolicy: [
      { resourceName: 'disk', restartPolicy: 'Later' },
      { resourceName: 'disk', restartPolicy: '' },
    ],
  },
  'stop-signal': { lifecycle: { stopSignal: 'SIGUSR1' } },
};

const ports: Cases = wrapped(
  {
    range: { ports: [{ containerPort: 65_536 }, { containerPort: -1 }] },
    names: {
      ports: [
        { containerPort: 1, name: 'Not--valid-' },
        { containerPort: 2, name: '123' },
      ],
    },
    'long-name': { ports: [{ containerPort: 1, name: 'x'.repeat(16) }] },
    twice: {
      ports: [
        { containerPort: 80, name: 'http' },
        { containerPort: 81, name: 'http' },
      ],
    },
    'same-number': { ports: [{ containerPort: 80 }, { containerPort: 80 }] },
    protocol: { ports: [{ containerPort: 80, protocol: 'ICMP' }] },
    'host-port': { ports: [{ containerPort: 80, hostPort: 70_000 }] },
    'host-port-twice': {
      ports: [
        { containerPort: 80, hostPort: 80 },
        { containerPort: 81, hostPort: 80 },
      ],
    },
    'host-ip-alone': { ports: [{ containerPort: 80, hostIP: '10.0.0.1' }] },
    word: { ports: [{ containerPort: 'eighty' }] },
    'all-protocols': {
      ports: [
        { containerPort: 53, protocol: 'UDP' },
        { containerPort: 53, protocol: 'SCTP', name: 'dns' },
        { containerPort: 53 },
      ],
    },
  },
  (container) => container,
);

const from = (valueFrom: object, value?: string) => ({ env: [{ name: 'A', valueFrom, ...(value ? { value } : {}) }] });
const environment: Cases = {
  'env-names': { env: [{ name: 'a=b' }, { name: 'ü' }] },
  'env-odd-name': { env: [{ name: '1 odd name', value: 'x' }] },
  'env-empty-source': from({}),
  'env-two-sources': from({ fieldRef: { fieldPath: 'metadata.name' }, configMapKeyRef: { name: 'a', key: 'b' } }),
  'env-source-and-value': from({ fieldRef: { fieldPath: 'metadata.name' } }, 'x'),
  'env-field': from({ fieldRef: { fieldPath: 'spec.containers' } }),
  'env-field-none': from({ fieldRef: { fieldPath: '' } }),
  'env-field-unsupported': from({ fieldRef: { fieldPath: 'metadata.labels' } }),
  'env-field-version': from({ fieldRef: { fieldPath: 'metadata.name', apiVersion: 'v9' } }),
  'env-label': from({ fieldRef: { fieldPath: "metadata.labels['app']" } }),
  'env-label-wrong': from({ fieldRef: { fieldPath: "metadata.labels['a b']" } }),
  'env-annotation-wrong': from({ fieldRef: { fieldPath: "metadata.annotations['a/b/c']" } }),
  'env-subscript': from({ fieldRef: { fieldPath: "metadata.name['x']" } }),
  'env-host-ips': from({ fieldRef: { fieldPath: 'status.hostIPs' } }),
  'env-resource': from({ resourceFieldRef: { resource: 'limits.cpu' } }),
  'env-resource-none': from({ resourceFieldRef: { resource: '' } }),
  'env-resource-wrong': from({ resourceFieldRef: { resource: 'limits.gpu' } }),
  'env-divisor-cpu': from({ resourceFieldRef: { resource: 'limits.cpu', divisor: '2' } }),
  'env-divisor-memory': from({ resourceFieldRef: { resource: 'requests.memory', divisor: '1m' } }),
  'env-divisor-huge': from({ resourceFieldRef: { resource: 'limits.hugepages-2Mi', divisor: '3Mi' } }),
  'env-divisor-storage': from({ resourceFieldRef: { resource: 'limits.ephemeral-storage', divisor: '5' } }),
  'env-config-key': from({ configMapKeyRef: { name: 'A_B', key: 'a b' } }),
  'env-config-none': from({ configMapKeyRef: { name: '', key: '' } }),
  'env-secret-key': from({ secretKeyRef: { name: 'a', key: '..' } }),
  'env-secret-long': from({ secretKeyRef: { name: 'a', key: 'x'.repeat(254) } }),
  'env-file-key': from({ fileKeyRef: { key: 'A', volumeName: 'data', path: 'a.env' } }),
  'env-file-key-none': from({ fileKeyRef: { key: '', volumeName: '', path: '' } }),
  'env-twice': {
    env: [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
    ],
  },
  'env-from-none': { envFrom: [{}] },
  'env-from-both': { envFrom: [{ configMapRef: { name: 'a' }, secretRef: { name: 'b' } }] },
  'env-from-names': { envFrom: [{ prefix: 'a=b', configMapRef: { name: '' } }, { secretRef: { name: 'A_B' } }] },
  'env-from-right': { envFrom: [{ prefix: 'P_', configMapRef: { name: 'a', optional: true } }] },
};

const http = (fields: object) => ({ livenessProbe: { httpGet: { port: 80, ...fields } } });
const probes: Cases = {
  'probe-none': { livenessProbe: {} },
  'probe-two': { livenessProbe: { exec: { command: ['a'] }, tcpSocket: { port: 1 } } },
  'probe-exec-none': { readinessProbe: { exec: { command: [] } } },
  'probe-http-right': http({ path: '/health', scheme: 'HTTPS', httpHeaders: [{ name: 'X-A', value: 'b' }] }),
  'probe-http-port': http({ port: 0 }),
  'probe-http-name': http({ port: 'Not--a-name' }),
  'probe-http-scheme': http({ scheme: 'FTP' }),
  'probe-http-header': http({ httpHeaders: [{ name: 'a b', value: 'c' }] }),
  'probe-tcp-port': { startupProbe: { tcpSocket: { port: 65_536 } } },
  'probe-grpc': { livenessProbe: { grpc: { port: 9000 } } },
  'probe-grpc-port': { livenessProbe: { grpc: { port: 0 } } },
  'probe-negative': {
    readinessProbe: {
      tcpSocket: { port: 1 },
      initialDelaySeconds: -1,
      timeoutSeconds: -2,
      periodSeconds: -3,
      successThreshold: -4,
      failureThreshold: -5,
    },
  },
  'probe-success-liveness': { livenessProbe: { tcpSocket: { port: 1 }, successThreshold: 2 } },
  'probe-success-readiness': { readinessProbe: { tcpSocket: { port: 1 }, successThreshold: 2 } },
  'probe-success-startup': { startupProbe: { tcpSocket: { port: 1 }, successThreshold: 3 } },
  'probe-grace-zero': { livenessProbe: { tcpSocket: { port: 1 }, terminationGracePeriodSeconds: 0 } },
  'probe-grace-readiness': { readinessProbe: { tcpSocket: { port: 1 }, terminationGracePeriodSeconds: 5 } },
  'probe-all': {
    livenessProbe: { exec: { command: ['a'] }, terminationGracePeriodSeconds: 3 },
    readinessProbe: { grpc: { port: 1, service: 'health' } },
    startupProbe: { httpGet: { port: 'http', path: '/x', host: 'example.com' }, failureThreshold: 30 },
  },
  'hook-none': { lifecycle: { preStop: {} } },
  'hook-two': { lifecycle: { postStart: { exec: { command: ['a'] }, sleep: { seconds: 1 } } } },
  'hook-sleep': { lifecycle: { preStop: { sleep: { seconds: 5 } } } },
  'hook-sleep-long': { lifecycle: { preStop: { sleep: { seconds: 31 } } } },
  'hook-sleep-negative': { lifecycle: { preStop: { sleep: { seconds: -1 } } } },
  'hook-http': { lifecycle: { postStart: { httpGet: { port: 80 } }, preStop: { tcpSocket: { port: 81 } } } },
};

const resources = (limits: object, requests: object = {}) => ({ resources: { limits, requests } });
const amounts: Cases = {
  negative: resources({ cpu: '-1' }),
  'request-negative': resources({}, { memory: '-1Gi' }),
  'request-above-limit': resources({ cpu: '1' }, { cpu: '2' }),
  'unknown-resource': resources({ widgets: '1' }),
  'not-of-containers': resources({ pods: '1' }),
  'bad-resource-name': resources({ 'a b': '1' }),
  'extended-resource': resources({ 'example.com/gpu': '2' }),
  'extended-fraction': resources({ 'example.com/gpu': '0.5' }),
  'extended-different': resources({ 'example.com/gpu': '2' }, { 'example.com/gpu': '1' }),
  'extended-no-limit': resources({}, { 'example.com/gpu': '1' }),
  'requests-prefix': resources({ 'requests.example.com/gpu': '1' }),
  'native-prefix': resources({ 'kubernetes.io/thing': '1' }),
  'huge-pages': resources({ 'hugepages-2Mi': '4Mi', cpu: '1' }),
  'huge-pages-alone': resources({ 'hugepages-2Mi': '4Mi' }),
  'huge-pages-odd': resources({ 'hugepages-2Mi': '3Mi', cpu: '1' }),
  'storage-fraction': resources({ 'ephemeral-storage': '0.5' }),
  'memory-fraction': resources({ memory: '100m' }),
  'not-a-quantity': resources({ cpu: 'lots' }),
  rounding: resources({ cpu: '0.0001', memory: '1.5Gi' }, { cpu: '1e-4' }),
  'limits-only': resources({ cpu: '2', memory: '1024Mi' }),
  'claim-unknown': { resources: { claims: [{ name: 'gpu' }] } },
  'claim-none': { resources: { claims: [{ name: '' }] } },
  'claim-twice': { resources: { claims: [{ name: 'gpu' }, { name: 'gpu' }] } },
};

const init = (fields: object, more: object = {}) => ({
  spec: { initContainers: [{ name: 'first', image: 'busybox', ...fields }], ...more },
});
const groups: Cases = {
  'no-containers': { spec: { containers: [] } },
  'same-names': { spec: { containers: [CONTAINER, CONTAINER] } },
  'same-host-ports': {
    spec: {
      containers: [
        { ...CONTAINER, ports: [{ containerPort: 1, hostPort: 1 }] },
        { name: 'other', image: 'x', ports: [{ containerPort: 2, hostPort: 1 }] },
      ],
    },
  },
  'same-port-names': {
    spec: {
      containers: [
        { ...CONTAINER, ports: [{ containerPort: 1, name: 'http' }] },
        { name: 'other', image: 'x', ports: [{ containerPort: 2, name: 'http' }] },
      ],
    },
  },
  'init-right': init({}),
  'init-same-name': init({ name: 'main' }),
  'init-probe': init({ livenessProbe: { tcpSocket: { port: 1 } }, readinessProbe: { tcpSocket: { port: 1 } } }),
  'init-lifecycle': init({
    lifecycle: { preStop: { exec: { command: ['a'] } } },
    startupProbe: { tcpSocket: { port: 1 } },
  }),
  'init-policy': init({ restartPolicy: 'Sometimes' }),
  'init-resize': init({ resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }),
  'init-padded-image': init({ image: ' x' }),
  'sidecar-probe': init({ restartPolicy: 'Always', startupProbe: { tcpSocket: { port: 0 } } }),
  'sidecar-lifecycle': init({ restartPolicy: 'Always', lifecycle: { postStart: {} } }),
  'ephemeral-on-create': { spec: { ephemeralContainers: [{ name: 'debug', image: 'busybox' }] } },
};

export const podContainerScripts: readonly Script[] = [
  rules('pod-containers', POD, tries(POD, POD_BASE, { ...ofContainer(basics), ...groups })),
  rules('pod-ports', POD, tries(POD, POD_BASE, ofContainer(ports))),
  rules('pod-environment', POD, tries(POD, POD_BASE, ofContainer(environment))),
  rules('pod-probes', POD, tries(POD, POD_BASE, ofContainer(probes))),
  rules('pod-resources', POD, tries(POD, POD_BASE, ofContainer(amounts))),
];
