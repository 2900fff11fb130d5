import type { Script } from '../../exchange';
import {
  changes,
  made,
  merges,
  printed,
  removed,
  row,
  rules,
  selections,
  statusTries,
  tries,
  type Cases,
} from './family';
import { ENDPOINT_SLICE, INGRESS, INGRESS_CLASS, IP_ADDRESS, NETWORK_POLICY, SERVICE_CIDR } from './kind-paths';
import { SELECTOR, ofSpec } from './pod-bases';

const backend = (service: object) => ({ service: { name: 'web', port: { number: 80 }, ...service } });
const path = (fields: object) => ({ path: '/', pathType: 'Prefix', backend: backend({}), ...fields });
const rule = (fields: object, host = 'web.example.com') => ({ rules: [{ host, http: { paths: [path(fields)] } }] });
const INGRESS_BASE = { spec: rule({}) };

const ingresses: Cases = {
  ...ofSpec({
    nothing: { rules: null },
    'default-only': { rules: null, defaultBackend: backend({}) },
    'default-empty': { defaultBackend: {} },
    'default-both': { defaultBackend: { ...backend({}), resource: { kind: 'Bucket', name: 'a' } } },
    'default-resource': { defaultBackend: { resource: { apiGroup: 'example.com', kind: 'Bucket', name: 'a' } } },
    'resource-wrong': { defaultBackend: { resource: { apiGroup: 'A_B', kind: '', name: 'a/b' } } },
    'host-ip': rule({}, '10.0.0.1'),
    'host-name': rule({}, 'A_B'),
    'host-wildcard': rule({}, '*.example.com'),
    'host-wildcard-wrong': rule({}, 'a.*.com'),
    'no-paths': { rules: [{ http: { paths: [] } }] },
    'no-http': { rules: [{ host: 'a.b' }] },
    'no-path-type': { rules: [{ http: { paths: [{ path: '/', backend: backend({}) }] } }] },
    'path-type': rule({ pathType: 'Odd' }),
    'path-relative': rule({ path: 'x' }),
    'path-empty': rule({ path: '' }),
    'path-empty-any': rule({ path: '', pathType: 'ImplementationSpecific' }),
    'path-relative-any': rule({ path: 'x', pathType: 'ImplementationSpecific' }),
    'path-sequences': rule({ path: '/a//b/./c/../d%2fe%2F' }),
    'path-suffixes': rule({ path: '/a/..', pathType: 'Exact' }),
    'no-service-name': rule({ backend: backend({ name: '' }) }),
    'service-name': rule({ backend: backend({ name: 'A_B' }) }),
    'service-digit': rule({ backend: backend({ name: '1web' }) }),
    'no-port': rule({ backend: backend({ port: {} }) }),
    'both-ports': rule({ backend: backend({ port: { name: 'http', number: 80 } }) }),
    'port-name': rule({ backend: backend({ port: { name: 'A--B' } }) }),
    'port-number': rule({ backend: backend({ port: { number: 70_000 } }) }),
    'no-backend': rule({ backend: {} }),
    'tls-hosts': { tls: [{ hosts: ['A_B', '*.a', 'b.*'], secretName: 'A_B' }] },
    'tls-right': { tls: [{ hosts: ['a.b', '*.a.b'], secretName: 'cert' }] },
    class: { ingressClassName: 'A_B' },
    'class-right': { ingressClassName: 'nginx' },
  }),
  'old-class': { metadata: { annotations: { 'kubernetes.io/ingress.class': 'nginx' } } },
  'both-classes': {
    metadata: { annotations: { 'kubernetes.io/ingress.class': 'a' } },
    spec: { ingressClassName: 'b' },
  },
};

