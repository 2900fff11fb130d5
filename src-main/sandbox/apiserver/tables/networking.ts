/** Columns of Services and what belongs to the network. */
import { externalIp, portList } from '#common/kinds/service';
import { formatLabels, formatSelector } from '#common/kinds/selector';
import type {
  Endpoints,
  EndpointSlice,
  Ingress,
  IngressClass,
  IPAddress,
  NetworkPolicy,
  Service,
  ServiceCIDR,
} from '#common/kube/types';
import { age } from './age';
import { AGE, column, firstOf, NAME, NONE, UNSET, wide } from './column';
import { definePrinter, type Printer } from './printer';

/** Longer external addresses are cut where the table is not wide; the server cannot know, and cuts always. */
const services = definePrinter<Service>(
  [NAME, column('Type'), column('Cluster-IP'), column('External-IP'), column('Port(s)'), AGE, wide('Selector')],
  (service, now) => {
    const { metadata, spec } = service;
    return [
      metadata.name,
      spec.type ?? 'ClusterIP',
      spec.clusterIPs?.[0] ?? spec.clusterIP ?? NONE,
      externalIp(service),
      portList(spec.ports),
      age(metadata.creationTimestamp, now),
      formatLabels(spec.selector),
    ];
  },
);

const MOST_ENDPOINTS = 3;

const endpoints = definePrinter<Endpoints>([NAME, column('Endpoints'), AGE], ({ metadata, subsets = [] }, now) => {
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) =>
          addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
        ),
  );
  return [metadata.name, firstOf(all, MOST_ENDPOINTS), age(metadata.creationTimestamp, now)];
});

const endpointSlices = definePrinter<EndpointSlice>(
  [NAME, column('AddressType'), column('Ports'), column('Endpoints'), AGE],
  ({ metadata, addressType, ports, endpoints }, now) => [
    metadata.name,
    addressType,
    firstOf(
      (ports ?? []).map(({ port, name }) => String(port ?? (name || '*'))),
      MOST_ENDPOINTS,
      UNSET,
    ),
    firstOf(
      (endpoints ?? []).flatMap(({ addresses }) => addresses ?? []),
      MOST_ENDPOINTS,
      UNSET,
    ),
    age(metadata.creationTimestamp, now),
  ],
);

const ingresses = definePrinter<Ingress>(
  [NAME, column('Class'), column('Hosts'), column('Address'), column('Ports'), AGE],
  ({ metadata, spec, status }, now) => {
    const hosts = (spec?.rules ?? []).map(({ host }) => host || '*');
    const addresses = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '');
    return [
      metadata.name,
      spec?.ingressClassName ?? NONE,
      firstOf(hosts, MOST_ENDPOINTS, '*'),
      addresses.filter(Boolean).join(','),
      spec?.tls?.length ? '80, 443' : '80',
      age(metadata.creationTimestamp, now),
    ];
  },
);

const ingressClasses = definePrinter<IngressClass>(
  [NAME, column('Controller'), column('Parameters'), AGE],
  ({ metadata, spec }, now) => {
    const parameters = spec?.parameters;
    const kind = parameters?.apiGroup ? `${parameters.kind}.${parameters.apiGroup}` : parameters?.kind;
    const isDefault = metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true';
    return [
      isDefault ? `${metadata.name} (default)` : metadata.name,
      spec?.controller ?? '',
      parameters ? `${kind}/${parameters.name}` : NONE,
      age(metadata.creationTimestamp, now),
    ];
  },
);

const networkPolicies = definePrinter<NetworkPolicy>([NAME, column('Pod-Selector'), AGE], ({ metadata, spec }, now) => [
  metadata.name,
  formatSelector(spec?.podSelector as never),
  age(metadata.creationTimestamp, now),
]);

const serviceCidrs = definePrinter<ServiceCIDR>([NAME, column('CIDRs'), AGE], ({ metadata, spec }, now) => [
  metadata.name,
  (spec?.cidrs ?? []).join(','),
  age(metadata.creationTimestamp, now),
]);

/** The age is among the cells of the real server and has no column. */
const ipAddresses = definePrinter<IPAddress>([NAME, column('ParentRef')], ({ metadata, spec }, now) => {
  const { group = '', resource = '', namespace = '', name = '' } = spec?.parentRef ?? {};
  const parent = [group ? `${resource}.${group}` : resource, namespace, name].filter(Boolean).join('/');
  return [metadata.name, parent, age(metadata.creationTimestamp, now)];
});

export const networkPrinters: Readonly<Record<string, Printer>> = {
  services,
  endpoints,
  'endpointslices.discovery.k8s.io': endpointSlices,
  'ingresses.networking.k8s.io': ingresses,
  'ingressclasses.networking.k8s.io': ingressClasses,
  'networkpolicies.networking.k8s.io': networkPolicies,
  'servicecidrs.networking.k8s.io': serviceCidrs,
  'ipaddresses.networking.k8s.io': ipAddresses,
};
