/** The rules of Services (core validation's ValidateService), and what is warned of. */
import type { Service, ServicePort, ServiceSpec } from '#common/kube/types';
import {
  duplicateValue,
  eachInvalid,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  type FieldError,
} from '../field-errors';
import { checkCidr, checkEndpointIp, checkIp, cidrWarnings, ipWarnings, isDualStack, parseIp } from '../ip-rules';
import { checkLabels } from '../metadata-rules';
import { dnsLabel, dnsSubdomain, qualifiedName } from '../names';
import { checkName, checkOptionalWord, checkPort, checkPortReference, checkWord } from '../value-rules';
import { PROTOCOLS } from './container-rules';

export const HEADLESS = 'None';
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const AFFINITIES = ['ClientIP', 'None'];
const FAMILIES = ['IPv4', 'IPv6'];
const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const TRAFFIC_POLICIES = ['Cluster', 'Local'];
const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const HINTS = 'service.kubernetes.io/topology-aware-hints';
const MODE = 'service.kubernetes.io/topology-mode';
const RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const ONLY_BALANCED = "may only be used when `type` is 'LoadBalancer'";
const LONGEST_AFFINITY = 86_400;

export const isHeadless = ({ clusterIPs = [] }: ServiceSpec): boolean =>
  clusterIPs.length === 1 && clusterIPs[0] === HEADLESS;

export const needsHealthCheck = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === 'LoadBalancer' && externalTrafficPolicy === 'Local';

export function checkService({ metadata, spec }: Service, current: Service | undefined, into: FieldError[]): void {
  const { annotations = {} } = metadata;
  const { type = '', ports = [] } = spec;
  const [hints, mode] = [annotations[HINTS], annotations[MODE]];
  if (hints !== undefined && mode !== undefined && hints !== mode) {
    const detail = `must match annotations[${HINTS}] when both are specified`;
    into.push(invalidValue(`metadata.annotations[${MODE}]`, mode, detail));
  }
  if (ports.length === 0 && !isHeadless(spec) && type !== 'ExternalName') into.push(required('spec.ports'));
  checkByType(spec, into);
  checkPorts(ports, into);
  checkLabels(spec.selector, 'spec.selector', into);
  checkAffinity(spec, into);
  checkClusterIps(spec, current?.spec, into);
  for (const [at, ip] of (spec.externalIPs ?? []).entries()) {
    const path = `spec.externalIPs[${at}]`;
    if (checkIp(ip, path, into, current?.spec.externalIPs)) checkEndpointIp(ip, path, into);
  }
  checkWord(type, TYPES, 'spec.type', into);
  checkPortNumbers(spec, into);
  checkRanges(spec, annotations[RANGES], current, into);
  checkBalancer(spec, into);
  checkTraffic(spec, into);
}

function checkByType(spec: ServiceSpec, into: FieldError[]): void {
  const { type, clusterIPs = [], ipFamilies = [], ipFamilyPolicy, externalName = '' } = spec;
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(spec))
    into.push(invalidValue('spec.clusterIPs[0]', clusterIPs[0], `may not be set to 'None' for ${type} services`));
  if (type !== 'ExternalName') return;
  const unwanted = 'may not be set for ExternalName services';
  if (clusterIPs.length > 0) into.push(forbiddenField('spec.clusterIPs', unwanted));
  if (ipFamilies.length > 0) into.push(forbiddenField('spec.ipFamilies', unwanted));
  if (ipFamilyPolicy !== undefined) into.push(forbiddenField('spec.ipFamilyPolicy', unwanted));
  const name = externalName.replace(/\.$/, '');
  if (name) checkName(name, dnsSubdomain, 'spec.externalName', into);
  else into.push(required('spec.externalName'));
}

function checkPorts(ports: readonly ServicePort[], into: FieldError[]): void {
  const names = new Set<string>();
  for (const [at, { name, port, protocol, targetPort, appProtocol }] of ports.entries()) {
    const path = `spec.ports[${at}]`;
    if (name) {
      checkName(name, dnsLabel, `${path}.name`, into);
      if (names.has(name)) into.push(duplicateValue(`${path}.name`, name));
      names.add(name);
    } else if (ports.length > 1) into.push(required(`${path}.name`));
    checkPort(port, `${path}.port`, into);
    checkWord(protocol, PROTOCOLS, `${path}.protocol`, into);
    checkPortReference(targetPort, `${path}.targetPort`, into);
    if (appProtocol !== undefined) eachInvalid(into, `${path}.appProtocol`, appProtocol, qualifiedName(appProtocol));
  }
}