const parameters = (fields: object) => ({ parameters: { kind: 'Config', name: 'a', ...fields } });
const classes: Cases = ofSpec({
  'no-controller': { controller: '' },
  'controller-word': { controller: 'nginx' },
  'controller-host': { controller: 'A_B/x y' },
  'controller-long': { controller: `example.com/${'x'.repeat(250)}` },
  parameters: parameters({}),
  'parameters-none': parameters({ kind: '', name: '', apiGroup: 'A_B' }),
  'parameters-names': parameters({ kind: 'a/b', name: 'a%b' }),
  'scope-word': parameters({ scope: 'Odd' }),
  'scope-namespace': parameters({ scope: 'Namespace' }),
  'scope-namespace-right': parameters({ scope: 'Namespace', namespace: 'default' }),
  'scope-namespace-name': parameters({ scope: 'Namespace', namespace: 'A_B' }),
  'scope-cluster-namespace': parameters({ scope: 'Cluster', namespace: 'default' }),
});

const peer = (from: object) => ({ ingress: [{ from: [from] }] });
const block = (cidr: string, except?: string[]) => peer({ ipBlock: { cidr, ...(except ? { except } : {}) } });
const port = (ports: object) => ({ egress: [{ ports: [ports] }] });
const policies: Cases = ofSpec({
  all: { podSelector: {} },
  selector: { podSelector: { matchExpressions: [{ key: 'a', operator: 'Near' }] } },
  'peer-none': peer({}),
  'peer-both': peer({ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }),
  'peer-selectors': peer({ podSelector: { matchLabels: { a: 'b' } }, namespaceSelector: {} }),
  'peer-selector-wrong': peer({ namespaceSelector: { matchLabels: { 'a b': 'c' } } }),
  'block-none': block(''),
  'block-word': block('x'),
  'block-bits': block('10.0.0.5/8'),
  'block-six': block('2001:DB8::/32', ['2001:db8::/64']),
  'except-word': block('10.0.0.0/8', ['x']),
  'except-outside': block('10.0.0.0/8', ['11.0.0.0/16']),
  'except-same': block('10.0.0.0/8', ['10.0.0.0/8']),
  'except-right': block('10.0.0.0/8', ['10.1.0.0/16']),
  protocol: port({ protocol: 'ICMP' }),
  'port-range': port({ port: 0 }),
  'port-name': port({ port: 'A--B' }),
  'end-port': port({ port: 80, endPort: 90 }),
  'end-port-lower': port({ port: 80, endPort: 70 }),
  'end-port-name': port({ port: 'http', endPort: 70 }),
  'end-port-alone': port({ endPort: 70 }),
  'end-port-range': port({ port: 80, endPort: 70_000 }),
  'types-word': { policyTypes: ['Odd'] },
  'types-three': { policyTypes: ['Ingress', 'Egress', 'Ingress'] },
  'egress-only': { egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }] },
});

const parent = (fields: object) => ({
  spec: { parentRef: { resource: 'services', namespace: 'default', name: 'web', ...fields } },
});
const addresses: Cases = {
  'no-parent': { spec: { parentRef: null } },
  'parent-none': parent({ resource: '', name: '' }),
  'parent-names': parent({ group: 'A_B', resource: 'a/b', name: 'a%b', namespace: '..' }),
  name: { metadata: { name: 'not-an-address' } },
  'name-zeros': { metadata: { name: '010.001.002.003' } },
  'name-mapped': { metadata: { name: '::ffff:1.2.3.4' } },
  'name-not-canonical': { metadata: { name: '2001:DB8::1' } },
  'name-six': { metadata: { name: '2001:db8::7' } },
};

const cidrs = (...all: string[]) => ({ spec: { cidrs: all } });
const ranges: Cases = {
  none: cidrs(),
  three: cidrs('10.201.0.0/24', '2001:db8::/112', '10.202.0.0/24'),
  word: cidrs('x'),
  bits: cidrs('10.201.0.5/24'),
  'not-canonical': cidrs('2001:DB8::/112'),
  'same-family': cidrs('10.201.0.0/24', '10.202.0.0/24'),
  dual: cidrs('10.201.0.0/24', '2001:db8::/112'),
  zeros: cidrs('010.201.000.000/24'),
};

