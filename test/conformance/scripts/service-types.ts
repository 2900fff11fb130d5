import type { Exchange, Script } from '../exchange';

const ALL = '/api/v1/namespaces/{ns}/services';

/** What a Service is, and what a whole update makes of it. */
interface Change {
  name: string;
  from: object;
  to: object;
}

const PORT = { name: 'web', port: 80, nodePort: 30_181 };
const base = { selector: { app: 'web' }, clusterIP: '10.96.77.81', ports: [{ name: 'web', port: 80 }] };
const cluster = { ...base, clusterIPs: ['10.96.77.81'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' };
const nodePort = { ...cluster, type: 'NodePort', ports: [PORT], externalTrafficPolicy: 'Cluster' };
const balancer = { ...nodePort, type: 'LoadBalancer', allocateLoadBalancerNodePorts: true };
const local = { ...balancer, externalTrafficPolicy: 'Local', healthCheckNodePort: 30_182 };
const classy = { ...balancer, loadBalancerClass: 'example.com/a' };
const named = { type: 'ExternalName', externalName: 'example.com', selector: { app: 'web' } };
const headless = { ...cluster, clusterIP: 'None', clusterIPs: ['None'] };
const outside = { ...cluster, externalIPs: ['10.1.1.1'], externalTrafficPolicy: 'Local' };
const as = (type: string, spec: object) => ({ ...spec, type });

const changes: readonly Change[] = [
  { name: 'balancer-to-cluster', from: balancer, to: as('ClusterIP', balancer) },
  {
    name: 'balancer-to-cluster-other-port',
    from: balancer,
    to: as('ClusterIP', { ...balancer, ports: [{ ...PORT, nodePort: 30_183 }] }),
  },
  {
    name: 'balancer-to-cluster-one-port-less',
    from: { ...balancer, ports: [PORT, { name: 'more', port: 81, nodePort: 30_184 }] },
    to: as('ClusterIP', { ...balancer, ports: [{ name: 'more', port: 81, nodePort: 30_181 }] }),
  },
  { name: 'balancer-to-node-port', from: balancer, to: as('NodePort', balancer) },
  { name: 'balancer-to-name', from: balancer, to: { ...as('ExternalName', balancer), externalName: 'example.com' } },
  { name: 'balancer-to-name-only', from: balancer, to: named },
  { name: 'local-balancer-to-cluster', from: local, to: as('ClusterIP', local) },
  {
    name: 'local-balancer-to-cluster-policy',
    from: local,
    to: { ...as('ClusterIP', local), externalTrafficPolicy: 'Cluster' },
  },
  {
    name: 'local-balancer-to-cluster-port',
    from: local,
    to: { ...as('ClusterIP', local), healthCheckNodePort: 30_185 },
  },
  { name: 'local-balancer-to-node-port', from: local, to: as('NodePort', local) },
  { name: 'local-balancer-to-other-policy', from: local, to: { ...local, externalTrafficPolicy: 'Cluster' } },
  { name: 'class-to-cluster', from: classy, to: as('ClusterIP', classy) },
  {
    name: 'class-to-cluster-other',
    from: classy,
    to: { ...as('ClusterIP', classy), loadBalancerClass: 'example.com/b' },
  },
  {
    name: 'no-ports-to-cluster',
    from: { ...balancer, ports: base.ports, allocateLoadBalancerNodePorts: false },
    to: { ...as('ClusterIP', cluster), allocateLoadBalancerNodePorts: false },
  },
  {
    name: 'no-ports-to-cluster-other',
    from: { ...balancer, ports: base.ports, allocateLoadBalancerNodePorts: false },
    to: { ...as('ClusterIP', cluster), allocateLoadBalancerNodePorts: true },
  },
  {
    name: 'ranges-to-cluster',
    from: { ...balancer, loadBalancerSourceRanges: ['10.0.0.0/8'] },
    to: { ...as('ClusterIP', balancer), loadBalancerSourceRanges: ['10.0.0.0/8'] },
  },
  { name: 'node-port-to-cluster', from: nodePort, to: as('ClusterIP', nodePort) },
  {
    name: 'node-port-to-cluster-more',
    from: nodePort,
    to: as('ClusterIP', { ...nodePort, ports: [PORT, { name: 'more', port: 81 }] }),
  },
  { name: 'node-port-to-balancer', from: nodePort, to: as('LoadBalancer', nodePort) },
  {
    name: 'node-port-to-headless',
    from: nodePort,
    to: { ...as('ClusterIP', nodePort), clusterIP: 'None', clusterIPs: ['None'] },
  },
  { name: 'cluster-to-name', from: cluster, to: { ...as('ExternalName', cluster), externalName: 'example.com' } },
  {
    name: 'cluster-to-name-other-ip',
    from: cluster,
    to: {
      ...as('ExternalName', cluster),
      externalName: 'example.com',
      clusterIP: '10.96.77.82',
      clusterIPs: ['10.96.77.82'],
    },
  },
  { name: 'name-to-cluster', from: named, to: cluster },
  { name: 'headless-to-name', from: headless, to: { ...as('ExternalName', headless), externalName: 'example.com' } },
  { name: 'outside-to-inside', from: outside, to: { ...outside, externalIPs: [] } },
  {
    name: 'outside-to-inside-policy',
    from: outside,
    to: { ...outside, externalIPs: [], externalTrafficPolicy: 'Cluster' },
  },
];

function exchanges({ name, from, to }: Change): Exchange[] {
  const body = (spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec });
  return [
    { name: `${name}-made`, request: `POST ${ALL}`, body: body(from) },
    { name, request: `PUT ${ALL}/web`, body: body(to), counts: { verb: 'update', detail: 'type' } },
    { name: `${name}-removed`, request: `DELETE ${ALL}/web` },
  ];
}

/** A Service changes its type by a whole update: what only the old type needs goes where the client has not touched it. */
export const serviceTypeScripts: readonly Script[] = [
  { name: 'services/types', group: '', kind: 'Service', exchanges: changes.flatMap(exchanges) },
];
