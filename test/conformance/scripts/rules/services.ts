import type { Script } from '../../exchange';
import {
  changes,
  got,
  made,
  merges,
  removed,
  row,
  rules,
  selections,
  statuses,
  statusTries,
  tries,
  type Cases,
} from './family';
import { SERVICE } from './kind-paths';
import { LABELS, ofSpec } from './pod-bases';

const PORT = { port: 80 };
const BASE = { spec: { selector: LABELS, ports: [PORT] } };
const balanced = (spec: object) => ({ type: 'LoadBalancer', ...spec });

const refusals: Cases = {
  ...ofSpec({
    'no-ports': { ports: [] },
    'port-range': { ports: [{ port: 65_536 }] },
    'port-negative': { ports: [{ port: -1, targetPort: 0 }] },
    'target-name': { ports: [{ port: 1, targetPort: 'Not--a-name-at-all' }] },
    protocol: { ports: [{ port: 1, protocol: 'ICMP' }] },
    'app-protocol': { ports: [{ port: 1, appProtocol: 'a b' }] },
    'unnamed-ports': { ports: [{ port: 1 }, { port: 2 }] },
    'same-names': {
      ports: [
        { port: 1, name: 'a' },
        { port: 2, name: 'a' },
      ],
    },
    'same-ports': {
      ports: [
        { port: 1, name: 'a' },
        { port: 1, name: 'b' },
      ],
    },
    'bad-port-name': { ports: [{ port: 1, name: 'A_B' }] },
    'node-port-of-cluster-ip': { ports: [{ port: 1, nodePort: 30_001 }] },
    'same-node-ports': {
      type: 'NodePort',
      ports: [
        { port: 1, name: 'a', nodePort: 30_002 },
        { port: 2, name: 'b', nodePort: 30_002 },
      ],
    },
    'node-port-range': { type: 'NodePort', ports: [{ port: 1, nodePort: 80 }] },
    selector: { selector: { 'a b': 'c' } },
    affinity: { sessionAffinity: 'Sticky' },
    'affinity-seconds': { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } },
    'affinity-seconds-many': {
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } },
    },
    'affinity-config-alone': { sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } },
    type: { type: 'Sideways' },
    'cluster-ip-word': { clusterIP: 'x' },
    'cluster-ip-zeros': { clusterIP: '010.096.000.001' },
    'cluster-ips-differ': { clusterIP: 'None', clusterIPs: ['10.96.7.7'] },
    'cluster-ips-none-and-more': { clusterIP: 'None', clusterIPs: ['None', '10.96.7.7'] },
    'cluster-ips-same-family': { clusterIP: '10.96.7.7', clusterIPs: ['10.96.7.7', '10.96.7.8'] },
    'cluster-ips-three': { clusterIPs: ['10.96.7.7', 'fd00::1', '10.96.7.8'] },
    'cluster-ip-other-family': { clusterIP: 'fd00::1' },
    'cluster-ip-outside': { clusterIP: '10.1.2.3' },
    families: { ipFamilies: ['IPv5'] },
    'families-twice': { ipFamilies: ['IPv4', 'IPv4'] },
    'family-six': { ipFamilies: ['IPv6'] },
    'family-policy': { ipFamilyPolicy: 'TripleStack' },
    'dual-required': { ipFamilyPolicy: 'RequireDualStack' },
    'family-and-ip': { clusterIP: '10.96.7.9', ipFamilies: ['IPv6'] },
    'external-ips': { externalIPs: ['x', '127.0.0.1', '0.0.0.0', '169.254.0.1', '224.0.0.5'] },
    'headless-node-port': { type: 'NodePort', clusterIP: 'None' },
    'headless-balancer': balanced({ clusterIP: 'None' }),
    'source-ranges': { loadBalancerSourceRanges: ['10.0.0.0/8'] },
    'source-ranges-wrong': balanced({ loadBalancerSourceRanges: ['x', '10.0.0.0/33'] }),
    'allocate-ports': { allocateLoadBalancerNodePorts: true },
    'balancer-class': { loadBalancerClass: 'example.com/a' },
    'balancer-class-name': balanced({ loadBalancerClass: 'a b' }),
    'external-policy': { externalTrafficPolicy: 'Local' },
    'external-policy-word': { type: 'NodePort', externalTrafficPolicy: 'Odd' },
    'internal-policy': { internalTrafficPolicy: 'Odd' },
    'health-check-port': { healthCheckNodePort: 30_100 },
    'health-check-range': balanced({ externalTrafficPolicy: 'Local', healthCheckNodePort: 70_000 }),
    distribution: { trafficDistribution: 'Far' },
    'external-name-none': { type: 'ExternalName' },
    'external-name-wrong': { type: 'ExternalName', externalName: 'A_B' },
    'external-name-address': { type: 'ExternalName', externalName: 'a.b', clusterIP: '10.96.7.7' },
    'external-name-families': {
      type: 'ExternalName',
      externalName: 'a.b',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    },
    'many-wrong': { type: 'x', sessionAffinity: 'y', ports: [{ port: 0, protocol: 'z', name: 'A' }] },
  }),
  'name-digit': { metadata: { name: '1abc' } },
  'name-dots': { metadata: { name: 'a.b' } },
  'name-long': { metadata: { name: 'x'.repeat(64) } },
  'topology-annotations': {
    metadata: {
      annotations: {
        'service.kubernetes.io/topology-aware-hints': 'Auto',
        'service.kubernetes.io/topology-mode': 'Off',
      },
    },
  },
  'ranges-annotation': { metadata: { annotations: { 'service.beta.kubernetes.io/load-balancer-source-ranges': 'x' } } },
};

