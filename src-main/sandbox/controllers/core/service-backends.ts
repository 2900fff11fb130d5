/** Which Pods stand behind a Service, and in what shape they are published. Pure. */
import type {
  DiscoveryV1EndpointPort,
  Endpoint,
  EndpointAddress,
  EndpointPort,
  EndpointSubset,
  Node,
  ObjectReference,
  Pod,
  Service,
  ServicePort,
} from '#common/kube/types';
import { selects } from '#common/kinds/selector';
import { isReady } from '../apps/pod-facts';
import type { EndpointGroup } from '../discovery/slice-plan';
import { inEndpointsOrder, inSliceOrder } from './port-order';

export type AddressFamily = 'IPv4' | 'IPv6';

/** Pods that the Service selects and that have an address; finished ones are out. */
export function backendsOf({ spec }: Service, pods: readonly Pod[]): Pod[] {
  return pods.filter((pod) => selects(spec.selector, pod) && !!pod.status?.podIP && !isFinished(pod));
}

const isFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** The families a Service is published in. */
export function familiesOf({ spec }: Service): AddressFamily[] {
  const families = (spec.ipFamilies ?? []).filter((family) => family === 'IPv4' || family === 'IPv6');
  if (families.length > 0) return families;
  return [spec.clusterIP && familyOf(spec.clusterIP) === 'IPv6' ? 'IPv6' : 'IPv4'];
}

export const familyOf = (ip: string): AddressFamily => (ip.includes(':') ? 'IPv6' : 'IPv4');

function addressesOf({ status }: Pod, family: AddressFamily): string[] {
  const all = status?.podIPs?.flatMap(({ ip }) => ip || []) ?? (status?.podIP ? [status.podIP] : []);
  return all.filter((ip) => familyOf(ip) === family);
}

/** The number of the port a Service port leads to in a Pod; undefined when the Pod has no port of that name. */
export function targetPortOf({ port, targetPort, protocol = 'TCP' }: ServicePort, { spec }: Pod): number | undefined {
  if (targetPort === undefined) return port;
  if (typeof targetPort === 'number') return targetPort || port;
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const { ports = [] } of [...spec.containers, ...sidecars]) {
    const named = ports.find((one) => one.name === targetPort && (one.protocol ?? 'TCP') === protocol);
    if (named) return named.containerPort;
  }
  return undefined;
}

/** The ports of a Service as one Pod serves them. */
function portsOf({ spec }: Service, pod: Pod): EndpointPort[] {
  return (spec.ports ?? []).flatMap((port) => {
    const number = targetPortOf(port, pod);
    if (number === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = port;
    return [{ ...(name ? { name } : {}), port: number, protocol, ...(appProtocol ? { appProtocol } : {}) }];
  });
}

interface PortGroup {
  ports: EndpointPort[];
  pods: Pod[];
}

/** Pods that serve the same ports are published together. */
function groupByPorts(service: Service, pods: readonly Pod[]): PortGroup[] {
  const groups = new Map<string, PortGroup>();
  for (const pod of pods) {
    const ports = portsOf(service, pod);
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports, pods: [] };
    group.pods.push(pod);
    groups.set(key, group);
  }
  return [...groups.values()];
}

const referenceTo = ({ metadata }: Pod): ObjectReference => ({
  kind: 'Pod',
  ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
  name: metadata.name,
  uid: metadata.uid,
});

/** Only Pods whose subdomain is the Service have a name of their own in it. */
function hostnameOf({ spec }: Pod, service: Service): { hostname?: string } {
  return spec.hostname && spec.subdomain === service.metadata.name ? { hostname: spec.hostname } : {};
}

/** The subsets of core/v1 Endpoints; they know one family, the Service's first. */
export function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const isPublished = ({ metadata }: Pod) =>
    !metadata.deletionTimestamp || service.spec.publishNotReadyAddresses === true;
  const [family = 'IPv4'] = familiesOf(service);
  const published = backendsOf(service, pods).filter(isPublished);
  return groupByPorts(service, published)
    .filter(({ ports }) => ports.length > 0 || (service.spec.clusterIP === 'None' && !service.spec.ports?.length))
    .flatMap(({ ports, pods: members }) => {
      const isOpen = (pod: Pod) => isReady(pod) || service.spec.publishNotReadyAddresses === true;
      const published = (some: Pod[]) => some.flatMap((pod) => addressOf(pod, service, family) ?? []).toSorted(byIp);
      const ready = published(members.filter(isOpen));
      const notReady = published(members.filter((pod) => !isOpen(pod)));
      if (ready.length + notReady.length === 0) return [];
      return [
        {
          ...(ready.length > 0 ? { addresses: ready } : {}),
          ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
          ...(ports.length > 0 ? { ports: inEndpointsOrder(ports) } : {}),
        },
      ];
    });
}

