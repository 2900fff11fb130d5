/** Whether an APIService can be asked: what its Service and endpoints say (kube-aggregator's remote availability). */
import type { APIService, EndpointSlice, Service } from '#common/kube/types';
import type { Availability } from '#main/sandbox/registry/apiregistration/apiservice';

export type ServiceReference = Required<NonNullable<APIService['spec']['service']>>;

export function referenceOf({ spec }: Readonly<APIService>): ServiceReference {
  const { namespace = '', name = '', port = 443 } = spec.service ?? {};
  return { namespace, name, port };
}

export const PASSED: Availability = { status: 'True', reason: 'Passed', message: 'all checks passed' };

export const failedDiscovery = (message: string): Availability => unavailable('FailedDiscoveryCheck', message);

export function isAvailable({ status }: Readonly<APIService>): boolean {
  return status?.conditions?.some(({ type, status: state }) => type === 'Available' && state === 'True') ?? false;
}

/** Why it need not be asked at all; undefined when its discovery document decides. */
export function obstacleOf(
  { namespace, name, port }: ServiceReference,
  service: Readonly<Service> | undefined,
  slices: readonly EndpointSlice[],
): Availability | undefined {
  const called = `service/${name} in ${JSON.stringify(namespace)}`;
  if (!service) return unavailable('ServiceNotFound', `${called} is not present`);
  if ((service.spec.type ?? 'ClusterIP') !== 'ClusterIP') return undefined;
  const found = service.spec.ports?.find((one) => one.port === port);
  if (!found) return unavailable('ServicePortError', `${called} is not listening on port ${port}`);
  if (slices.length === 0) return unavailable('EndpointsNotFound', `cannot find endpointslices for ${called}`);
  const portName = found.name ?? '';
  if (slices.some((slice) => offers(slice, portName))) return undefined;
  const missing = `have no addresses with port name ${JSON.stringify(portName)}`;
  return unavailable('MissingEndpoints', `endpointslices for ${called} ${missing}`);
}

function offers({ endpoints, ports }: EndpointSlice, portName: string): boolean {
  const isReady = (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false);
  return isReady && (ports ?? []).some(({ name = '', port }) => name === portName && port !== undefined);
}

function unavailable(reason: string, message: string): Availability {
  return { status: 'False', reason, message };
}
