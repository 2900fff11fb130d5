/** What the cluster chooses for a Service before its rules are looked at: IP families, cluster IPs, node ports. */
import type { ServiceSpec } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { invalidValue, type FieldError } from '../field-errors';
import { parseIp } from '../ip-rules';
import { internalError } from '../status-errors';
import { Refused, type WriteContext } from '../strategy';
import { NODE_PORTS, type ServiceAddresses } from './service-addresses';
import { checkClusterIps, HEADLESS, isHeadless, needsHealthCheck } from './service-rules';

export interface Allocation {
  addresses: ServiceAddresses;
  context: WriteContext;
  /** Of the Service: each of its addresses is held in its name. */
  name: string | undefined;
}

export function allocateNew(spec: ServiceSpec, allocation: Allocation): void {
  if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
  if (hasAddress(spec)) {
    settleFamilies(spec, undefined);
    allocateIps(spec, allocation);
  }
  if (wantsNodePorts(spec)) allocatePorts(spec, undefined, allocation);
  if (needsHealthCheck(spec)) spec.healthCheckNodePort ||= drawPort(allocation, new Set());
}

export function allocateChanged(next: ServiceSpec, current: ServiceSpec, allocation: Allocation): void {
  keepAllocated(next, current);
  followClusterIp(next, current);
  if (hasAddress(next)) {
    settleFamilies(next, current);
    const wasHeadless = current.clusterIPs?.[0] === HEADLESS;
    if (!hasAddress(current)) allocateIps(next, allocation);
    else if (!wasHeadless && next.ipFamilies?.length === 1 && current.ipFamilies?.length === 2)
      next.clusterIPs = next.clusterIPs?.slice(0, 1) ?? [];
  }
  if (wantsNodePorts(next)) allocatePorts(next, current, allocation);
  if (needsHealthCheck(next) && !needsHealthCheck(current))
    next.healthCheckNodePort ||= drawPort(allocation, new Set());
  dropUnneeded(next, current);
}