function addressOf(pod: Pod, service: Service, family: AddressFamily): EndpointAddress | undefined {
  const [ip] = addressesOf(pod, family);
  if (!ip) return undefined;
  const { nodeName } = pod.spec;
  return { ip, ...hostnameOf(pod, service), ...(nodeName ? { nodeName } : {}), targetRef: referenceTo(pod) };
}

const byIp = (left: { ip: string }, right: { ip: string }): number => (left.ip < right.ip ? -1 : 1);

/** The most addresses of one Endpoints object. */
const MAX_ADDRESSES = 1000;

/** Subsets within what one object may hold: ready addresses first, from each subset its share. */
export function withinCapacity(subsets: readonly EndpointSubset[]): { subsets: EndpointSubset[]; isCut: boolean } {
  const count = (field: 'addresses' | 'notReadyAddresses') =>
    subsets.reduce((sum, subset) => sum + (subset[field]?.length ?? 0), 0);
  const [ready, notReady] = [count('addresses'), count('notReadyAddresses')];
  if (ready + notReady <= MAX_ADDRESSES) return { subsets: [...subsets], isCut: false };
  const field = ready > MAX_ADDRESSES ? 'addresses' : 'notReadyAddresses';
  const [total, room] = ready > MAX_ADDRESSES ? [ready, MAX_ADDRESSES] : [notReady, MAX_ADDRESSES - ready];
  let left = room;
  const cut = subsets.map((subset) => {
    const { [field]: all = [], ...others } = subset;
    const kept = all.slice(0, Math.min(left, Math.ceil((all.length / total) * room)));
    left -= kept.length;
    const rest = field === 'addresses' ? { ...others, notReadyAddresses: undefined } : others;
    return withoutNothing({ ...rest, [field]: kept.length > 0 ? kept : undefined });
  });
  return { subsets: cut, isCut: true };
}

function withoutNothing(subset: { [F in keyof EndpointSubset]: EndpointSubset[F] | undefined }): EndpointSubset {
  return Object.fromEntries(Object.entries(subset).filter(([, value]) => value !== undefined));
}

/** What the slices of one family hold. Pods of nodes that are gone are left out. */
export function endpointGroups(
  service: Service,
  pods: readonly Pod[],
  { family, nodeOf }: { family: AddressFamily; nodeOf: (name: string) => Node | undefined },
): EndpointGroup[] {
  return groupByPorts(service, backendsOf(service, pods)).map(({ ports, pods: members }) => ({
    ports: inSliceOrder(ports.map((port): DiscoveryV1EndpointPort => ({ ...port, name: port.name ?? '' }))),
    endpoints: members
      .flatMap((pod) => endpointOf(service, pod, { family, node: nodeOf(pod.spec.nodeName ?? '') }))
      .toSorted((left, right) => ((left.addresses[0] ?? '') < (right.addresses[0] ?? '') ? -1 : 1)),
  }));
}

function endpointOf(
  service: Service,
  pod: Pod,
  { family, node }: { family: AddressFamily; node: Node | undefined },
): Endpoint[] {
  const addresses = addressesOf(pod, family);
  const publishesAll = service.spec.publishNotReadyAddresses === true;
  const { nodeName } = pod.spec;
  if (addresses.length === 0 || (nodeName && !node && !publishesAll)) return [];
  const terminating = !!pod.metadata.deletionTimestamp;
  const serving = isReady(pod);
  const zone = node?.metadata.labels?.['topology.kubernetes.io/zone'];
  return [
    {
      addresses,
      conditions: { ready: publishesAll || (serving && !terminating), serving, terminating },
      ...hostnameOf(pod, service),
      ...(nodeName ? { nodeName } : {}),
      targetRef: referenceTo(pod),
      ...(zone ? { zone } : {}),
    },
  ];
}
