import { keyOf } from '#common/kube/object';
import { Endpoints, EndpointSlices, Services } from '#common/kube/resources';
import type { Endpoint, EndpointAddress, Endpoints as EndpointsObject, EndpointSlice } from '#common/kube/types';
import { familyOf, type AddressFamily } from '../core/service-backends';
import type { ControllerCache } from '../runtime/controller-cache';
import {
  defineController,
  settled,
  watched,
  type Controller,
  type ReconcileContext,
} from '../runtime/define-controller';
import { controllerReference, ignoreGone, refOf } from '../runtime/ownership';
import { MANAGED_BY, SERVICE_NAME } from './endpoint-slices';
import { planSlices, portsKey, type EndpointGroup } from './slice-plan';
import { writeSlices } from './slice-writes';
import { TRIGGER_TIME } from './trigger-times';

const MANAGER = 'endpointslicemirroring-controller.k8s.io';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** --mirroring-max-endpoints-per-subset */
const MAX_ADDRESSES = 1000;

/** Repeats Endpoints that people made for a Service without a selector as EndpointSlices, which is what is read today. */
export function endpointSliceMirroringController(): Controller {
  return defineController({
    name: 'endpoint-slice-mirroring',
    reconciles: Endpoints,
    watches: [
      watched(Services, ({ metadata }) => [keyOf({ metadata })]),
      watched(EndpointSlices, ({ metadata }) =>
        metadata.labels?.[MANAGED_BY] === MANAGER ? [`${metadata.namespace}/${metadata.labels[SERVICE_NAME]}`] : [],
      ),
    ],

    async reconcile(key, context) {
      const { cache, client, signal } = context;
      const endpoints = cache.get(Endpoints, key);
      const mirrors = mirrorsOf(key, cache);
      if (endpoints && isMirrored(endpoints, cache)) {
        await mirror(endpoints, mirrors, context);
        return settled;
      }
      for (const slice of mirrors) await ignoreGone(client.remove(EndpointSlices, refOf(slice), { signal }));
      return settled;
    },
  });
}

function mirrorsOf(key: string, cache: ControllerCache): EndpointSlice[] {
  const [namespace = '', name = ''] = key.split('/');
  return cache
    .inNamespace(EndpointSlices, namespace)
    .filter(({ metadata: { labels } }) => labels?.[MANAGED_BY] === MANAGER && labels[SERVICE_NAME] === name);
}

function isMirrored(endpoints: EndpointsObject, cache: ControllerCache): boolean {
  const { labels = {}, annotations = {}, deletionTimestamp } = endpoints.metadata;
  if (labels[SKIP] === 'true' || LEADER in annotations || deletionTimestamp) return false;
  const service = cache.get(Services, keyOf(endpoints));
  return service !== undefined && !service.spec.selector;
}

async function mirror(
  endpoints: EndpointsObject,
  mirrors: readonly EndpointSlice[],
  context: ReconcileContext,
): Promise<void> {
  const { metadata } = endpoints;
  const { groups, skipped } = mirrorGroups(endpoints);
  if (skipped > 0) {
    const message = `A max of ${MAX_ADDRESSES} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`;
    context.record(endpoints, { type: 'Warning', reason: 'TooManyAddressesToMirror', message });
  }
  const { [TRIGGER_TIME]: _time, [LAST_APPLIED]: _applied, ...annotations } = metadata.annotations ?? {};
  for (const family of ['IPv4', 'IPv6'] as const) {
    const current = mirrors.filter(({ addressType }) => addressType === family);
    const wanted = groups[family];
    if (current.length === 0 && wanted.length === 0) continue;
    const plan = wanted.length > 0 ? planSlices(current, wanted, MAX_ADDRESSES) : { layouts: [], remove: [...current] };
    const owner = {
      name: metadata.name,
      namespace: metadata.namespace ?? '',
      reference: controllerReference(Endpoints, endpoints),
      labels: { ...metadata.labels, [SERVICE_NAME]: metadata.name, [MANAGED_BY]: MANAGER },
      annotations: () => annotations,
      followsAnnotations: true,
      addressType: family,
    };
    await writeSlices(owner, plan, context);
  }
}

interface MirrorGroups {
  groups: Record<AddressFamily, EndpointGroup[]>;
  /** Addresses beyond what one subset may have. */
  skipped: number;
}

export function mirrorGroups({ subsets = [] }: Pick<EndpointsObject, 'subsets'>): MirrorGroups {
  const groups: Record<AddressFamily, EndpointGroup[]> = { IPv4: [], IPv6: [] };
  let skipped = 0;
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const all = [
      ...addresses.map((address) => mirrored(address, true)),
      ...notReadyAddresses.map((address) => mirrored(address, false)),
    ];
    skipped += Math.max(0, all.length - MAX_ADDRESSES);
    const named = ports.map((port) => ({ ...port, name: port.name ?? '' }));
    for (const family of ['IPv4', 'IPv6'] as const) {
      const own = all.slice(0, MAX_ADDRESSES).filter((endpoint) => familyOf(endpoint.addresses[0] ?? '') === family);
      if (own.length > 0) addTo(groups[family], { ports: named, endpoints: own });
    }
  }
  return { groups, skipped };
}

/** Subsets with the same ports are one. */
function addTo(groups: EndpointGroup[], group: EndpointGroup): void {
  const same = groups.find(({ ports }) => portsKey(ports) === portsKey(group.ports));
  if (same) same.endpoints.push(...group.endpoints);
  else groups.push(group);
}

function mirrored({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    ...(targetRef ? { targetRef } : {}),
  };
}
