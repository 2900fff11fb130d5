import { keyOf } from '#common/kube/object';
import { Nodes, Services } from '#common/kube/resources';
import type { LoadBalancerIngress, Node, Service } from '#common/kube/types';
import {
  defineController,
  settled,
  watched,
  type Controller,
  type ReconcileContext,
} from '../runtime/define-controller';
import { ignoreGone, refOf } from '../runtime/ownership';
import { sameJson } from '../runtime/same-json';

const FINALIZER = 'service.kubernetes.io/load-balancer-cleanup';
const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers';
/** The addresses of the nodes' network that load balancers have: 172.18.255.1 to .254, as with MetalLB on one machine. */
const POOL = '172.18.255.';
const POOL_SIZE = 254;

/** What the load balancer of a Service was last told. */
interface Balanced {
  uid: string;
  wishes: string;
  hosts: string;
}

/**
 * The cloud provider's part: gives Services of type LoadBalancer an address of the nodes' network. Those that name a
 * class are somebody else's.
 */
export function serviceLoadBalancerController(): Controller {
  const balanced = new Map<string, Balanced>();
  return defineController({
    name: 'service-lb',
    component: 'service-controller',
    reconciles: Services,
    // One at a time: no address is given twice.
    concurrency: 1,
    watches: [watched(Nodes, () => [...balanced.keys()])],

    async reconcile(key, context) {
      const service = context.cache.get(Services, key);
      const known = balanced.get(key);
      if (!service || !wantsBalancer(service)) {
        balanced.delete(key);
        if (service && hasFinalizer(service)) await tearDown(service, known !== undefined, context);
        return settled;
      }
      const hosts = hostsOf(context.cache.values(Nodes));
      const next = { uid: service.metadata.uid, wishes: wishesOf(service), hosts };
      // After a restart nothing is remembered, and nothing has to be done for what is complete.
      const before = known ?? (isComplete(service) ? next : undefined);
      if (before?.uid !== next.uid || before.wishes !== next.wishes || !isComplete(service)) {
        await setUp(service, hosts, context);
      } else if (before.hosts !== hosts) tellHosts(service, hosts, context);
      balanced.set(key, next);
      return settled;
    },
  });
}

function wantsBalancer({ metadata, spec }: Service): boolean {
  return spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined && !metadata.deletionTimestamp;
}

const hasFinalizer = ({ metadata }: Service): boolean => metadata.finalizers?.includes(FINALIZER) ?? false;

const isComplete = (service: Service): boolean =>
  hasFinalizer(service) && (service.status?.loadBalancer?.ingress?.length ?? 0) > 0;

/** The names of the nodes that traffic may come in through. */
function hostsOf(nodes: Iterable<Node>): string {
  const names = [...nodes].filter(
    ({ metadata }) => !metadata.deletionTimestamp && !(EXCLUDED in (metadata.labels ?? {})),
  );
  return names
    .map(({ metadata }) => metadata.name)
    .toSorted()
    .join(' ');
}

/** What of a Service concerns its load balancer. */
function wishesOf({ metadata, spec }: Service): string {
  const { ports, sessionAffinity, loadBalancerIP, loadBalancerSourceRanges, externalIPs, ipFamilies } = spec;
  const { externalTrafficPolicy, healthCheckNodePort } = spec;
  const { annotations } = metadata;
  return JSON.stringify({
    ports,
    sessionAffinity,
    loadBalancerIP,
    loadBalancerSourceRanges,
    externalIPs,
    ipFamilies,
    externalTrafficPolicy,
    healthCheckNodePort,
    annotations,
  });
}

async function setUp(service: Service, hosts: string, context: ReconcileContext): Promise<void> {
  const { client, record, signal, cache } = context;
  record(service, { type: 'Normal', reason: 'EnsuringLoadBalancer', message: 'Ensuring load balancer' });
  const finalizers = [...(service.metadata.finalizers ?? []), FINALIZER];
  if (!hasFinalizer(service)) {
    const patch = { metadata: { uid: service.metadata.uid, finalizers } };
    await client.patch(Services, refOf(service), { type: 'merge', patch }, { subresource: 'status', signal });
  }
  if (!hosts) tellHosts(service, hosts, context);
  const ingress = ingressFor(service, cache.values(Services));
  if (!ingress) {
    const message = 'Error syncing load balancer: failed to ensure load balancer: no address is free';
    record(service, { type: 'Warning', reason: 'SyncLoadBalancerFailed', message });
    return;
  }
  record(service, { type: 'Normal', reason: 'EnsuredLoadBalancer', message: 'Ensured load balancer' });
  await writeIngress(service, [ingress], context);
}

/** Once the address is given back nothing holds the Service any more. */
async function tearDown(service: Service, isKnown: boolean, context: ReconcileContext): Promise<void> {
  const { client, record, signal } = context;
  if (isKnown || service.status?.loadBalancer?.ingress?.length) {
    record(service, { type: 'Normal', reason: 'DeletingLoadBalancer', message: 'Deleting load balancer' });
  }
  const finalizers = (service.metadata.finalizers ?? []).filter((name) => name !== FINALIZER);
  const patch = { metadata: { uid: service.metadata.uid, finalizers } };
  await ignoreGone(client.patch(Services, refOf(service), { type: 'merge', patch }, { subresource: 'status', signal }));
  record(service, { type: 'Normal', reason: 'DeletedLoadBalancer', message: 'Deleted load balancer' });
  await writeIngress(service, undefined, context);
}

async function writeIngress(
  service: Service,
  ingress: LoadBalancerIngress[] | undefined,
  { client, signal }: ReconcileContext,
): Promise<void> {
  if (sameJson(service.status?.loadBalancer?.ingress, ingress)) return;
  const patch = { status: { loadBalancer: ingress ? { ingress } : null } };
  await ignoreGone(client.patch(Services, refOf(service), { type: 'merge', patch }, { subresource: 'status', signal }));
}

function tellHosts(service: Service, hosts: string, { record }: ReconcileContext): void {
  if (hosts) {
    record(service, {
      type: 'Normal',
      reason: 'UpdatedLoadBalancer',
      message: 'Updated load balancer with new hosts',
    });
    return;
  }
  const message = 'There are no available nodes for LoadBalancer';
  record(service, { type: 'Warning', reason: 'UnAvailableLoadBalancer', message });
}

/** The address a Service has or asks for, or the first that is free; undefined when it cannot have one. */
export function ingressFor(service: Service, all: Iterable<Service>): LoadBalancerIngress | undefined {
  const taken = new Set<string>();
  for (const other of all) {
    if (keyOf(other) === keyOf(service)) continue;
    for (const { ip } of other.status?.loadBalancer?.ingress ?? []) if (ip) taken.add(ip);
  }
  const asked = service.spec.loadBalancerIP || undefined;
  const has = service.status?.loadBalancer?.ingress?.[0]?.ip;
  const isOurs = (ip: string) => ip.startsWith(POOL) && !taken.has(ip);
  if (asked && !isOurs(asked)) return undefined;
  const kept = asked ?? (has && isOurs(has) ? has : undefined);
  const free = kept ?? Array.from({ length: POOL_SIZE }, (_, at) => `${POOL}${at + 1}`).find((ip) => !taken.has(ip));
  return free ? { ip: free, ipMode: 'VIP' } : undefined;
}
