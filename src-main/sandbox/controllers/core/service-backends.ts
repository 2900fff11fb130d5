/** Which Pods stand behind a Service, and in what shape they are published. Pure. */
import type {
  DiscoveryV1EndpointPort,
  Endpoint,
  EndpointAddress,
  EndpointPort,
  EndpointSubset,
  ObjectReference,
  Pod,
  Service,
  ServicePort,
} from '#common/kube/types';
import { selects } from '#common/kinds/selector';
import { isReady } from '../apps/pod-facts';

/** Pods that the Service selects and that have an address; finished ones are out. */
export function backendsOf({ spec }: Service, pods: readonly Pod[]): Pod[] {
  return pods.filter((pod) => selects(spec.selector, pod) && !!pod.status?.podIP && !isFinished(pod));
}

const isFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

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
    const ports = portsOf(service, pod).toSorted((left, right) => ((left.name ?? '') < (right.name ?? '') ? -1 : 1));
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

/** The subsets of core/v1 Endpoints. */
export function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const published = backendsOf(service, pods).filter(({ metadata }) => !metadata.deletionTimestamp);
  return groupByPorts(service, published)
    .filter(({ ports }) => ports.length > 0 || service.spec.clusterIP === 'None')
    .map(({ ports, pods: members }) => {
      const isOpen = (pod: Pod) => isReady(pod) || service.spec.publishNotReadyAddresses === true;
      const ready = members.filter(isOpen).map(addressOf).toSorted(byIp);
      const notReady = members
        .filter((pod) => !isOpen(pod))
        .map(addressOf)
        .toSorted(byIp);
      return {
        ...(ready.length > 0 ? { addresses: ready } : {}),
        ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
        ...(ports.length > 0 ? { ports } : {}),
      };
    });
}

function addressOf(pod: Pod): EndpointAddress {
  const { hostname, subdomain, nodeName } = pod.spec;
  return {
    ip: pod.status?.podIP ?? '',
    ...(hostname && subdomain ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    targetRef: referenceTo(pod),
  };
}

const byIp = (left: { ip: string }, right: { ip: string }): number => (left.ip < right.ip ? -1 : 1);

/** What one EndpointSlice holds. */
export interface SliceContent {
  endpoints: Endpoint[];
  ports: DiscoveryV1EndpointPort[];
}

/** The most endpoints of one slice (--max-endpoints-per-slice). */
export const MAX_ENDPOINTS = 100;

/** The slices of a Service; one empty one when nothing stands behind it. */
export function slicesOf(
  service: Service,
  pods: readonly Pod[],
  zoneOf: (node: string) => string | undefined,
): SliceContent[] {
  const slices = groupByPorts(service, backendsOf(service, pods)).flatMap(({ ports, pods: members }) => {
    const endpoints = members
      .map((pod) => endpointOf(service, pod, zoneOf))
      .toSorted((left, right) => ((left.addresses[0] ?? '') < (right.addresses[0] ?? '') ? -1 : 1));
    const named = ports.map((port) => ({ ...port, name: port.name ?? '' }));
    return chunks(endpoints, MAX_ENDPOINTS).map((chunk) => ({ endpoints: chunk, ports: named }));
  });
  return slices.length > 0 ? slices : [{ endpoints: [], ports: [] }];
}

function endpointOf(service: Service, pod: Pod, zoneOf: (node: string) => string | undefined): Endpoint {
  const terminating = !!pod.metadata.deletionTimestamp;
  const serving = isReady(pod);
  const { hostname, subdomain, nodeName } = pod.spec;
  const zone = nodeName ? zoneOf(nodeName) : undefined;
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: {
      ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating),
      serving,
      terminating,
    },
    ...(hostname && subdomain === service.metadata.name ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    targetRef: referenceTo(pod),
    ...(zone ? { zone } : {}),
  };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let start = 0; start < items.length; start += size) parts.push(items.slice(start, start + size));
  return parts;
}
