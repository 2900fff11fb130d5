import { Services } from '#common/kube/resources';
import type { Service, ServicePort, ServiceSpec } from '#common/kube/types';
import {
  duplicateValue,
  forbiddenField,
  invalidValue,
  must,
  notSupported,
  required,
  type FieldError,
} from '../field-errors';
import { labelErrors } from '../metadata-rules';
import { dnsLabel, dnsSubdomain } from '../names';
import { internalError } from '../status-errors';
import { defineStrategy, Refused, type Strategy, type WriteContext } from '../strategy';
import { portReferenceErrors } from './container-rules';
import { NODE_PORTS, type ServiceAddresses } from './service-addresses';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const AFFINITIES = ['ClientIP', 'None'];
const HEADLESS = 'None';

export function serviceStrategy(addresses: ServiceAddresses): Strategy {
  return defineStrategy<Service>({
    resource: Services,
    names: dnsLabel,
    prepareForCreate(draft, context) {
      draft.status = { loadBalancer: {} };
      allocate(draft.spec, undefined, { addresses, context });
    },
    validate: ({ spec }) => [...specErrors(spec), ...addressErrors(spec, addresses)],
    update: {
      prepare(next, current, context) {
        // The stored Service may share it.
        next.spec = { ...next.spec };
        keepAddresses(next.spec, current.spec);
        allocate(next.spec, current.spec, { addresses, context });
      },
      validate: (next, current) => addressChangeErrors(next.spec, current.spec),
    },
    selectableFields: ({ spec }) => ({ 'spec.clusterIP': spec.clusterIP ?? '', 'spec.type': spec.type ?? '' }),
    afterCreate: ({ spec }) => addresses.hold(ipsOf(spec), portsOf(spec)),
    afterUpdate({ spec: next }, { spec: current }) {
      addresses.release(ipsOf(current), portsOf(current));
      addresses.hold(ipsOf(next), portsOf(next));
    },
    afterDelete: ({ spec }) => addresses.release(ipsOf(spec), portsOf(spec)),
  });
}

const ipsOf = ({ clusterIPs = [] }: ServiceSpec): string[] => clusterIPs.filter((ip) => ip !== HEADLESS);

function portsOf({ ports = [], healthCheckNodePort }: ServiceSpec): number[] {
  const held = ports.flatMap(({ nodePort }) => nodePort ?? []);
  return healthCheckNodePort ? [...held, healthCheckNodePort] : held;
}

interface Allocation {
  addresses: ServiceAddresses;
  context: WriteContext;
}

/** Fills in what the cluster chooses: the cluster IP, the IP family, node ports. */
function allocate(spec: ServiceSpec, current: ServiceSpec | undefined, allocation: Allocation): void {
  if (spec.type === 'ExternalName') {
    delete spec.clusterIP;
    delete spec.clusterIPs;
    return;
  }
  allocateIp(spec, current, allocation);
  spec.ipFamilies ??= ['IPv4'];
  spec.ipFamilyPolicy ??= 'SingleStack';
  if (wantsNodePorts(spec)) allocatePorts(spec, current, allocation);
}

function allocateIp(spec: ServiceSpec, current: ServiceSpec | undefined, { addresses, context }: Allocation): void {
  const asked = spec.clusterIP || spec.clusterIPs?.[0];
  if (asked && asked !== HEADLESS && asked !== current?.clusterIP && addresses.isIpTaken(asked)) {
    throw allocationRefused(
      'spec.clusterIPs',
      [asked],
      `failed to allocate IP ${asked}: provided IP is already allocated`,
    );
  }
  const address = asked || addresses.drawIp(context.random);
  if (!address) throw internalError('failed to allocate a serviceIP: range is full');
  spec.clusterIP = address;
  spec.clusterIPs = spec.clusterIPs?.length ? spec.clusterIPs : [address];
}

const wantsNodePorts = ({ type, allocateLoadBalancerNodePorts: allocate }: ServiceSpec): boolean =>
  type === 'NodePort' || (type === 'LoadBalancer' && allocate !== false);

function allocatePorts(spec: ServiceSpec, current: ServiceSpec | undefined, { addresses, context }: Allocation): void {
  const own = new Set(current ? portsOf(current) : []);
  const chosen = new Set<number>();
  spec.ports = (spec.ports ?? []).map((port, at) => {
    if (port.nodePort) {
      const isTaken = addresses.isPortTaken(port.nodePort) && !own.has(port.nodePort);
      if (isTaken)
        throw allocationRefused(`spec.ports[${at}].nodePort`, port.nodePort, 'provided port is already allocated');
      chosen.add(port.nodePort);
      return port;
    }
    let nodePort = addresses.drawPort(context.random);
    while (nodePort !== undefined && chosen.has(nodePort)) nodePort = addresses.drawPort(context.random);
    if (nodePort === undefined) throw internalError('failed to allocate a nodePort: range is full');
    chosen.add(nodePort);
    return { ...port, nodePort };
  });
}

