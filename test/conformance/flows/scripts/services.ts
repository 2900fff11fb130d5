/** Endpoints of Services, and slices of them; quotas; what a namespace always has. */
import type { Flow, FlowStep, Manifest } from '../flow';
import { container, deployment, scaleTo, type PodOptions } from './manifests';

const WEB = 'services/web';
const ENDPOINTS = ['endpoints', 'endpointslices'];

const flow = (name: string, ...steps: readonly (FlowStep | FlowStep[])[]): Flow => ({ name, steps: steps.flat() });

/** Slices are put together a moment after what changed. */
const noted = (note: string, also: readonly string[] = ENDPOINTS): FlowStep[] => [
  { quiet: true },
  { pass: 2 },
  { note, also },
];

const service = (spec: Record<string, unknown> = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { tier: 'front' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }], ...spec },
});

function pods(name: string, replicas: number, pod: PodOptions = {}): FlowStep[] {
  const isReady = pod.life?.['outcome'] !== 'unready';
  return [
    { create: deployment(name, { replicas, pod: { labels: { tier: 'front' }, ...pod } }) },
    { pods: `app=${name}`, are: { 'status.phase': 'Running' }, count: replicas },
    {
      until: `deployments/${name}`,
      has: { 'status.readyReplicas': isReady ? replicas : undefined, 'status.replicas': replicas },
    },
  ];
}
const unready: PodOptions = { life: { outcome: 'unready' } };
const withPorts = (...ports: object[]): PodOptions => ({ spec: { containers: [{ ...container, ports }] } });

const endpoints: readonly Flow[] = [
  flow('endpoints/ready', pods('web', 2), { create: service() }, noted('two')),
  flow('endpoints/unready', pods('web', 1), pods('slow', 1, unready), { create: service() }, noted('one of two')),
  flow(
    'endpoints/unready-published',
    pods('slow', 2, unready),
    { create: service({ publishNotReadyAddresses: true }) },
    noted('both'),
  ),
  flow(
    'endpoints/named-ports',
    pods(
      'web',
      1,
      withPorts({ name: 'http', containerPort: 8080 }, { name: 'dns', containerPort: 53, protocol: 'UDP' }),
    ),
    {
      create: service({
        ports: [
          { name: 'http', port: 80, targetPort: 'http' },
          { name: 'dns', port: 53, targetPort: 'dns', protocol: 'UDP', appProtocol: 'example.com/dns' },
          { name: 'none', port: 90, targetPort: 'nobody' },
        ],
      }),
    },
    noted('those that are there'),
  ),
  flow(
    'endpoints/ports-that-differ',
    pods('web', 1, withPorts({ name: 'http', containerPort: 8080 })),
    pods('old', 1, withPorts({ name: 'http', containerPort: 8000 })),
    { create: service({ ports: [{ port: 80, targetPort: 'http' }] }) },
    noted('two subsets, two slices'),
  ),
  flow('endpoints/headless', pods('web', 1), { create: service({ clusterIP: 'None' }) }, noted('marked')),
  flow(
    'endpoints/headless-no-ports',
    pods('web', 1),
    { create: service({ clusterIP: 'None', ports: [] }) },
    noted('no ports'),
  ),
  flow('endpoints/of-nobody', { create: service() }, noted('empty')),
  flow(
    'endpoints/external-name',
    pods('web', 1),
    { create: service({ type: 'ExternalName', externalName: 'example.com' }) },
    noted('none'),
  ),
  flow(
    'endpoints/selector-changed',
    pods('web', 1),
    { create: service() },
    noted('one'),
    { patch: WEB, with: { spec: { selector: { tier: 'back' } } } },
    noted('none'),
    {
      patch: WEB,
      with: { spec: { selector: { tier: 'front' }, ports: [{ name: 'http', port: 81, targetPort: 9090 }] } },
    },
    noted('another port'),
  ),
  flow(
    'endpoints/removed',
    pods('web', 1),
    { create: service() },
    { quiet: true },
    { remove: WEB },
    noted('gone with it'),
  ),
  flow(
    'endpoints/mirrored',
    { create: service({ selector: null }) },
    {
      create: {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { name: 'web', labels: { hand: 'made' }, annotations: { note: 'kept' } },
        subsets: [
          {
            addresses: [{ ip: '192.0.2.1', hostname: 'one' }],
            notReadyAddresses: [{ ip: '192.0.2.2' }],
            ports: [{ name: 'http', port: 8080 }],
          },
        ],
      },
    },
    noted('as a slice'),
    {
      patch: 'endpoints/web',
      with: { subsets: [{ addresses: [{ ip: '192.0.2.3' }], ports: [{ name: 'http', port: 8081 }] }] },
    },
    noted('changed'),
    { remove: 'endpoints/web' },
    noted('gone'),
  ),
  flow(
    'endpoints/not-mirrored',
    { create: service({ selector: null }) },
    {
      create: {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { name: 'web', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
        subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 8080 }] }],
      },
    },
    noted('no slice'),
  ),
];

const quota = (hard: Record<string, string>, more: object = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'few' },
  spec: { hard, ...more },
});
const QUOTAS = ['resourcequotas'];
const asking: PodOptions = {
  spec: {
    containers: [{ ...container, resources: { requests: { cpu: '100m' }, limits: { cpu: '200m', memory: '64Mi' } } }],
  },
};
const configMap = (name: string): FlowStep => ({ create: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } } });

const quotas: readonly Flow[] = [
  flow(
    'quotas/counted',
    {
      create: quota({
        pods: '5',
        'requests.cpu': '1',
        'limits.memory': '1Gi',
        'count/configmaps': '9',
        'count/deployments.apps': '3',
        services: '1',
      }),
    },
    { pass: 2 },
    pods('web', 2, asking),
    configMap('one'),
    noted('in use', QUOTAS),
    scaleTo('deployments/web', 1),
    { pods: 'app=web', count: 1 },
    { remove: 'configmaps/one' },
    { pass: 6 },
    noted('less', QUOTAS),
    { patch: 'resourcequotas/few', with: { spec: { hard: { pods: '7', services: null } } } },
    noted('another limit', QUOTAS),
  ),
  flow(
    'quotas/scoped',
    { create: quota({ pods: '5' }, { scopes: ['BestEffort'] }) },
    { pass: 2 },
    pods('web', 1, asking),
    pods('best', 2),
    noted('two of three', QUOTAS),
  ),
  flow(
    'quotas/made-later',
    pods('web', 2, asking),
    { create: quota({ pods: '1', 'requests.cpu': '100m' }) },
    noted('more than allowed', QUOTAS),
  ),
];

const always: readonly Flow[] = [
  flow('namespaces/account-again', { remove: 'serviceaccounts/default' }, noted('there again', ['serviceaccounts'])),
];

export const serviceFlows: readonly Flow[] = [...endpoints, ...quotas, ...always];
