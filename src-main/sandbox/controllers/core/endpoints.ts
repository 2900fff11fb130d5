import { keyOf } from '#common/kube/object';
import { Endpoints, Pods, Services } from '#common/kube/resources';
import type { EndpointSubset, Endpoints as EndpointsObject, Pod, Service } from '#common/kube/types';
import { selects } from '#common/kinds/selector';
import type { ControllerCache } from '../runtime/controller-cache';
import { defineController, settled, watched, type ReconcileContext } from '../runtime/define-controller';
import { ignoreGone } from '../runtime/ownership';
import { sameJson } from '../runtime/same-json';
import { subsetsOf } from './service-backends';

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const MANAGER = 'endpoint-controller';
/** Changes of Pods are gathered this long: a rollout would otherwise write once per Pod. */
export const GATHER_MS = 50;

/** Publishes the Pods behind a Service as core/v1 Endpoints, for readers from before EndpointSlices. */
export const endpointsController = defineController({
  name: 'endpoint',
  reconciles: Services,
  watches: [watched(Pods, servicesOf), watched(Endpoints, ({ metadata }) => [keyOf({ metadata })])],
  gatherMs: GATHER_MS,

  async reconcile(key, context) {
    const { cache, client, signal } = context;
    const service = cache.get(Services, key);
    const current = cache.get(Endpoints, key);
    if (!service || service.metadata.deletionTimestamp) {
      // Endpoints have no owner: they go with their Service by name, unless somebody else made them.
      if (current && isOurs(current)) await ignoreGone(client.remove(Endpoints, refOf(current), { signal }));
      return settled;
    }
    if (!service.spec.selector) return settled;
    const subsets = subsetsOf(service, cache.inNamespace(Pods, service.metadata.namespace));
    await publish(service, current, subsets, context);
    return settled;
  },
});

/** Keys of the Services that select the Pod. */
export function servicesOf(pod: Pod, cache: ControllerCache): string[] {
  return cache
    .inNamespace(Services, pod.metadata.namespace)
    .filter(({ spec }) => selects(spec.selector, pod))
    .map(keyOf);
}

async function publish(
  service: Service,
  current: EndpointsObject | undefined,
  subsets: EndpointSubset[],
  { client, signal }: ReconcileContext,
): Promise<void> {
  const labels = labelsOf(service);
  if (!current) {
    const { name, namespace = '' } = service.metadata;
    await client.create(Endpoints, { metadata: { name, namespace, labels }, subsets }, { signal });
    return;
  }
  if (sameJson(current.subsets ?? [], subsets) && sameJson(current.metadata.labels, labels)) return;
  await client.update(Endpoints, { ...current, metadata: { ...current.metadata, labels }, subsets }, { signal });
}

function labelsOf({ metadata, spec }: Service): Record<string, string> {
  const headless = spec.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {};
  return { ...metadata.labels, [MANAGED_BY]: MANAGER, ...headless };
}

const isOurs = ({ metadata }: EndpointsObject): boolean => metadata.labels?.[MANAGED_BY] === MANAGER;

const refOf = ({ metadata }: EndpointsObject) => ({ name: metadata.name, namespace: metadata.namespace });
