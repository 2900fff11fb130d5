import type { AnyObject, ObjectMeta } from '#common/kube/object';
import { EndpointSlices } from '#common/kube/resources';
import type { Endpoint, EndpointHints, EndpointSlice, DiscoveryV1EndpointPort } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { emptyAsNull } from '../empty-lists';
import {
  duplicateValue,
  eachInvalid,
  invalidValue,
  notSupported,
  required,
  tooMany,
  type FieldError,
} from '../field-errors';
import { checkCanonicalIp, checkEndpointIp, checkIp, ipWarnings, parseIp } from '../ip-rules';
import { checkMetadata } from '../metadata-rules';
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName, type NameRule } from '../names';
import { bumpGeneration, changesDesiredState } from '../object-state';
import { defineStrategy } from '../strategy';
import { checkName, checkUnchanged } from '../value-rules';

const TYPES = ['FQDN', 'IPv4', 'IPv6'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const MOST_ENDPOINTS = 1000;
const MOST_ADDRESSES = 100;
const MOST_PORTS = 20_000;
const MOST_HINTS = 8;
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const MANAGERS = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'];

export const endpointSliceStrategy = defineStrategy<EndpointSlice>({
  resource: EndpointSlices,
  prepareForCreate(draft) {
    draft.endpoints?.forEach(withoutTopology);
    withoutEmpty(draft);
  },
  update: {
    /** The generation counts changes of labels too. */
    prepare(next, current) {
      if (!sameValue(next.endpoints, current.endpoints)) next.endpoints?.forEach(withoutTopology);
      withoutEmpty(next);
      const isCounted = changesDesiredState(next as unknown as AnyObject, current as unknown as AnyObject);
      if (!isCounted && !sameValue(labelsOf(next.metadata), labelsOf(current.metadata))) bumpGeneration(next);
    },
  },
  checks: {
    create: (slice, into) => checkSlice(slice, undefined, into),
    update(next, current, into) {
      checkSlice(next, current, into);
      checkUnchanged(next.addressType, current.addressType, 'addressType', into);
    },
  },
  warnings({ metadata, addressType, endpoints }, before) {
    const isOld = !before && addressType === 'FQDN';
    const type = isOld ? ['spec.addressType: FQDN endpoints are deprecated'] : [];
    if (MANAGERS.includes(metadata.labels?.[MANAGED_BY] ?? '')) return type;
    const addresses = (endpoints ?? []).flatMap((endpoint, at) =>
      endpoint.addresses.flatMap((address, index) => ipWarnings(`endpoints[${at}].addresses[${index}]`, address)),
    );
    return [...type, ...addresses];
  },
});

function withoutEmpty(slice: EndpointSlice): void {
  emptyAsNull(slice, 'endpoints');
  emptyAsNull(slice, 'ports');
}

const labelsOf = ({ labels = {} }: ObjectMeta): object => labels;

/** A field of an earlier version. */
function withoutTopology(endpoint: Endpoint): void {
  delete endpoint.deprecatedTopology;
}

function checkSlice(slice: EndpointSlice, current: EndpointSlice | undefined, into: FieldError[]): void {
  checkMetadata(slice.metadata, dnsSubdomain, into);
  const { addressType, ports, endpoints } = slice;
  if (!addressType) into.push(required('addressType'));
  else if (!TYPES.includes(addressType)) into.push(notSupported('addressType', addressType, TYPES));
  checkPorts(ports ?? [], into);
  if (!current || !sameValue(current.endpoints, endpoints)) checkEndpoints(endpoints ?? [], addressType, into);
}

function checkPorts(ports: readonly DiscoveryV1EndpointPort[], into: FieldError[]): void {
  if (ports.length > MOST_PORTS) {
    into.push(tooMany('ports', ports.length, MOST_PORTS));
    return;
  }
  const names = new Set<string>();
  for (const [at, { name = '', protocol, appProtocol }] of ports.entries()) {
    const here = `ports[${at}]`;
    if (name) checkName(name, dnsLabel, `${here}.name`, into);
    if (names.has(name)) into.push(duplicateValue(`${here}.name`, name));
    names.add(name);
    if (protocol === undefined) into.push(required(`${here}.protocol`));
    else if (!PROTOCOLS.includes(protocol)) into.push(notSupported(`${here}.protocol`, protocol, PROTOCOLS));
    if (appProtocol !== undefined) checkName(appProtocol, qualifiedName, `${here}.appProtocol`, into);
  }
}

function checkEndpoints(endpoints: readonly Endpoint[], type: string, into: FieldError[]): void {
  if (endpoints.length > MOST_ENDPOINTS) {
    into.push(tooMany('endpoints', endpoints.length, MOST_ENDPOINTS));
    return;
  }
  for (const [at, { addresses = [], nodeName, hostname, hints }] of endpoints.entries()) {
    const here = `endpoints[${at}]`;
    const list = `${here}.addresses`;
    if (addresses.length === 0) into.push(required(list, 'must contain at least 1 address'));
    else if (addresses.length > MOST_ADDRESSES) into.push(tooMany(list, addresses.length, MOST_ADDRESSES));
    for (const [index, address] of addresses.entries()) checkAddress(address, type, `${list}[${index}]`, into);
    if (nodeName !== undefined) checkName(nodeName, dnsSubdomain, `${here}.nodeName`, into);
    if (hostname !== undefined) checkName(hostname, dnsLabel, `${here}.hostname`, into);
    if (hints) checkHints(hints, `${here}.hints`, into);
  }
}

function checkAddress(address: string, type: string, path: string, into: FieldError[]): void {
  if (type === 'FQDN') checkDomain(address, path, into);
  if (type !== 'IPv4' && type !== 'IPv6') return;
  const isRight = type === 'IPv4' ? checkIp(address, path, into) : checkCanonicalIp(address, path, into);
  if (!isRight) return;
  const family = parseIp(address)?.family === 4 ? 'IPv4' : 'IPv6';
  if (family !== type)
    into.push(invalidValue(path.slice(0, path.lastIndexOf('[')), address, `must be an ${type} address`));
  checkEndpointIp(address, path, into);
}

function checkDomain(name: string, path: string, into: FieldError[]): void {
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  const problems = dnsSubdomain(bare);
  if (name === '') into.push(required(path));
  else if (problems.length > 0) eachInvalid(into, path, bare, problems);
  else if (!bare.includes('.'))
    into.push(invalidValue(path, bare, 'should be a domain with at least two segments separated by dots'));
}

function checkHints({ forZones = [], forNodes = [] }: EndpointHints, path: string, into: FieldError[]): void {
  if (checkHintList(forZones, labelValue, `${path}.forZones`, into))
    checkHintList(forNodes, dnsSubdomain, `${path}.forNodes`, into);
}

function checkHintList(hints: readonly { name: string }[], rule: NameRule, path: string, into: FieldError[]): boolean {
  if (hints.length > MOST_HINTS) {
    into.push(tooMany(path, hints.length, MOST_HINTS));
    return false;
  }
  for (const [at, { name }] of hints.entries()) {
    const field = `${path}[${at}].name`;
    if (hints.findIndex((hint) => hint.name === name) < at) into.push(duplicateValue(field, name));
    checkName(name, rule, field, into);
  }
  return true;
}
