import { EndpointSlices, Nodes, Pods, Services } from '#common/kube/resources';
import type { Endpoint, EndpointSlice, Pod, Service } from '#common/kube/types';
import { selects } from '#common/kinds/selector';
import { GATHER_MS, servicesOf } from '../core/endpoints';
import { endpointGroups, familiesOf, type AddressFamily } from '../core/service-backends';
import {
  defineController,
  settled,
  watched,
  type Controller,
  type ReconcileContext,
} from '../runtime/define-controller';
import { controllerReference, ignoreGone, refOf } from '../runtime/ownership';
import { planSlices, type SliceLayout } from './slice-plan';
import { writeSlices } from './slice-writes';
import { hintMode, withHints, zoneShares, type Hinted } from './topology-hints';
import { TriggerTimes, withTriggerTime } from './trigger-times';

export const SERVICE_NAME = 'kubernetes.io/service-name';
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const MANAGER = 'endpointslice-controller.k8s.io';
const HEADLESS = 'service.kubernetes.io/headless';

/** Publishes the Pods behind a Service as EndpointSlices, per address family, with hints about where to use them. */
export function endpointSliceController(): Controller {
  const times = new TriggerTimes();
  /** Services whose endpoints have hints by zone. */
  const hinted = new Set<string>();
  return defineController({
    name: 'endpoint-slice',
    reconciles: Services,
    owns: [EndpointSlices],
    watches: [
      watched(Pods, servicesOf),
      // Shares of zones follow their nodes; what a Pod's zone is, its Pod's changes tell soon enough.
      watched(Nodes, () => [...hinted]),
    ],
    gatherMs: GATHER_MS,

    async reconcile(key, context) {
      const { cache } = context;
      const service = cache.get(Services, key);
      if (!service?.spec.selector || service.spec.type === 'ExternalName') {
        times.forget(key);
        hinted.delete(key);
        return settled;
      }
      // Its slices are its dependents: they go with it.
      if (service.metadata.deletionTimestamp) return settled;
      const pods = cache
        .inNamespace(Pods, service.metadata.namespace)
        .filter((pod) => selects(service.spec.selector, pod));
      const changed = times.next(key, service, pods);
      await publish({ service, pods, changed, hinted, key }, context);
      return settled;
    },
  });
}

interface Publication {
  key: string;
  service: Service;
  pods: readonly Pod[];
  changed: string | undefined;
  hinted: Set<string>;
}

async function publish(publication: Publication, context: ReconcileContext): Promise<void> {
  const { service } = publication;
  const owned = context.cache
    .ownedBy(EndpointSlices, service)
    .filter(({ metadata }) => metadata.labels?.[MANAGED_BY] === MANAGER);
  const families = familiesOf(service);
  for (const family of families) {
    await publishFamily(publication, { family, current: owned.filter((one) => one.addressType === family) }, context);
  }
  const others = owned.filter(({ addressType }) => !families.some((family) => family === addressType));
  for (const slice of others) {
    await ignoreGone(context.client.remove(EndpointSlices, refOf(slice), { signal: context.signal }));
  }
}

async function publishFamily(
  publication: Publication,
  { family, current }: { family: AddressFamily; current: readonly EndpointSlice[] },
  context: ReconcileContext,
): Promise<void> {
  const { service, pods, changed } = publication;
  const { cache } = context;
  const groups = endpointGroups(service, pods, { family, nodeOf: (name) => cache.get(Nodes, name) });
  const plan = planSlices(current, groups);
  const { endpoints, problem } = hintsFor(service, plan.layouts, context);
  tellHints(publication, { family, problem }, context);
  const layouts = dealt(plan.layouts, endpoints);
  const owner = {
    name: service.metadata.name,
    namespace: service.metadata.namespace ?? '',
    reference: controllerReference(Services, service),
    labels: labelsOf(service),
    annotations: (before: Record<string, string> | undefined) => withTriggerTime(before, changed),
    addressType: family,
  };
  await writeSlices(owner, { ...plan, layouts }, context);
}

function hintsFor(service: Service, layouts: readonly SliceLayout[], { cache }: ReconcileContext): Hinted {
  const mode = hintMode(service);
  const all = layouts.flatMap(({ endpoints }) => endpoints);
  return withHints(all, mode, mode === 'auto' ? zoneShares(cache.values(Nodes)) : undefined);
}

/** The layouts with other endpoints in the same places. */
function dealt(layouts: readonly SliceLayout[], endpoints: readonly Endpoint[]): SliceLayout[] {
  let from = 0;
  return layouts.map((layout) => {
    const to = from + layout.endpoints.length;
    const own = endpoints.slice(from, to);
    from = to;
    return { ...layout, endpoints: own };
  });
}

/** Says when hints by zone begin and end, and why there are none. */
function tellHints(
  { key, service, hinted }: Publication,
  { family, problem }: { family: AddressFamily; problem: string | undefined },
  { record }: ReconcileContext,
): void {
  const had = hinted.has(key);
  const isWanted = hintMode(service) === 'auto';
  if (isWanted && problem === undefined) {
    hinted.add(key);
    if (had) return;
    const message = `Topology Aware Hints has been enabled, addressType: ${family}`;
    record(service, { type: 'Normal', reason: 'TopologyAwareHintsEnabled', message });
    return;
  }
  hinted.delete(key);
  if (!isWanted && !had) return;
  const message = `${problem ?? 'Topology Aware Hints has been disabled'}, addressType: ${family}`;
  record(service, { type: 'Warning', reason: 'TopologyAwareHintsDisabled', message });
}

const RESERVED: ReadonlySet<string> = new Set([HEADLESS, SERVICE_NAME, MANAGED_BY]);

function labelsOf({ metadata, spec }: Service): Record<string, string> {
  const own = Object.entries(metadata.labels ?? {}).filter(([name]) => !RESERVED.has(name));
  const headless = !spec.clusterIP || spec.clusterIP === 'None' ? { [HEADLESS]: '' } : {};
  return { ...Object.fromEntries(own), ...headless, [SERVICE_NAME]: metadata.name, [MANAGED_BY]: MANAGER };
}