const defaults: Cases = ofSpec({
  plain: {},
  'no-selector': { selector: null },
  'node-port': { type: 'NodePort' },
  'node-port-local': { type: 'NodePort', externalTrafficPolicy: 'Local' },
  balancer: balanced({}),
  'balancer-no-ports': balanced({ allocateLoadBalancerNodePorts: false }),
  'balancer-local': balanced({ externalTrafficPolicy: 'Local', loadBalancerClass: 'example.com/a' }),
  'balancer-ranges': balanced({ loadBalancerSourceRanges: ['10.0.0.0/8', '10.0.0.1/8'], loadBalancerIP: '10.0.0.9' }),
  headless: { clusterIP: 'None' },
  'headless-no-ports': { clusterIP: 'None', ports: null },
  'headless-no-selector': { clusterIP: 'None', selector: null },
  'headless-ignored': { clusterIP: 'None', externalIPs: ['10.1.1.1'], sessionAffinity: 'ClientIP' },
  'prefer-dual': { ipFamilyPolicy: 'PreferDualStack' },
  'prefer-dual-headless': { clusterIP: 'None', ipFamilyPolicy: 'PreferDualStack' },
  'external-name': { type: 'ExternalName', externalName: 'example.com.' },
  'external-name-port': { type: 'ExternalName', externalName: 'example.com', externalIPs: ['10.1.1.1'] },
  'name-ignored': { externalName: 'example.com' },
  affinity: { sessionAffinity: 'ClientIP' },
  'external-ip': { externalIPs: ['10.1.1.1'] },
  'prefer-close': { trafficDistribution: 'PreferClose' },
  'same-zone': { trafficDistribution: 'PreferSameZone' },
  'internal-local': { internalTrafficPolicy: 'Local' },
  'publish-not-ready': { publishNotReadyAddresses: true },
  ports: {
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'dns-tcp', port: 53, targetPort: 'dns' },
      { name: 'http', port: 80, targetPort: 8080, appProtocol: 'kubernetes.io/h2c' },
    ],
  },
  'chosen-ip': { clusterIP: '10.96.77.77' },
});

const updates: Cases = ofSpec({
  'other-ip': { clusterIP: '10.96.9.9', clusterIPs: ['10.96.9.9'] },
  'ip-gone': { clusterIP: '', clusterIPs: null },
  'to-headless': { clusterIP: 'None', clusterIPs: ['None'] },
  'to-node-port': { type: 'NodePort' },
  'to-balancer': { type: 'LoadBalancer' },
  'to-name': { type: 'ExternalName', externalName: 'example.com' },
  'to-name-without': {
    type: 'ExternalName',
    externalName: 'example.com',
    clusterIP: null,
    clusterIPs: null,
    ipFamilies: null,
    ipFamilyPolicy: null,
  },
  'to-family-six': { ipFamilies: ['IPv6'] },
  'to-dual': { ipFamilyPolicy: 'RequireDualStack' },
  'ports-gone': { ports: [] },
  'port-changed': { ports: [{ port: 81 }] },
  'class-added': { loadBalancerClass: 'example.com/a' },
  'affinity-on': { sessionAffinity: 'ClientIP' },
});