const SLICE_BASE = { addressType: 'IPv4', endpoints: [{ addresses: ['10.1.1.1'] }], ports: [{ port: 80 }] };
const endpoint = (fields: object) => ({ endpoints: [{ addresses: ['10.1.1.1'], ...fields }] });
const slices: Cases = {
  'no-type': { addressType: null },
  type: { addressType: 'IPv5' },
  'no-addresses': endpoint({ addresses: [] }),
  'addresses-many': endpoint({ addresses: Array.from({ length: 101 }, (_, at) => `10.1.1.${at}`) }),
  'address-word': endpoint({ addresses: ['x'] }),
  'address-six': endpoint({ addresses: ['2001:db8::1'] }),
  'address-loopback': endpoint({ addresses: ['127.0.0.1'] }),
  'six-four': { addressType: 'IPv6', endpoints: [{ addresses: ['10.1.1.1'] }] },
  'six-right': { addressType: 'IPv6', endpoints: [{ addresses: ['2001:db8::1'] }] },
  'six-not-canonical': { addressType: 'IPv6', endpoints: [{ addresses: ['2001:DB8::1'] }] },
  fqdn: { addressType: 'FQDN', endpoints: [{ addresses: ['web.example.com'] }] },
  'fqdn-word': { addressType: 'FQDN', endpoints: [{ addresses: ['web'] }] },
  'fqdn-wrong': { addressType: 'FQDN', endpoints: [{ addresses: ['A_B'] }] },
  names: endpoint({ nodeName: 'A_B', hostname: 'A.B', deprecatedTopology: { 'a b': 'c' } }),
  zone: endpoint({
    zone: 'a',
    hints: { forZones: [{ name: 'a' }, { name: 'a' }], forNodes: [{ name: 'n' }, { name: 'n' }] },
  }),
  'hint-names': endpoint({ hints: { forZones: [{ name: 'not valid!' }], forNodes: [{ name: 'A_B' }] } }),
  'hints-many': endpoint({ hints: { forZones: Array.from({ length: 9 }, (_, at) => ({ name: `z${at}` })) } }),
  conditions: endpoint({ conditions: { ready: false, serving: true, terminating: true } }),
  'port-names': {
    ports: [
      { name: 'A_B', port: 1 },
      { name: 'a', port: 2 },
      { name: 'a', port: 3 },
    ],
  },
  'ports-unnamed': { ports: [{ port: 1 }, { port: 2 }] },
  'port-protocol': { ports: [{ port: 1, protocol: 'ICMP', appProtocol: 'a b' }] },
  'no-ports': { ports: [] },
  'port-none': { ports: [{ name: 'a' }] },
};