const hasAddress = ({ type }: ServiceSpec): boolean => type !== 'ExternalName';
const mayHaveNodePorts = ({ type }: ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer';
const wantsNodePorts = (spec: ServiceSpec): boolean =>
  mayHaveNodePorts(spec) && (spec.type === 'NodePort' || spec.allocateLoadBalancerNodePorts !== false);

/** A client that does not send what was chosen for it keeps it. */
function keepAllocated(next: ServiceSpec, current: ServiceSpec): void {
  if (hasAddress(next) && hasAddress(current)) {
    if (!next.clusterIP && current.clusterIP) next.clusterIP = current.clusterIP;
    if (!next.clusterIPs?.length && current.clusterIPs?.length) next.clusterIPs = current.clusterIPs;
  }
  if (mayHaveNodePorts(current) && mayHaveNodePorts(next)) keepPorts(next, current);
  if (needsHealthCheck(current) && needsHealthCheck(next) && current.healthCheckNodePort)
    next.healthCheckNodePort ||= current.healthCheckNodePort;
}

function keepPorts(next: ServiceSpec, current: ServiceSpec): void {
  const before = new Map((current.ports ?? []).map(({ name = '', nodePort }) => [name, nodePort]));
  const sent = new Set(next.ports?.map(({ nodePort }) => nodePort));
  next.ports = (next.ports ?? []).map((port) => {
    const kept = before.get(port.name ?? '');
    return port.nodePort || !kept || sent.has(kept) ? port : { ...port, nodePort: kept };
  });
}

/** `clusterIP` and the first of `clusterIPs` are one thing: a client may know only one of them. */
function followClusterIp(next: ServiceSpec, current: ServiceSpec): void {
  if (current.clusterIPs?.length && !next.clusterIPs?.length && current.clusterIP === next.clusterIP)
    next.clusterIPs = current.clusterIPs;
  if (current.clusterIP === next.clusterIP || !sameValue(current.clusterIPs, next.clusterIPs)) return;
  if (current.clusterIP && !next.clusterIP) delete next.clusterIPs;
  else next.clusterIPs = next.clusterIP ? [next.clusterIP] : [];
}

/** The cluster has one family, IPv4; only headless Services without Pods of their own may have more. */
function settleFamilies(spec: ServiceSpec, current: ServiceSpec | undefined): void {
  const isFree = spec.clusterIP === HEADLESS && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= current?.ipFamilyPolicy ?? (isFree ? 'RequireDualStack' : 'SingleStack');
  const problems: FieldError[] = [];
  checkClusterIps(spec, current, problems);
  if (problems.length > 0) throw new Refused(...problems);
  if (current) shrink(spec, current, problems);
  checkSingleStack(spec, problems);
  addFamilies(spec, problems);
  if (problems.length > 0) throw new Refused(...problems);
  if (isFree) {
    spec.ipFamilies = freeFamilies(spec);
    return;
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack')
    problems.push(policyError(spec, 'this cluster is not configured for dual-stack services'));
  for (const [at, family] of (spec.ipFamilies ?? []).entries())
    if (family !== 'IPv4')
      problems.push(invalidValue(`spec.ipFamilies[${at}]`, family, 'not configured on this cluster'));
  if (problems.length > 0) throw new Refused(...problems);
  if (!spec.ipFamilies?.length) spec.ipFamilies = ['IPv4'];
}

const policyError = ({ ipFamilyPolicy }: ServiceSpec, detail: string): FieldError =>
  invalidValue('spec.ipFamilyPolicy', ipFamilyPolicy, detail);

function shrink(spec: ServiceSpec, current: ServiceSpec, problems: FieldError[]): void {
  const { clusterIPs = [], ipFamilies = [] } = spec;
  if (spec.ipFamilyPolicy === 'SingleStack') {
    if (clusterIPs.length > 1 && sameValue(clusterIPs, current.clusterIPs)) spec.clusterIPs = clusterIPs.slice(0, 1);
    if (ipFamilies.length > 1 && sameValue(ipFamilies, current.ipFamilies)) spec.ipFamilies = ipFamilies.slice(0, 1);
    return;
  }
  if (isReduced(clusterIPs, current.clusterIPs))
    problems.push(policyError(spec, "must be 'SingleStack' to release the secondary cluster IP"));
  if (isReduced(ipFamilies, current.ipFamilies))
    problems.push(policyError(spec, "must be 'SingleStack' to release the secondary IP family"));
}

function isReduced(next: readonly string[], current: readonly string[] = []): boolean {
  return next.length === 1 && current.length === 2 && next[0] === current[0];
}

function checkSingleStack(spec: ServiceSpec, problems: FieldError[]): void {
  if (spec.ipFamilyPolicy !== 'SingleStack') return;
  const start = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";
  if (spec.clusterIPs?.length === 2) problems.push(policyError(spec, `${start} cluster IPs are specified`));
  if (spec.ipFamilies?.length === 2) problems.push(policyError(spec, `${start} IP families are specified`));
}

/** Addresses that were asked for tell their families. */
function addFamilies(spec: ServiceSpec, problems: FieldError[]): void {
  const { clusterIPs = [] } = spec;
  if (clusterIPs[0] === HEADLESS) return;
  for (const [at, ip] of clusterIPs.entries()) {
    if (at < (spec.ipFamilies?.length ?? 0)) continue;
    if (parseIp(ip)?.family === 4) spec.ipFamilies = [...(spec.ipFamilies ?? []), 'IPv4'];
    else problems.push(invalidValue(`spec.clusterIPs[${at}]`, clusterIPs, 'IPv6 is not configured on this cluster'));
  }
}

function freeFamilies({ ipFamilies = [], ipFamilyPolicy }: ServiceSpec): string[] {
  const known = ipFamilies.length > 0 ? ipFamilies : ['IPv4'];
  if (known.length > 1 || ipFamilyPolicy === 'SingleStack') return [...known];
  return [...known, known[0] === 'IPv4' ? 'IPv6' : 'IPv4'];
}

function allocateIps(spec: ServiceSpec, { addresses, context, name }: Allocation): void {
  if (isHeadless(spec)) return;
  const { clusterIPs = [''] } = spec;
  const [asked] = clusterIPs;
  const problem = asked ? askedProblem(asked, addresses) : undefined;
  const address = asked || addresses.drawIp(context.random);
  if (!address) throw internalError('failed to allocate a serviceIP: range is full');
  const why = problem ?? (name || context.dryRun ? undefined : nobodys(address));
  const what = asked ? `failed to allocate IP ${asked}` : 'failed to allocate IP';
  if (why) throw new Refused(invalidValue('spec.clusterIPs', clusterIPs, `${what}: ${why}`));
  spec.clusterIP = address;
  spec.clusterIPs = [address];
}

const nobodys = (address: string): string =>
  `IPAddress.networking.k8s.io "${address}" is invalid: spec.parentRef.name: Required value`;

function askedProblem(address: string, addresses: ServiceAddresses): string | undefined {
  if (addresses.range.offsetOf(address) === undefined)
    return `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${addresses.range.text}`;
  return addresses.isIpTaken(address) ? 'provided IP is already allocated' : undefined;
}

function allocatePorts(spec: ServiceSpec, current: ServiceSpec | undefined, allocation: Allocation): void {
  const own = new Set(current?.ports?.flatMap(({ nodePort }) => nodePort ?? []));
  const chosen = new Set<number>();
  const byPort = new Map<number, number>();
  spec.ports = (spec.ports ?? []).map((port, at) => {
    const shared = byPort.get(port.port) ?? spec.ports?.find((one) => one.port === port.port && one.nodePort)?.nodePort;
    const nodePort = port.nodePort || shared;
    if (!nodePort) {
      const drawn = drawPort(allocation, chosen);
      byPort.set(port.port, drawn);
      return { ...port, nodePort: drawn };
    }
    if (!own.has(nodePort) && byPort.get(port.port) !== nodePort) checkAsked(nodePort, at, allocation, chosen);
    chosen.add(nodePort);
    byPort.set(port.port, nodePort);
    return port.nodePort ? port : { ...port, nodePort };
  });
}

function checkAsked(
  nodePort: number,
  at: number,
  { addresses, context }: Allocation,
  chosen: ReadonlySet<number>,
): void {
  // A trial takes no port, and asks nobody whether it could.
  if (context.dryRun && !chosen.has(nodePort)) return;
  const field = `spec.ports[${at}].nodePort`;
  if (nodePort < NODE_PORTS.from || nodePort > NODE_PORTS.to) {
    const detail = `provided port is not in the valid range. The range of valid ports is ${NODE_PORTS.from}-${NODE_PORTS.to}`;
    throw new Refused(invalidValue(field, nodePort, detail));
  }
  if (addresses.isPortTaken(nodePort) || chosen.has(nodePort))
    throw new Refused(invalidValue(field, nodePort, 'provided port is already allocated'));
}

function drawPort({ addresses, context }: Allocation, chosen: Set<number>): number {
  let port = addresses.drawPort(context.random);
  while (port !== undefined && chosen.has(port)) port = addresses.drawPort(context.random);
  if (port === undefined) throw internalError('failed to allocate a nodePort: range is full');
  chosen.add(port);
  return port;
}

/** What only another type needs goes with it, where the client did not touch it. */
function dropUnneeded(next: ServiceSpec, current: ServiceSpec): void {
  if (hasAddress(current) && !hasAddress(next)) dropAddress(next, current);
  if (mayHaveNodePorts(current) && !mayHaveNodePorts(next)) dropPorts(next, current);
  if (needsHealthCheck(current) && !needsHealthCheck(next) && next.healthCheckNodePort === current.healthCheckNodePort)
    delete next.healthCheckNodePort;
  if (current.type === 'LoadBalancer' && next.type !== 'LoadBalancer') {
    if (next.allocateLoadBalancerNodePorts === current.allocateLoadBalancerNodePorts)
      delete next.allocateLoadBalancerNodePorts;
    if (next.loadBalancerClass === current.loadBalancerClass) delete next.loadBalancerClass;
  }
  const isInside = !isOutside(next) && next.externalTrafficPolicy === current.externalTrafficPolicy;
  if (isOutside(current) && isInside) delete next.externalTrafficPolicy;
  if (!hasAddress(next)) delete next.internalTrafficPolicy;
}

const isOutside = ({ type, externalIPs = [] }: ServiceSpec): boolean =>
  type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && externalIPs.length > 0);

function dropAddress(next: ServiceSpec, current: ServiceSpec): void {
  if (next.clusterIP === current.clusterIP && sameValue(next.clusterIPs, current.clusterIPs)) {
    delete next.clusterIP;
    delete next.clusterIPs;
  }
  if (sameValue(next.ipFamilies, current.ipFamilies)) delete next.ipFamilies;
  if (next.ipFamilyPolicy === current.ipFamilyPolicy) delete next.ipFamilyPolicy;
}

function dropPorts(next: ServiceSpec, current: ServiceSpec): void {
  const before = new Set(current.ports?.map(({ nodePort }) => nodePort));
  const isOwn = next.ports?.every(({ nodePort }) => !nodePort || before.has(nodePort));
  if (isOwn) next.ports = (next.ports ?? []).map(({ nodePort: _nodePort, ...port }) => port);
}
