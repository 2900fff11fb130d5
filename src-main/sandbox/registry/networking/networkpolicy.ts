import { NetworkPolicies } from '#common/kube/resources';
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from '#common/kube/types';
import { forbiddenField, invalidValue, notSupported, required, type FieldError } from '../field-errors';
import { checkCidr, cidrWarnings, isStrictSubset, parseCidr } from '../ip-rules';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain, portName } from '../names';
import { checkLabelSelector } from '../selector-rules';
import { defineStrategy } from '../strategy';
import { checkName, checkOptionalWord, checkPort } from '../value-rules';

const TYPES = ['Ingress', 'Egress'];
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

export const networkPolicyStrategy = defineStrategy<NetworkPolicy>({
  resource: NetworkPolicies,
  checks: {
    create({ metadata, spec = {} }, into) {
      checkMetadata(metadata, dnsSubdomain, into);
      checkSpec(spec, [], into);
    },
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkSpec(next.spec ?? {}, rangesOf(current.spec ?? {}), into);
    },
  },
  warnings: ({ spec = {} }) =>
    peersOf(spec).flatMap(({ peer, path }) => (peer.ipBlock ? blockWarnings(peer.ipBlock, `${path}.ipBlock`) : [])),
});

function peersOf({ ingress = [], egress = [] }: NetworkPolicySpec): { peer: NetworkPolicyPeer; path: string }[] {
  const placed = (peers: NetworkPolicyPeer[] | undefined, path: string) =>
    (peers ?? []).map((peer, at) => ({ peer, path: `${path}[${at}]` }));
  return [
    ...ingress.flatMap(({ from }, at) => placed(from, `spec.ingress[${at}].from`)),
    ...egress.flatMap(({ to }, at) => placed(to, `spec.egress[${at}].to`)),
  ];
}

const rangesOf = (spec: NetworkPolicySpec): string[] =>
  peersOf(spec).flatMap(({ peer: { ipBlock } }) => (ipBlock ? [ipBlock.cidr, ...(ipBlock.except ?? [])] : []));

const blockWarnings = ({ cidr, except = [] }: IPBlock, path: string): string[] => [
  ...cidrWarnings(`${path}.cidr`, cidr),
  ...except.flatMap((range, at) => cidrWarnings(`${path}.except[${at}]`, range)),
];

function checkSpec(spec: NetworkPolicySpec, known: readonly string[], into: FieldError[]): void {
  checkLabelSelector(spec.podSelector, 'spec.podSelector', into);
  for (const [at, { ports = [], from = [] }] of (spec.ingress ?? []).entries()) {
    for (const [index, port] of ports.entries()) checkPolicyPort(port, `spec.ingress[${at}].ports[${index}]`, into);
    for (const [index, peer] of from.entries()) checkPeer(peer, `spec.ingress[${at}].from[${index}]`, known, into);
  }
  for (const [at, { ports = [], to = [] }] of (spec.egress ?? []).entries()) {
    for (const [index, port] of ports.entries()) checkPolicyPort(port, `spec.egress[${at}].ports[${index}]`, into);
    for (const [index, peer] of to.entries()) checkPeer(peer, `spec.egress[${at}].to[${index}]`, known, into);
  }
  const types = spec.policyTypes ?? [];
  if (types.length > TYPES.length)
    into.push(invalidValue('spec.policyTypes', types, 'may not specify more than two policyTypes'));
  else
    for (const [at, type] of types.entries())
      if (!TYPES.includes(type)) into.push(notSupported(`spec.policyTypes[${at}]`, type, TYPES));
}

function checkPolicyPort({ protocol, port, endPort }: NetworkPolicyPort, path: string, into: FieldError[]): void {
  checkOptionalWord(protocol, PROTOCOLS, `${path}.protocol`, into);
  const end = `${path}.endPort`;
  if (typeof port === 'number') {
    checkPort(port, `${path}.port`, into);
    if (endPort === undefined) return;
    if (endPort < port) into.push(invalidValue(end, port, 'must be greater than or equal to `port`'));
    checkPort(endPort, end, into);
    return;
  }
  const why = port === undefined ? '`port` is not specified' : '`port` is non-numeric';
  if (endPort !== undefined) into.push(invalidValue(end, endPort, `may not be specified when ${why}`));
  if (port !== undefined) checkName(port, portName, `${path}.port`, into);
}

function checkPeer(
  { podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer,
  path: string,
  known: readonly string[],
  into: FieldError[],
): void {
  checkLabelSelector(podSelector, `${path}.podSelector`, into);
  checkLabelSelector(namespaceSelector, `${path}.namespaceSelector`, into);
  if (ipBlock) checkBlock(ipBlock, `${path}.ipBlock`, known, into);
  const hasSelector = Boolean(podSelector ?? namespaceSelector);
  if (!hasSelector && !ipBlock) into.push(required(path, 'must specify a peer'));
  else if (hasSelector && ipBlock) into.push(forbiddenField(path, 'may not specify both ipBlock and another peer'));
}

function checkBlock({ cidr, except = [] }: IPBlock, path: string, known: readonly string[], into: FieldError[]): void {
  if (cidr === '') {
    into.push(required(`${path}.cidr`));
    return;
  }
  checkCidr(cidr, `${path}.cidr`, into, known);
  const outer = parseCidr(cidr);
  if (!outer) return;
  for (const [at, range] of except.entries()) {
    const here = `${path}.except[${at}]`;
    checkCidr(range, here, into, known);
    const inner = parseCidr(range);
    if (inner && !isStrictSubset(inner, outer))
      into.push(invalidValue(here, range, 'must be a strict subset of `cidr`'));
  }
}