export const networkingScripts: readonly Script[] = [
  rules('ingresses', INGRESS, [
    ...tries(INGRESS, INGRESS_BASE, ingresses),
    made(INGRESS, 'web', {
      spec: { ...rule({}), ingressClassName: 'nginx', tls: [{ hosts: ['web.example.com'], secretName: 'cert' }] },
    }),
    ...changes(
      INGRESS,
      'web',
      ofSpec({ 'rules-gone': { rules: null }, 'class-changed': { ingressClassName: 'other' } }),
    ),
    ...merges(INGRESS, 'web', ofSpec({ 'rules-replaced': { rules: [{ host: 'b.example.com' }] } })),
    ...statusTries(INGRESS, 'web', {
      'status-wrong': { loadBalancer: { ingress: [{ ip: 'x' }, { hostname: '10.0.0.1' }, { hostname: 'A_B' }] } },
    }),
    row(INGRESS, 'web', 'row-new'),
    ...printed(INGRESS, 'web', {
      served: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }, { hostname: 'lb.example.com' }] } },
    }),
    made(INGRESS, 'hosts', {
      spec: {
        rules: ['a', 'b', 'c', 'd'].map((host) => ({ host: `${host}.example.com` })),
        defaultBackend: backend({}),
      },
    }),
    row(INGRESS, 'hosts', 'row-hosts'),
    ...selections(INGRESS, 'metadata.name=web'),
  ]),
  rules('ingressclasses', INGRESS_CLASS, [
    ...tries(INGRESS_CLASS, { spec: { controller: 'example.com/ingress' } }, classes),
    made(INGRESS_CLASS, '{ns}-one', {
      spec: {
        controller: 'example.com/ingress',
        ...parameters({ apiGroup: 'example.com', scope: 'Namespace', namespace: 'default' }),
      },
      metadata: { annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
    }),
    ...changes(
      INGRESS_CLASS,
      '{ns}-one',
      ofSpec({ 'controller-changed': { controller: 'example.com/other' }, 'parameters-gone': { parameters: null } }),
    ),
    row(INGRESS_CLASS, '{ns}-one', 'row'),
    ...selections(INGRESS_CLASS, 'metadata.name={ns}-one'),
    ...removed(INGRESS_CLASS, '{ns}-one'),
  ]),
  rules('networkpolicies', NETWORK_POLICY, [
    ...tries(NETWORK_POLICY, { spec: { podSelector: SELECTOR } }, policies),
    made(NETWORK_POLICY, 'web', { spec: { podSelector: SELECTOR, ...block('10.0.0.0/8') } }),
    ...changes(
      NETWORK_POLICY,
      'web',
      ofSpec({ 'block-wrong': block('x'), 'selector-changed': { podSelector: { matchLabels: { app: 'other' } } } }),
    ),
    row(NETWORK_POLICY, 'web', 'row'),
    ...selections(NETWORK_POLICY, 'metadata.name=web'),
  ]),
  rules('ipaddresses', IP_ADDRESS, [
    ...tries(IP_ADDRESS, { ...parent({}), metadata: { name: '192.168.9.9' } }, addresses),
    made(IP_ADDRESS, '192.168.9.10', parent({})),
    ...changes(IP_ADDRESS, '192.168.9.10', { 'parent-changed': parent({ name: 'other' }) }),
    row(IP_ADDRESS, '192.168.9.10', 'row'),
    ...selections(IP_ADDRESS, 'metadata.name=192.168.9.10'),
    ...removed(IP_ADDRESS, '192.168.9.10'),
  ]),
  rules('servicecidrs', SERVICE_CIDR, [
    ...tries(SERVICE_CIDR, cidrs('10.201.0.0/24'), ranges),
    made(SERVICE_CIDR, '{ns}-one', cidrs('10.201.0.0/24')),
    ...changes(SERVICE_CIDR, '{ns}-one', {
      changed: cidrs('10.202.0.0/24'),
      second: cidrs('10.201.0.0/24', '2001:db8::/112'),
      'both-changed': cidrs('10.202.0.0/24', '10.203.0.0/24'),
      gone: cidrs(),
    }),
    row(SERVICE_CIDR, '{ns}-one', 'row'),
    ...selections(SERVICE_CIDR, 'metadata.name={ns}-one'),
    ...removed(SERVICE_CIDR, '{ns}-one'),
  ]),
  rules('endpointslices', ENDPOINT_SLICE, [
    ...tries(ENDPOINT_SLICE, SLICE_BASE, slices),
    made(ENDPOINT_SLICE, 'web', {
      ...SLICE_BASE,
      endpoints: ['10.1.1.1', '10.1.1.2', '10.1.1.3', '10.1.1.4'].map((address) => ({ addresses: [address] })),
      ports: [{ name: 'a', port: 80 }, { name: 'b', port: 443 }, { name: 'c' }],
    }),
    ...changes(ENDPOINT_SLICE, 'web', {
      'type-changed': { addressType: 'IPv6', endpoints: [] },
      'address-wrong': endpoint({ addresses: ['x'] }),
      'label-added': { metadata: { labels: { a: 'b' } } },
      'annotation-added': { metadata: { annotations: { a: 'b' } } },
    }),
    row(ENDPOINT_SLICE, 'web', 'row'),
    made(ENDPOINT_SLICE, 'empty', { addressType: 'IPv4', endpoints: [], ports: [] }),
    row(ENDPOINT_SLICE, 'empty', 'row-empty'),
    ...selections(ENDPOINT_SLICE, 'metadata.name=web', 'addressType=IPv4'),
  ]),
];
