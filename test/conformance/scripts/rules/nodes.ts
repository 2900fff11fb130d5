import type { Script } from '../../exchange';
import { changes, made, printed, removed, rules, selections, statusTries, tries, type Cases } from './family';
import { NODE } from './kind-paths';
import { ofSpec } from './pod-bases';

const NAME = '{ns}-one';
const taint = (...taints: object[]) => ({ spec: { taints } });

const refusals: Cases = {
  'taint-key': taint({ key: 'a b', effect: 'NoSchedule' }),
  'taint-value': taint({ key: 'a', value: 'not valid!', effect: 'NoSchedule' }),
  'taint-effect': taint({ key: 'a', effect: 'Odd' }),
  'taint-no-effect': taint({ key: 'a', effect: '' }),
  'taints-twice': taint({ key: 'a', effect: 'NoSchedule' }, { key: 'a', value: 'b', effect: 'NoSchedule' }),
  'taint-right': taint({ key: 'a', effect: 'NoExecute', timeAdded: '2026-01-02T03:04:05Z' }),
  'pod-cidr': { spec: { podCIDR: 'x', podCIDRs: ['x'] } },
  'pod-cidrs-same-family': { spec: { podCIDRs: ['10.1.0.0/24', '10.2.0.0/24'] } },
  'pod-cidr-right': { spec: { podCIDR: '10.1.0.0/24' } },
  'pod-cidr-bits': { spec: { podCIDR: '10.1.0.5/24' } },
  'external-id': { spec: { externalID: 'x' } },
  'config-source': { spec: { configSource: { configMap: { name: 'a', namespace: 'b', kubeletConfigKey: 'c' } } } },
  capacity: { status: { capacity: { pods: '-1' } } },
  'capacity-fraction': { status: { allocatable: { pods: '0.5' } } },
  'with-status': {
    status: { capacity: { cpu: '4', memory: '8Gi', pods: '110' }, conditions: [{ type: 'Ready', status: 'True' }] },
  },
  unschedulable: { spec: { unschedulable: true } },
  name: { metadata: { name: 'Node_1' } },
  'role-label': { metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } } },
  'old-label': { metadata: { labels: { 'beta.kubernetes.io/os': 'linux' } } },
};

const ready = (status: string) => ({ conditions: [{ type: 'Ready', status }] });
const info = {
  architecture: 'amd64',
  bootID: '',
  containerRuntimeVersion: 'containerd://2.0.0',
  kernelVersion: '6.1.0',
  kubeProxyVersion: 'v1.36.3',
  kubeletVersion: 'v1.36.3',
  machineID: '',
  operatingSystem: 'linux',
  osImage: 'Debian GNU/Linux 12',
  systemUUID: '',
};

export const nodeScripts: readonly Script[] = [
  rules('node-objects', NODE, [
    ...tries(NODE, {}, refusals),
    made(NODE, NAME, {
      metadata: {
        labels: {
          'node-role.kubernetes.io/worker': '',
          'kubernetes.io/role': 'db',
          'node-role.kubernetes.io/control-plane': '',
        },
      },
      spec: { providerID: 'kind://one', podCIDR: '10.1.0.0/24' },
    }),
    ...changes(NODE, NAME, {
      ...ofSpec({
        'provider-changed': { providerID: 'kind://two' },
        'cidr-changed': { podCIDR: '10.2.0.0/24', podCIDRs: ['10.2.0.0/24'] },
        'taint-wrong': { taints: [{ key: 'a', effect: 'Odd' }] },
        cordoned: { unschedulable: true },
        'config-source-later': { configSource: { configMap: { name: 'a', namespace: 'b', kubeletConfigKey: 'c' } } },
      }),
      'status-ignored': { status: ready('True') },
    }),
    ...statusTries(NODE, NAME, {
      'addresses-twice': {
        addresses: [
          { type: 'InternalIP', address: '10.0.0.1' },
          { type: 'InternalIP', address: '10.0.0.1' },
        ],
      },
      'capacity-negative': { capacity: { cpu: '-1' } },
      'features-unsorted': { declaredFeatures: ['B', 'A', 'a b'] },
    }),
    ...printed(NODE, NAME, {
      none: {},
      unknown: ready('Unknown'),
      'not-ready': ready('False'),
      ready: { ...ready('True'), nodeInfo: info },
      addresses: {
        addresses: [
          { type: 'Hostname', address: 'one' },
          { type: 'InternalIP', address: '10.0.0.7' },
          { type: 'ExternalIP', address: '203.0.113.7' },
        ],
      },
    }),
    ...changes(NODE, NAME, ofSpec({ 'cordoned-later': { unschedulable: true } })),
    ...selections(
      NODE,
      'metadata.name={ns}-one',
      'spec.unschedulable=true',
      'metadata.name={ns}-one,spec.unschedulable!=true',
    ),
    ...removed(NODE, NAME),
  ]),
];
