import { formatLabels } from '#common/kinds/selector';
import type { EndpointSlice, Event, Service } from '#common/kube/types';
import type { DescribeWriter } from './describe-writer';
import { writeEvents } from './events';
import { writeIdentity } from './metadata';

export interface ServiceFacts {
  events: Event[] | undefined;
  now: number;
  slices: readonly EndpointSlice[];
}

export function describeService(writer: DescribeWriter, service: Service, { events, now, slices }: ServiceFacts): void {
  const { spec } = service;
  writeIdentity(writer, service);
  writer.field(0, 'Selector', formatLabels(spec.selector));
  writer.field(0, 'Type', spec.type);
  writer.optional(0, 'IP Family Policy', spec.ipFamilyPolicy);
  writer.field(0, 'IP Families', spec.ipFamilies?.join(',') || undefined, '<none>');
  writer.field(0, 'IP', spec.clusterIP);
  writer.field(0, 'IPs', spec.clusterIPs?.join(',') || undefined, '<none>');
  writer.optional(0, 'External IPs', spec.externalIPs?.join(','));
  writer.optional(0, 'Desired LoadBalancer IP', spec.loadBalancerIP);
  writer.optional(0, 'External Name', spec.externalName);
  writer.optional(0, 'LoadBalancer Ingress', ingressText(service));
  writePorts(writer, service, slices);
  writer.field(0, 'Session Affinity', spec.sessionAffinity);
  writer.optional(0, 'External Traffic Policy', spec.externalTrafficPolicy);
  writer.optional(0, 'Internal Traffic Policy', spec.internalTrafficPolicy);
  if (spec.healthCheckNodePort) writer.field(0, 'HealthCheck NodePort', spec.healthCheckNodePort);
  writer.optional(0, 'LoadBalancer Source Ranges', spec.loadBalancerSourceRanges?.join(','));
  writer.optional(0, 'Traffic Distribution', spec.trafficDistribution);
  writeEvents(writer, events, now);
}

function ingressText({ status }: Service): string {
  return (status?.loadBalancer?.ingress ?? [])
    .map(({ ip, ipMode, hostname }) => (ip ? `${ip}${ipMode ? ` (${ipMode})` : ''}` : (hostname ?? '')))
    .join(', ');
}

function writePorts(writer: DescribeWriter, { spec }: Service, slices: readonly EndpointSlice[]): void {
  for (const { name = '', port, targetPort = 0, nodePort, protocol = 'TCP' } of spec.ports ?? []) {
    const shown = name || '<unset>';
    writer.field(0, 'Port', `${shown}\t${port}/${protocol}`);
    writer.field(0, 'TargetPort', `${targetPort}/${protocol}`);
    if (nodePort) writer.field(0, 'NodePort', `${shown}\t${nodePort}/${protocol}`);
    writer.field(0, 'Endpoints', endpointsText(slices, name));
  }
}

/** At most three are named. */
const MAX_ENDPOINTS = 3;

function endpointsText(slices: readonly EndpointSlice[], portName: string): string {
  if (slices.length === 0) return '<none>';
  const addresses = slices.flatMap((slice) => readyAddresses(slice, portName));
  const named = addresses.slice(0, MAX_ENDPOINTS).join(',');
  return addresses.length > MAX_ENDPOINTS ? `${named} + ${addresses.length - MAX_ENDPOINTS} more...` : named;
}

/** An endpoint that does not say whether it is ready counts as ready. */
function readyAddresses({ ports, endpoints }: EndpointSlice, portName: string): string[] {
  const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
  const addresses = ready.map((endpoint) => endpoint.addresses?.[0] ?? '');
  if (!ports?.length) return addresses;
  return ports
    .filter(({ name = '' }) => name === portName)
    .flatMap(({ port }) => addresses.map((address) => `${address.includes(':') ? `[${address}]` : address}:${port}`));
}