function checkAffinity({ sessionAffinity, sessionAffinityConfig: config }: ServiceSpec, into: FieldError[]): void {
  checkWord(sessionAffinity, AFFINITIES, 'spec.sessionAffinity', into);
  const path = 'spec.sessionAffinityConfig';
  if (sessionAffinity === 'None' && config)
    into.push(forbiddenField(path, 'must not be set when session affinity is None'));
  if (sessionAffinity !== 'ClientIP') return;
  const detail = 'when session affinity type is ClientIP';
  const seconds = config?.clientIP?.timeoutSeconds;
  if (!config) into.push(required(path, detail));
  else if (!config.clientIP) into.push(required(`${path}.clientIP`, detail));
  else if (seconds === undefined) into.push(required(`${path}.clientIP.timeoutSeconds`, detail));
  else if (seconds <= 0 || seconds > LONGEST_AFFINITY)
    into.push(
      invalidValue(
        `${path}.clientIP.timeoutSeconds`,
        seconds,
        `must be greater than 0 and less than ${LONGEST_AFFINITY}`,
      ),
    );
}

/** How cluster IPs and IP families go together. */
export function checkClusterIps(spec: ServiceSpec, current: ServiceSpec | undefined, into: FieldError[]): void {
  if (spec.type === 'ExternalName') return;
  const { clusterIP = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  const path = 'spec.clusterIPs';
  if (clusterIP) {
    if (clusterIPs.length === 0) into.push(required(path));
    else if (clusterIPs[0] !== clusterIP)
      into.push(invalidValue(path, clusterIPs, 'first value must match `clusterIP`'));
  } else if (clusterIPs.length > 0)
    into.push(invalidValue(path, clusterIPs, 'must be empty when `clusterIP` is not specified'));
  for (const [at, family] of ipFamilies.entries()) {
    checkOptionalWord(family, FAMILIES, `spec.ipFamilies[${at}]`, into);
    if (ipFamilies.indexOf(family) < at) into.push(duplicateValue(`spec.ipFamilies[${at}]`, family));
  }
  checkOptionalWord(ipFamilyPolicy, FAMILY_POLICIES, 'spec.ipFamilyPolicy', into);
  const areRight = areAddresses(clusterIPs, current, into);
  if (clusterIPs.length > 2) into.push(invalidValue(path, clusterIPs, 'may only hold up to 2 values'));
  if (!areRight) return;
  if (clusterIPs.length > 1 && !isDualStack(clusterIPs))
    into.push(invalidValue(path, clusterIPs, 'may specify no more than one IP for each IP family'));
  if (!isHeadless(spec)) checkFamilies(clusterIPs, ipFamilies, into);
}

function areAddresses(ips: readonly string[], current: ServiceSpec | undefined, into: FieldError[]): boolean {
  let areRight = true;
  for (const [at, ip] of ips.entries()) {
    if (at === 0 && ip === HEADLESS) {
      if (ips.length > 1) {
        into.push(invalidValue('spec.clusterIPs', ips, "'None' must be the first and only value"));
        areRight = false;
      }
    } else if (!checkIp(ip, `spec.clusterIPs[${at}]`, into, current?.clusterIPs)) areRight = false;
  }
  return areRight;
}

function checkFamilies(ips: readonly string[], families: readonly string[], into: FieldError[]): void {
  for (const [at, ip] of ips.entries()) {
    const wanted = families[at];
    if (wanted === undefined) break;
    const family = parseIp(ip)?.family === 6 ? 'IPv6' : 'IPv4';
    if (wanted !== family && FAMILIES.includes(wanted)) {
      const detail = `expected an ${wanted} value as indicated by \`ipFamilies[${at}]\``;
      into.push(invalidValue(`spec.clusterIPs[${at}]`, ip, detail));
    }
  }
}

function checkPortNumbers({ type, ports = [] }: ServiceSpec, into: FieldError[]): void {
  const seen = (key: (port: ServicePort) => string, at: number): boolean => {
    const port = ports[at];
    return port !== undefined && ports.slice(0, at).some((other) => key(other) === key(port));
  };
  if (type === 'ClusterIP')
    for (const [at, { nodePort }] of ports.entries())
      if (nodePort)
        into.push(forbiddenField(`spec.ports[${at}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
  for (const [at, { nodePort }] of ports.entries())
    if (nodePort && seen((port) => `${port.protocol}/${port.nodePort}`, at))
      into.push(duplicateValue(`spec.ports[${at}].nodePort`, nodePort));
  for (const [at, { protocol, port }] of ports.entries())
    if (seen((one) => `${one.protocol}/${one.port}`, at))
      into.push(duplicateValue(`spec.ports[${at}]`, writtenPort(protocol, port)));
}

/** As the server writes its own form of the struct. */
const writtenPort = (protocol: string | undefined, port: number): object => ({
  Name: '',
  Protocol: protocol,
  AppProtocol: null,
  Port: port,
  TargetPort: 0,
  NodePort: 0,
});

function checkRanges(
  { type, loadBalancerSourceRanges: ranges = [] }: ServiceSpec,
  annotation: string | undefined,
  current: Service | undefined,
  into: FieldError[],
): void {
  if (ranges.length > 0) {
    const path = 'spec.LoadBalancerSourceRanges';
    const before = current?.spec.loadBalancerSourceRanges?.map((range) => range.trim());
    if (type !== 'LoadBalancer') into.push(forbiddenField(path, ONLY_BALANCED));
    for (const [at, range] of ranges.entries()) checkCidr(range.trim(), `${path}[${at}]`, into, before);
    return;
  }
  if (annotation === undefined) return;
  const path = `metadata.annotations[${RANGES}]`;
  if (type !== 'LoadBalancer') into.push(forbiddenField(path, ONLY_BALANCED));
  if (current?.metadata.annotations?.[RANGES] === annotation || annotation.trim() === '') return;
  for (const range of annotation.trim().split(',')) checkCidr(range.trim(), path, into);
}

function checkBalancer(spec: ServiceSpec, into: FieldError[]): void {
  const { type, allocateLoadBalancerNodePorts: allocates, loadBalancerClass: name } = spec;
  const isBalanced = type === 'LoadBalancer';
  if (allocates !== undefined && !isBalanced)
    into.push(forbiddenField('spec.allocateLoadBalancerNodePorts', ONLY_BALANCED));
  if (isBalanced && allocates === undefined) into.push(required('allocateLoadBalancerNodePorts'));
  checkBalancerClass(isBalanced, name, into);
}

function checkBalancerClass(isBalanced: boolean, name: string | undefined, into: FieldError[]): void {
  if (name === undefined) return;
  if (isBalanced) eachInvalid(into, 'spec.loadBalancerClass', name, qualifiedName(name));
  else into.push(forbiddenField('spec.loadBalancerClass', ONLY_BALANCED));
}

const isOutside = ({ type, externalIPs = [] }: ServiceSpec): boolean =>
  type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && externalIPs.length > 0);

function checkTraffic(spec: ServiceSpec, into: FieldError[]): void {
  const { type = '', externalTrafficPolicy: outer, internalTrafficPolicy: inner, healthCheckNodePort: port } = spec;
  if (isOutside(spec)) checkWord(outer, TRAFFIC_POLICIES, 'spec.externalTrafficPolicy', into);
  else if (outer)
    into.push(invalidValue('spec.externalTrafficPolicy', outer, 'may only be set for externally-accessible services'));
  if (needsHealthCheck(spec)) {
    if (!port) into.push(required('spec.healthCheckNodePort'));
    else checkPort(port, 'spec.healthCheckNodePort', into);
  } else if (port) {
    const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    into.push(invalidValue('spec.healthCheckNodePort', port, detail));
  }
  if (inner === undefined && type !== 'ExternalName' && TYPES.includes(type))
    into.push(required('spec.internalTrafficPolicy'));
  checkOptionalWord(inner, TRAFFIC_POLICIES, 'spec.internalTrafficPolicy', into);
  const { trafficDistribution: distribution } = spec;
  if (distribution !== undefined && !DISTRIBUTIONS.includes(distribution))
    into.push(notSupported('spec.trafficDistribution', distribution, DISTRIBUTIONS));
}

/** What an update may not change, before the rules of the new state. */
export function checkServiceChange(next: ServiceSpec, current: ServiceSpec, into: FieldError[]): void {
  if (next.type !== 'ExternalName' && current.type !== 'ExternalName') {
    checkIpChange(next, current, into);
    if (!isHeadless(next) && !isHeadless(current)) checkFamilyChange(next, current, into);
  }
  const isBalanced = next.type === 'LoadBalancer';
  const { loadBalancerClass } = next;
  if (isBalanced && current.type === 'LoadBalancer' && loadBalancerClass !== current.loadBalancerClass)
    into.push(invalidValue('spec.loadBalancerClass', loadBalancerClass, 'may not change once set'));
  checkBalancerClass(isBalanced, loadBalancerClass, into);
  if (needsHealthCheck(next) && needsHealthCheck(current) && next.healthCheckNodePort !== current.healthCheckNodePort)
    into.push(forbiddenField('spec.healthCheckNodePort', 'field is immutable'));
}

const FIXED = 'may not change once set';

function checkIpChange(next: ServiceSpec, current: ServiceSpec, into: FieldError[]): void {
  const [after, before] = [next.clusterIPs ?? [], current.clusterIPs ?? []];
  if (isHeadless(next) && isHeadless(current)) return;
  const written = after.length > 0 ? after : null;
  if (after.length === before.length) {
    for (const [at, ip] of before.entries())
      if (ip !== after[at]) into.push(invalidValue(`spec.clusterIPs[${at}]`, written, FIXED));
    return;
  }
  if (after.length === 0) into.push(invalidValue('spec.clusterIPs[0]', written, 'primary clusterIP can not be unset'));
  else if (before.length > 0 && after[0] !== before[0]) into.push(invalidValue('spec.clusterIPs[0]', written, FIXED));
  if (after.length < before.length && after.length === 1 && next.ipFamilyPolicy !== 'SingleStack')
    into.push(
      invalidValue(
        'spec.ipFamilyPolicy',
        next.ipFamilyPolicy,
        "must be set to 'SingleStack' when releasing the secondary clusterIP",
      ),
    );
}

function checkFamilyChange(next: ServiceSpec, current: ServiceSpec, into: FieldError[]): void {
  const [after, before] = [next.ipFamilies ?? [], current.ipFamilies ?? []];
  if (after.length === before.length) {
    for (const [at, family] of before.entries())
      if (family !== after[at]) into.push(invalidValue('spec.ipFamilies[0]', after, FIXED));
  } else if (after.length > 0 && before.length > 0 && after[0] !== before[0])
    into.push(invalidValue('spec.ipFamilies[0]', next.clusterIPs ?? null, FIXED));
}

const BALANCER_MODES = ['Proxy', 'VIP'];

export function checkServiceStatus({ spec, status }: Service, current: Service, into: FieldError[]): void {
  const path = 'status.loadBalancer.ingress';
  const ingress = status?.loadBalancer?.ingress ?? [];
  const before = current.status?.loadBalancer?.ingress?.flatMap(({ ip }) => ip ?? []) ?? [];
  if (spec.type !== 'LoadBalancer' && ingress.length > 0) {
    into.push(forbiddenField(path, "may only be used when `spec.type` is 'LoadBalancer'"));
    return;
  }
  for (const [at, { ip, ipMode, hostname }] of ingress.entries()) {
    const here = `${path}[${at}]`;
    if (ip) checkIp(ip, `${here}.ip`, into, before);
    if (ipMode === undefined) {
      if (ip) into.push(required(`${here}.ipMode`, 'must be specified when `ip` is set'));
    } else if (!ip) into.push(forbiddenField(`${here}.ipMode`, 'may not be specified when `ip` is not set'));
    else checkOptionalWord(ipMode, BALANCER_MODES, `${here}.ipMode`, into);
    if (hostname) checkBalancerName(hostname, `${here}.hostname`, into);
  }
}

export function checkBalancerName(hostname: string, path: string, into: FieldError[]): void {
  checkName(hostname, dnsSubdomain, path, into);
  if (parseIp(hostname)) into.push(invalidValue(path, hostname, 'must be a DNS name, not an IP address'));
}

export function serviceWarnings({ metadata, spec }: Service): string[] {
  const { type, clusterIP, clusterIPs = [], externalIPs = [], loadBalancerIP, sessionAffinity } = spec;
  const isBare = type === 'ClusterIP' && clusterIP === HEADLESS;
  const isNamed = type === 'ExternalName';
  const hasOuter = externalIPs.length > 0;
  return [
    ...when(
      metadata.annotations?.[HINTS] !== undefined,
      `annotation ${HINTS} is deprecated, please use ${MODE} instead`,
    ),
    ...(clusterIP && !isBare ? clusterIPs.flatMap((ip, at) => ipWarnings(`spec.clusterIPs[${at}]`, ip)) : []),
    ...when(isBare && Boolean(loadBalancerIP), 'spec.loadBalancerIP is ignored for headless services'),
    ...when(isBare && hasOuter, 'spec.externalIPs is ignored for headless services'),
    ...when(isBare && sessionAffinity !== 'None', 'spec.SessionAffinity is ignored for headless services'),
    ...externalIPs.flatMap((ip, at) => ipWarnings(`spec.externalIPs[${at}]`, ip)),
    ...when(
      hasOuter && !isBare && !isNamed,
      'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
    ),
    ...ipWarnings('spec.loadBalancerIP', loadBalancerIP),
    ...(spec.loadBalancerSourceRanges ?? []).flatMap((range, at) =>
      cidrWarnings(`spec.loadBalancerSourceRanges[${at}]`, range),
    ),
    ...when(isNamed && hasOuter, 'spec.externalIPs is ignored when spec.type is "ExternalName"'),
    ...when(
      !isNamed && Boolean(spec.externalName),
      'spec.externalName is ignored when spec.type is not "ExternalName"',
    ),
    ...when(
      spec.trafficDistribution === 'PreferClose',
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ),
  ];
}

const when = (holds: boolean, text: string): string[] => (holds ? [text] : []);
