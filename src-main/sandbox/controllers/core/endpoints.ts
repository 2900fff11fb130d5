import { messageOf } from '#common/base/errors';
import { keyOf } from '#common/kube/object';
import { Endpoints, Pods, Services } from '#common/kube/resources';
import type { Endpoints as EndpointsObject, Pod, Service } from '#common/kube/types';
import { isNamespaceTerminating } from '#common/kube/status-error';
import { selects } from '#common/kinds/selector';
import { TriggerTimes, withTriggerTime } from '../discovery/trigger-times';
import type { ControllerCache } from '../runtime/controller-cache';
import {
  defineController,
  settled,
  watched,
  type Controller,
  type ReconcileContext,
} from '../runtime/define-controller';
import { ignoreGone, refOf } from '../runtime/ownership';
import { sameJson } from '../runtime/same-json';
import { subsetsOf, withinCapacity } from './service-backends';

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const MANAGER = 'endpoint-controller';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
const HEADLESS = 'service.kubernetes.io/headless';
/** Changes of Pods are gathered this long: a rollout would otherwise write once per Pod. */
export const GATHER_MS = 50;

/** Publishes the Pods behind a Service as core/v1 Endpoints, for readers from before EndpointSlices. */
export function endpointsController(): Controller {
  const times = new TriggerTimes();
  return defineController({
    name: 'endpoint',
    reconciles: Services,
    watches: [watched(Pods, servicesOf), watched(Endpoints, ({ metadata }) => [keyOf({ metadata })])],
    gatherMs: GATHER_MS,

    async reconcile(key, context) {
      const { cache, client, signal } = context;
      const service = cache.get(Services, key);
      const current = cache.get(Endpoints, key);
      if (!service) {
        times.forget(key);
        // Endpoints have no owner: they go with their Service by name, unless somebody else made them.
        if (current && isOurs(current)) await ignoreGone(client.remove(Endpoints, refOf(current), { signal }));
        return settled;
      }
      if (!service.spec.selector || service.spec.type === 'ExternalName') return settled;
      const pods = cache
        .inNamespace(Pods, service.metadata.namespace)
        .filter((pod) => selects(service.spec.selector, pod));
      await publish({ service, current, pods, changed: times.next(key, service, pods) }, context);
      return settled;
    },
  });
}

/** Keys of the Services that select the Pod. */
export function servicesOf(pod: Pod, cache: ControllerCache): string[] {
  return cache
    .inNamespace(Services, pod.metadata.namespace)
    .filter(({ spec }) => selects(spec.selector, pod))
    .map(keyOf);
}

interface Publication {
  service: Service;
  current: EndpointsObject | undefined;
  pods: readonly Pod[];
  changed: string | undefined;
}

async function publish({ service, current, pods, changed }: Publication, context: ReconcileContext): Promise<void> {
  const { subsets, isCut } = withinCapacity(subsetsOf(service, pods));
  const labels = labelsOf(service);
  const { [OVER_CAPACITY]: wasCut, ...others } = current?.metadata.annotations ?? {};
  const isSame = current && sameJson(current.subsets ?? [], subsets) && sameJson(current.metadata.labels, labels);
  if (isSame && (wasCut === 'truncated') === isCut) return;
  const annotations = withTriggerTime({ ...others, ...(isCut ? { [OVER_CAPACITY]: 'truncated' } : {}) }, changed);
  await write({ service, current, next: { labels, annotations, subsets } }, context);
}

interface Written {
  service: Service;
  current: EndpointsObject | undefined;
  next: { labels: Record<string, string>; annotations: Record<string, string> } & Pick<EndpointsObject, 'subsets'>;
}

async function write({ service, current, next }: Written, { client, record, signal }: ReconcileContext): Promise<void> {
  const { name, namespace = '' } = service.metadata;
  const { labels, annotations, subsets = [] } = next;
  try {
    if (current) {
      const metadata = { ...current.metadata, labels, annotations };
      await client.update(Endpoints, { ...current, metadata, subsets }, { signal });
    } else {
      await client.create(Endpoints, { metadata: { name, namespace, labels, annotations }, subsets }, { signal });
    }
  } catch (failure) {
    if (signal.aborted || isNamespaceTerminating(failure)) return;
    const [reason, what] = current
      ? ['FailedToUpdateEndpoint', 'Failed to update endpoint']
      : ['FailedToCreateEndpoint', 'Failed to create endpoint for service'];
    const message = `${what} ${namespace}/${name}: ${messageOf(failure)}`;
    record(current ?? service, { type: 'Warning', reason, message });
    throw failure;
  }
}

function labelsOf({ metadata, spec }: Service): Record<string, string> {
  const { [HEADLESS]: _own, ...labels } = metadata.labels ?? {};
  const headless = !spec.clusterIP || spec.clusterIP === 'None' ? { [HEADLESS]: '' } : {};
  return { ...labels, ...headless, [MANAGED_BY]: MANAGER };
}

const isOurs = ({ metadata }: EndpointsObject): boolean => metadata.labels?.[MANAGED_BY] === MANAGER;