/** A client that does not send what was chosen for it keeps it. */
function keepAddresses(next: ServiceSpec, current: ServiceSpec): void {
  if (next.type === 'ExternalName' || current.type === 'ExternalName') return;
  if (!next.clusterIP && current.clusterIP) {
    next.clusterIP = current.clusterIP;
    if (current.clusterIPs && !next.clusterIPs?.length) next.clusterIPs = current.clusterIPs;
  }
  if (current.ipFamilies) next.ipFamilies ??= current.ipFamilies;
  if (current.ipFamilyPolicy) next.ipFamilyPolicy ??= current.ipFamilyPolicy;
  if (!wantsNodePorts(next) || !next.ports) return;
  next.ports = next.ports.map((port) => {
    const before = current.ports?.find((one) => one.port === port.port && one.protocol === port.protocol);
    return port.nodePort || !before?.nodePort ? port : { ...port, nodePort: before.nodePort };
  });
}

function specErrors(spec: ServiceSpec): FieldError[] {
  const { type = '', ports = [], clusterIP, selector, sessionAffinity = '', externalName } = spec;
  const needsPorts = type !== 'ExternalName' && clusterIP !== HEADLESS;
  return [
    ...must(TYPES.includes(type), () => notSupported('spec.type', type, TYPES)),
    ...must(!needsPorts || ports.length > 0, () => required('spec.ports')),
    ...portsErrors(ports, type),
    ...labelErrors(selector, 'spec.selector'),
    ...must(AFFINITIES.includes(sessionAffinity), () =>
      notSupported('spec.sessionAffinity', sessionAffinity, AFFINITIES),
    ),
    ...(type === 'ExternalName' ? externalNameErrors(externalName) : []),
    ...must(type !== 'LoadBalancer' || clusterIP !== HEADLESS, () =>
      invalidValue('spec.clusterIPs[0]', clusterIP, "may not be set to 'None' for LoadBalancer services"),
    ),
    ...must(type !== 'NodePort' || clusterIP !== HEADLESS, () =>
      invalidValue('spec.clusterIPs[0]', clusterIP, "may not be set to 'None' for NodePort services"),
    ),
  ];
}

function externalNameErrors(name: string | undefined): FieldError[] {
  if (!name) return [required('spec.externalName')];
  return dnsSubdomain(name.replace(/\.$/, '')).map((text) => invalidValue('spec.externalName', name, text));
}

function portsErrors(ports: readonly ServicePort[], type: string): FieldError[] {
  const names = new Set<string>();
  const numbers = new Set<string>();
  return ports.flatMap((port, at) => {
    const path = `spec.ports[${at}]`;
    const errors = portErrors(port, path, { type, needsName: ports.length > 1 });
    if (port.name && names.has(port.name)) errors.push(duplicateValue(`${path}.name`, port.name));
    names.add(port.name ?? '');
    const number = `${port.protocol}/${port.port}`;
    if (numbers.has(number)) errors.push(duplicateValue(path, { protocol: port.protocol, port: port.port }));
    numbers.add(number);
    return errors;
  });
}

interface PortPlace {
  type: string;
  needsName: boolean;
}

function portErrors(
  { name, port, protocol = '', targetPort, nodePort }: ServicePort,
  path: string,
  { type, needsName }: PortPlace,
) {
  const inRange = port >= 1 && port <= 65_535;
  return [
    ...must(!needsName || Boolean(name), () => required(`${path}.name`)),
    ...(name ? dnsLabel(name).map((text) => invalidValue(`${path}.name`, name, text)) : []),
    ...must(inRange, () => invalidValue(`${path}.port`, port, 'must be between 1 and 65535, inclusive')),
    ...must(PROTOCOLS.includes(protocol), () => notSupported(`${path}.protocol`, protocol, PROTOCOLS)),
    ...portReferenceErrors(targetPort, `${path}.targetPort`),
    ...must(!nodePort || type === 'NodePort' || type === 'LoadBalancer', () =>
      forbiddenField(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'"),
    ),
    ...must(!nodePort || (nodePort >= NODE_PORTS.from && nodePort <= NODE_PORTS.to), () =>
      invalidValue(
        `${path}.nodePort`,
        nodePort,
        `provided port is not in the valid range. The range of valid ports is ${NODE_PORTS.from}-${NODE_PORTS.to}`,
      ),
    ),
  ];
}

function addressErrors({ type, clusterIP }: ServiceSpec, { range }: ServiceAddresses): FieldError[] {
  if (type === 'ExternalName' || !clusterIP || clusterIP === HEADLESS) return [];
  return must(range.offsetOf(clusterIP) !== undefined, () =>
    invalidValue(
      'spec.clusterIPs',
      [clusterIP],
      `failed to allocate IP ${clusterIP}: the provided IP (${clusterIP}) is not in the valid range. The range of valid IPs is ${range.text}`,
    ),
  );
}

function addressChangeErrors(next: ServiceSpec, current: ServiceSpec): FieldError[] {
  const isFixed = current.type !== 'ExternalName' && next.type !== 'ExternalName' && Boolean(current.clusterIP);
  return must(!isFixed || next.clusterIP === current.clusterIP, () =>
    invalidValue('spec.clusterIPs[0]', next.clusterIPs?.[0] ?? next.clusterIP, 'may not change once set'),
  );
}

function allocationRefused(field: string, value: unknown, detail: string): Refused {
  return new Refused(invalidValue(field, value, detail));
}
