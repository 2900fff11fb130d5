/** Whether NetworkPolicies let a connection through. Pure. */
import { matchesSelector } from '#common/kinds/selector';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, Pod } from '#common/kube/types';
import type { NetworkObjects } from './network-objects';
import type { Protocol } from './service-routing';

/** One end of a connection: a Pod of the cluster, or only an address. */
export interface PolicyEnd {
  address: string;
  pod?: Pod | undefined;
}

export interface Flow {
  from: PolicyEnd;
  to: PolicyEnd;
  /** At the receiving end. */
  port: number;
  protocol: Protocol;
}

/** True when the sender may send and the receiver may receive. Pods of the node's own network are not held. */
export function isAllowed(objects: NetworkObjects, flow: Flow): boolean {
  if (flow.from.pod && flow.from.pod.metadata.uid === flow.to.pod?.metadata.uid) return true;
  return passes(objects, 'Egress', flow) && passes(objects, 'Ingress', flow);
}

function passes(objects: NetworkObjects, direction: 'Ingress' | 'Egress', flow: Flow): boolean {
  const [own, other] = direction === 'Ingress' ? [flow.to, flow.from] : [flow.from, flow.to];
  const { pod } = own;
  if (!pod || pod.spec.hostNetwork) return true;
  const policies = objects
    .policies(pod.metadata.namespace ?? '')
    .filter((policy) => typesOf(policy).includes(direction) && matchesSelector(policy.spec.podSelector ?? {}, pod));
  if (policies.length === 0) return true;
  return policies.some((policy) =>
    rulesOf(policy, direction).some(
      ({ peers, ports }) => portMatches(ports, flow) && peerMatches(objects, peers, { other, policy }),
    ),
  );
}

const typesOf = ({ spec }: NetworkPolicy): readonly string[] =>
  spec.policyTypes ?? (spec.egress ? ['Ingress', 'Egress'] : ['Ingress']);

interface Rule {
  peers: NetworkPolicyPeer[] | undefined;
  ports: NetworkPolicyPort[] | undefined;
}

function rulesOf({ spec }: NetworkPolicy, direction: 'Ingress' | 'Egress'): Rule[] {
  if (direction === 'Ingress') return (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }));
  return (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
}

function portMatches(ports: readonly NetworkPolicyPort[] | undefined, { port, protocol, to }: Flow): boolean {
  if (!ports || ports.length === 0) return true;
  return ports.some((each) => {
    if ((each.protocol ?? 'TCP') !== protocol) return false;
    if (each.port === undefined) return true;
    if (typeof each.port === 'string') return namedPort(to.pod, each.port, protocol) === port;
    return each.endPort === undefined ? each.port === port : each.port <= port && port <= each.endPort;
  });
}

function namedPort(pod: Pod | undefined, name: string, protocol: Protocol): number | undefined {
  for (const { ports = [] } of pod?.spec.containers ?? []) {
    const port = ports.find((each) => each.name === name && (each.protocol ?? 'TCP') === protocol);
    if (port) return port.containerPort;
  }
  return undefined;
}

function peerMatches(
  objects: NetworkObjects,
  peers: readonly NetworkPolicyPeer[] | undefined,
  { other, policy }: { other: PolicyEnd; policy: NetworkPolicy },
): boolean {
  if (!peers || peers.length === 0) return true;
  return peers.some(({ ipBlock, podSelector, namespaceSelector }) => {
    if (ipBlock)
      return (
        inBlock(other.address, ipBlock.cidr) && !(ipBlock.except ?? []).some((cidr) => inBlock(other.address, cidr))
      );
    const { pod } = other;
    if (!pod || pod.spec.hostNetwork) return false;
    if (podSelector && !matchesSelector(podSelector, pod)) return false;
    if (!namespaceSelector) return pod.metadata.namespace === policy.metadata.namespace;
    const namespace = objects.namespace(pod.metadata.namespace ?? '');
    return namespace !== undefined && matchesSelector(namespaceSelector, namespace);
  });
}

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** True when an IPv4 address lies in a block. */
export function inBlock(address: string, cidr: string): boolean {
  const [base = '', bits = '32'] = cidr.split('/');
  if (!/^[\d.]+$/.test(address) || !/^[\d.]+$/.test(base)) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(address) / size) === Math.floor(numberOf(base) / size);
}