const MERGES: Cases = ofSpec({
  'port-by-number': { ports: [{ port: 80, targetPort: 8080 }] },
  'port-more': { ports: [{ port: 81, name: 'more' }] },
  'port-deleted': { ports: [{ port: 80, $patch: 'delete' }] },
  'selector-replaced': { selector: { $patch: 'replace', tier: 'back' } },
});

export const serviceScripts: readonly Script[] = [
  rules('service-refusals', SERVICE, tries(SERVICE, BASE, refusals)),
  rules('service-defaults', SERVICE, tries(SERVICE, BASE, defaults)),
  rules('service-updates', SERVICE, [
    made(SERVICE, 'plain', BASE),
    ...changes(SERVICE, 'plain', updates),
    ...merges(SERVICE, 'plain', MERGES),
    ...statusTries(SERVICE, 'plain', { 'ingress-of-plain': { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } } }),
    made(SERVICE, 'balanced', { spec: balanced({ ports: [PORT], loadBalancerClass: 'example.com/a' }) }),
    ...changes(
      SERVICE,
      'balanced',
      ofSpec({
        'class-changed': { loadBalancerClass: 'example.com/b' },
        'class-gone': { loadBalancerClass: null },
        'back-to-plain': { type: 'ClusterIP' },
      }),
    ),
    ...statusTries(SERVICE, 'balanced', {
      'ingress-wrong': { loadBalancer: { ingress: [{ ip: 'x' }, { hostname: '10.0.0.1' }, { hostname: 'A_B' }] } },
      'ingress-mode': {
        loadBalancer: {
          ingress: [
            { ip: '10.0.0.1', ipMode: 'Odd' },
            { hostname: 'a.b', ipMode: 'VIP' },
          ],
        },
      },
      conditions: { conditions: [{ type: 'a b', status: 'Odd', reason: '', message: '', lastTransitionTime: null }] },
    }),
    row(SERVICE, 'balanced', 'row-pending'),
    ...statuses(SERVICE, 'balanced', {
      ingress: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }, { hostname: 'lb.example.com' }] } },
    }),
    row(SERVICE, 'balanced', 'row-balanced'),
    got(SERVICE, 'balanced', 'after-status'),
    made(SERVICE, 'headless', { spec: { clusterIP: 'None', selector: LABELS } }),
    row(SERVICE, 'headless', 'row-headless'),
    ...changes(
      SERVICE,
      'headless',
      ofSpec({
        'headless-to-ip': { clusterIP: '10.96.5.5', clusterIPs: ['10.96.5.5'] },
        'headless-to-node-port': { type: 'NodePort' },
      }),
    ),
    made(SERVICE, 'named', { spec: { type: 'ExternalName', externalName: 'example.com' } }),
    row(SERVICE, 'named', 'row-named'),
    ...changes(
      SERVICE,
      'named',
      ofSpec({
        'named-to-ip': { type: 'ClusterIP', ports: [PORT] },
        'other-name': { externalName: 'other.example.com' },
      }),
    ),
    made(SERVICE, 'outside', {
      spec: {
        type: 'NodePort',
        ports: [
          { port: 80, name: 'a' },
          { port: 443, name: 'b', protocol: 'TCP' },
        ],
        externalIPs: ['10.1.1.1', '10.1.1.2'],
      },
    }),
    row(SERVICE, 'outside', 'row-outside'),
    ...selections(SERVICE, 'spec.type=ExternalName', 'spec.clusterIP=None', 'spec.selector=1', 'metadata.name=plain'),
    ...removed(SERVICE, 'plain', 'balanced', 'headless', 'named', 'outside'),
  ]),
];
