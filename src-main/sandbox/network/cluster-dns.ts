/** The names of a cluster as CoreDNS' kubernetes plugin answers them. Pure. */
import type { DnsAnswer, DnsRecord, DnsType } from '#main/base/pod-network';
import type { Endpoint, EndpointSlice, Service, ServicePort } from '#common/kube/types';
import { addressesOf, type NetworkObjects } from './network-objects';
import { isReady } from './service-routing';

export const CLUSTER_DOMAIN = 'cluster.local';
/** The plugin's `ttl` as kubeadm sets it. */
const TTL_SECONDS = 30;

const NOT_FOUND: DnsAnswer = { status: 'NXDOMAIN', records: [] };
const found = (records: readonly DnsRecord[]): DnsAnswer => ({ status: 'NOERROR', records });

/** Answers a question with a full name; the dot at its end may be left out. */
export function dnsAnswer(objects: NetworkObjects, name: string, type: DnsType): DnsAnswer {
  const asked = name.toLowerCase().replace(/\.$/, '');
  if (asked.endsWith('.in-addr.arpa')) return pointers(objects, asked);
  if (!asked.endsWith(`.${CLUSTER_DOMAIN}`) && asked !== CLUSTER_DOMAIN) return NOT_FOUND;
  const labels = asked.slice(0, -CLUSTER_DOMAIN.length - 1).split('.');
  const area = labels.pop();
  if (area === 'pod') return podAnswer(objects, asked, labels, type);
  return area === 'svc' ? serviceAnswer(objects, asked, labels, type) : NOT_FOUND;
}

const record = (name: string, type: DnsType, data: string): DnsRecord => ({ name, type, data, ttl: TTL_SECONDS });

/** `10-244-0-5.default.pod`: any address that could be one, as `pods insecure` answers. */
function podAnswer(objects: NetworkObjects, asked: string, labels: readonly string[], type: DnsType): DnsAnswer {
  const [dashed = '', namespace = '', ...more] = labels;
  if (more.length > 0 || !objects.namespace(namespace)) return NOT_FOUND;
  if (!/^\d{1,3}(?:-\d{1,3}){3}$/.test(dashed)) return NOT_FOUND;
  return found(type === 'A' ? [record(asked, 'A', dashed.replaceAll('-', '.'))] : []);
}

function serviceAnswer(objects: NetworkObjects, asked: string, labels: readonly string[], type: DnsType): DnsAnswer {
  const [namespace = '', name = ''] = labels.toReversed();
  const front = labels.slice(0, -2);
  const service = objects.service(namespace, name);
  if (labels.length === 1) return objects.namespace(namespace) ? found([]) : NOT_FOUND;
  if (!service) return NOT_FOUND;
  if (service.spec.type === 'ExternalName') return externalAnswer(objects, asked, service, type);
  const slices = objects.slices(namespace, name);
  if (front.length === 2 && front.every((label) => label.startsWith('_'))) {
    return portRecords(
      asked,
      service,
      slices,
      front.map((label) => label.slice(1)),
    );
  }
  if (front.length === 1) return memberAnswer(asked, slices, front[0] ?? '', type);
  if (front.length > 1) return NOT_FOUND;
  if (type === 'SRV') return portRecords(asked, service, slices, []);
  const addresses = isHeadless(service) ? members(slices).map(({ address }) => address) : clusterAddresses(service);
  if (addresses.length === 0) return NOT_FOUND;
  return found(type === 'A' ? addresses.map((address) => record(asked, 'A', address)) : []);
}

const isHeadless = ({ spec }: Service): boolean => spec.clusterIP === 'None' || !spec.clusterIP;
const clusterAddresses = ({ spec }: Service): string[] => spec.clusterIPs ?? [spec.clusterIP ?? ''];

function externalAnswer(objects: NetworkObjects, asked: string, { spec }: Service, type: DnsType): DnsAnswer {
  const target = (spec.externalName ?? '').replace(/\.$/, '');
  const alias = record(asked, 'CNAME', target);
  if (type === 'CNAME') return found([alias]);
  const inside = target.endsWith(`.${CLUSTER_DOMAIN}`) ? dnsAnswer(objects, target, type).records : [];
  return found([alias, ...inside]);
}

interface Member {
  address: string;
  /** The Pod's hostname, or its address with dashes. */
  label: string;
}

function members(slices: readonly EndpointSlice[]): Member[] {
  return slices.flatMap(({ endpoints }) =>
    (endpoints ?? [])
      .filter(isReady)
      .map((endpoint) => ({ address: endpoint.addresses[0] ?? '', label: labelOf(endpoint) })),
  );
}

const labelOf = ({ hostname, addresses }: Endpoint): string => hostname ?? (addresses[0] ?? '').replaceAll('.', '-');

function memberAnswer(asked: string, slices: readonly EndpointSlice[], label: string, type: DnsType): DnsAnswer {
  const named = members(slices).filter((member) => member.label === label);
  if (named.length === 0) return NOT_FOUND;
  return found(type === 'A' ? named.map(({ address }) => record(asked, 'A', address)) : []);
}

/** SRV records of the ports that `_port._protocol` name; of all of them when nothing is named. */
function portRecords(
  asked: string,
  service: Service,
  slices: readonly EndpointSlice[],
  [portName, protocol]: readonly string[],
): DnsAnswer {
  const { name, namespace = '' } = service.metadata;
  const full = `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`;
  const isAsked = (port: Pick<ServicePort, 'name' | 'protocol'>) =>
    portName === undefined || (port.name === portName && (port.protocol ?? 'TCP').toLowerCase() === protocol);
  const places = isHeadless(service)
    ? slices.flatMap((slice) =>
        (slice.ports ?? [])
          .filter(isAsked)
          .flatMap(({ port = 0 }) => members([slice]).map(({ label }) => ({ port, host: `${label}.${full}` }))),
      )
    : (service.spec.ports ?? []).filter(isAsked).map(({ port }) => ({ port, host: full }));
  if (places.length === 0) return NOT_FOUND;
  const weight = Math.max(1, Math.floor(100 / places.length));
  return found(places.map(({ port, host }) => record(asked, 'SRV', `0 ${weight} ${port} ${host}.`)));
}

function pointers(objects: NetworkObjects, asked: string): DnsAnswer {
  const address = asked.replace('.in-addr.arpa', '').split('.').toReversed().join('.');
  const names: string[] = [];
  for (const service of objects.services()) {
    const { name, namespace = '' } = service.metadata;
    const full = `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`;
    if (addressesOf(service).includes(address)) return found([record(asked, 'PTR', `${full}.`)]);
    if (!isHeadless(service)) continue;
    const member = members(objects.slices(namespace, name)).find((each) => each.address === address);
    if (member) names.push(`${member.label}.${full}.`);
  }
  return names.length > 0 ? found(names.map((name) => record(asked, 'PTR', name))) : NOT_FOUND;
}
