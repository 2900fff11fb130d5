import { EndpointSlices, Nodes, Pods, Services } from '#common/kube/resources';
import type { EndpointSlice, Node, Service } from '#common/kube/types';
import { GATHER_MS, servicesOf } from '../core/endpoints';
import { slicesOf, type SliceContent } from '../core/service-backends';
import type { ControllerCache } from '../runtime/controller-cache';
import { defineController, settled, watched, type ReconcileContext } from '../runtime/define-controller';
import { controllerReference, ignoreGone, refOf } from '../runtime/ownership';
import { sameJson } from '../runtime/same-json';

export const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const MANAGER = 'endpointslice-controller.k8s.io';
const ZONE = 'topology.kubernetes.io/zone';

/** Publishes the Pods behind a Service as EndpointSlices. */
export const endpointSliceController = defineController({
  name: 'endpoint-slice',
  reconciles: Services,
  owns: [EndpointSlices],
  watches: [watched(Pods, servicesOf), watched<Node>(Nodes, () => [])],
  gatherMs: GATHER_MS,

  async reconcile(key, context) {
    const { cache } = context;
    const service = cache.get(Services, key);
    // Its slices are its dependents: they go with it.
    if (!service?.spec.selector || service.metadata.deletionTimestamp) return settled;
    const wanted = slicesOf(service, cache.inNamespace(Pods, service.metadata.namespace), (node) =>
      zoneOf(cache, node),
    );
    const current = cache
      .ownedBy(EndpointSlices, service)
      .filter(({ metadata }) => metadata.labels?.[MANAGED_BY] === MANAGER);
    await perform(service, planSlices(current, wanted), context);
    return settled;
  },
});

export interface SlicePlan {
  create: SliceContent[];
  update: { slice: EndpointSlice; content: SliceContent }[];
  remove: EndpointSlice[];
}

/** Slices that say what is wanted stay; of the others as many as possible are filled anew. */
export function planSlices(current: readonly EndpointSlice[], wanted: readonly SliceContent[]): SlicePlan {
  const free = new Set(current);
  const open = wanted.filter((content) => {
    const same = [...free].find((slice) => holds(slice, content));
    if (same) free.delete(same);
    return !same;
  });
  const plan: SlicePlan = { create: [], update: [], remove: [] };
  for (const content of open) {
    const [slice] = free;
    if (slice) plan.update.push({ slice, content });
    else plan.create.push(content);
    if (slice) free.delete(slice);
  }
  plan.remove.push(...free);
  return plan;
}

function holds({ endpoints, ports }: EndpointSlice, content: SliceContent): boolean {
  return sameJson(endpoints ?? [], content.endpoints) && sameJson(ports ?? [], content.ports);
}

async function perform(service: Service, plan: SlicePlan, { client, signal }: ReconcileContext): Promise<void> {
  for (const { slice, content } of plan.update)
    await client.update(EndpointSlices, { ...slice, ...content }, { signal });
  for (const content of plan.create) await client.create(EndpointSlices, draftOf(service, content), { signal });
  for (const slice of plan.remove) await ignoreGone(client.remove(EndpointSlices, refOf(slice), { signal }));
}

function draftOf(service: Service, content: SliceContent) {
  const { name, namespace = '', labels } = service.metadata;
  const headless = service.spec.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {};
  return {
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: { ...labels, ...headless, [SERVICE_NAME]: name, [MANAGED_BY]: MANAGER },
      ownerReferences: [controllerReference(Services, service)],
    },
    addressType: 'IPv4',
    ...content,
  };
}

function zoneOf(cache: ControllerCache, node: string): string | undefined {
  return cache.get(Nodes, node)?.metadata.labels?.[ZONE];
}
