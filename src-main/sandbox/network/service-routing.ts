/** Where a connection to an address and port of the cluster ends: what kube-proxy's rules decide. Pure. */
import type { Endpoint, EndpointSlice, Service, ServicePort } from '#common/kube/types';
import { addressesOf, type NetworkObjects } from './network-objects';

export interface Target {
  address: string;
  port: number;
}

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** A place a Service leads to, with the Service it belongs to; none left means that the connection is refused. */
export interface ServiceRoute {
  service: Service;
  targets: readonly Target[];
}

export interface Destination extends Target {
  protocol: Protocol;
  /** The node the connection starts from, for policies that keep traffic on its node. */
  fromNode?: string | undefined;
}

/** The Service that takes a connection; nothing when the address is no Service's. */
export function serviceRoute(objects: NetworkObjects, destination: Destination): ServiceRoute | undefined {
  const { address, port, protocol } = destination;
  for (const service of objects.servicesAt(address)) {
    const found = portOf(service, (each) => each.port === port && protocolOf(each) === protocol);
    if (!found) continue;
    const isCluster = service.spec.clusterIPs?.includes(address) ?? service.spec.clusterIP === address;
    const policy = isCluster ? service.spec.internalTrafficPolicy : undefined;
    return routeOf(objects, service, found, policy === 'Local' ? (destination.fromNode ?? '') : undefined);
  }
  return nodePortRoute(objects, destination);
}

function nodePortRoute(objects: NetworkObjects, { address, port, protocol }: Destination): ServiceRoute | undefined {
  const node = objects.nodeAt(address);
  if (!node) return undefined;
  for (const service of objects.services()) {
    const found = portOf(service, (each) => each.nodePort === port && protocolOf(each) === protocol);
    if (!found) continue;
    const isLocal = service.spec.externalTrafficPolicy === 'Local';
    return routeOf(objects, service, found, isLocal ? node.metadata.name : undefined);
  }
  return undefined;
}

const protocolOf = ({ protocol }: ServicePort): string => protocol ?? 'TCP';

const portOf = ({ spec }: Service, wanted: (port: ServicePort) => boolean): ServicePort | undefined =>
  (spec.ports ?? []).find(wanted);

function routeOf(
  objects: NetworkObjects,
  service: Service,
  port: ServicePort,
  onlyNode: string | undefined,
): ServiceRoute {
  const { name, namespace = '' } = service.metadata;
  const targets = backendsOf(objects.slices(namespace, name), port, onlyNode);
  return { service, targets };
}

/** Ready endpoints; when there is none, those that end but still serve. */
function backendsOf(slices: readonly EndpointSlice[], port: ServicePort, onlyNode: string | undefined): Target[] {
  const ready: Target[] = [];
  const ending: Target[] = [];
  for (const slice of slices) {
    const number = slicePort(slice, port);
    if (number === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      if (onlyNode !== undefined && endpoint.nodeName !== onlyNode) continue;
      const [address] = endpoint.addresses;
      if (address === undefined) continue;
      if (isReady(endpoint)) ready.push({ address, port: number });
      else if (endpoint.conditions?.serving && endpoint.conditions.terminating) ending.push({ address, port: number });
    }
  }
  return ready.length > 0 ? ready : ending;
}

function slicePort({ ports }: EndpointSlice, { name = '', protocol = 'TCP' }: ServicePort): number | undefined {
  return (ports ?? []).find((each) => (each.name ?? '') === name && (each.protocol ?? 'TCP') === protocol)?.port;
}

/** An unknown readiness counts as ready. */
export const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready !== false;

/** True when an address belongs to a Service though none of its ports was asked for. */
export function isServiceAddress(objects: NetworkObjects, address: string): boolean {
  return objects.servicesAt(address).some((service) => addressesOf(service).includes(address));
}
