/**
 * ResourceQuota: refuses what would use more than a namespace may, and books what it lets through at once, so that
 * writes that come together cannot share the same rest. A controller counts again from time to time.
 */
import { PersistentVolumeClaims, Pods, ResourceQuotas, Services } from '#common/kube/resources';
import type { AnyObject } from '#common/kube/object';
import type { Pod, ResourceQuota } from '#common/kube/types';
import { quantityNanos } from '#main/sandbox/machinery/quantity';
import type { AdmissionCluster, AdmissionPlugin, AdmissionRequest } from './plugin';
import { plus, type Amounts } from '#main/sandbox/quota/pod-amounts';
import { isInScope } from '#main/sandbox/quota/quota-scopes';
import { unsaid, usageOf } from '#main/sandbox/quota/quota-usage';
import { refused } from './refusal';
import { writtenResource } from './written-resource';

export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  validate(request, cluster) {
    const resource = countedResource(request);
    if (!resource || !request.object) return undefined;
    const quotas = [...cluster.list(ResourceQuotas, request.namespace)];
    if (quotas.length === 0) return undefined;
    const write = { request, resource, delta: deltaOf(request, resource, cluster.clock.now()) };
    try {
      settle(write, cluster, false);
    } catch {
      // What was deleted since the last count makes room again.
      return counted().then(() => settle(write, cluster, true));
    }
    return undefined;
  },
};

/** Writes that were booked in this turn of the event loop are stored in the next, and can be counted. */
function counted(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

interface CountedWrite {
  request: AdmissionRequest;
  resource: string;
  delta: Amounts;
}

/** Looks at every quota and books, without a pause in between. Throws when one of them refuses. */
function settle(write: CountedWrite, cluster: AdmissionCluster, recounts: boolean): void {
  const { request, resource } = write;
  const pod = resource === 'pods' ? (request.object as unknown as Pod) : undefined;
  const bookings = [...cluster.list(ResourceQuotas, request.namespace)]
    .filter((quota) => isInScope(quota, pod))
    .flatMap((quota) => planBooking({ ...write, quota, pod, recounts }, cluster));
  if (request.dryRun) return;
  for (const { quota, used } of bookings) book(cluster, quota, used);
}

/** What a write counts as; undefined for writes that use nothing. */
function countedResource(request: AdmissionRequest): string | undefined {
  if (!request.namespace || request.operation === 'DELETE' || request.operation === 'CONNECT') return undefined;
  const resource = writtenResource(request);
  if (resource === 'pods/resize') return 'pods';
  if (request.subresource) return undefined;
  if (request.operation === 'CREATE') return resource;
  return resource === 'services' || resource === 'persistentvolumeclaims' ? resource : undefined;
}

/** An update uses what it adds. */
function deltaOf({ operation, object, oldObject }: AdmissionRequest, resource: string, nowMs: number): Amounts {
  const after = object ? usageOf(resource, object, nowMs) : {};
  if (operation !== 'UPDATE' || !oldObject) return after;
  const before = usageOf(resource, oldObject, nowMs);
  return plus(after, Object.fromEntries(Object.entries(before).map(([name, amount]) => [name, `-${amount}`])));
}

interface Booking {
  quota: ResourceQuota;
  used: Amounts;
}

interface Asked extends CountedWrite {
  quota: ResourceQuota;
  pod: Pod | undefined;
  recounts: boolean;
}

/** Throws when the quota does not have it. */
function planBooking(write: Asked, cluster: AdmissionCluster): Booking[] {
  const { request, quota, delta, pod, recounts } = write;
  const hard = quota.spec.hard ?? {};
  const { name } = quota.metadata;
  const missing = pod ? unsaid(hard, pod.spec) : '';
  if (missing) throw refused(request, `failed quota: ${name}: must specify ${missing}`);
  const asked = only(delta, (resource) => resource in hard && !isZero(delta[resource]));
  if (Object.keys(asked).length === 0) return [];
  const booked = usedOf(quota, cluster);
  const before = recounts ? { ...booked, ...recount(write, asked, cluster) } : booked;
  const used = only(plus(before, asked), (resource) => resource in hard);
  const exceeded = (resource: string): boolean =>
    quantityNanos(asked[resource] ?? '0') > 0n && isLess(hard[resource], used[resource]);
  const over = only(asked, exceeded);
  if (Object.keys(over).length === 0) return [{ quota, used }];
  const [requested, already, limited] = [over, only(zeroed(before, over), exceeded), only(hard, exceeded)].map(listed);
  const text = `exceeded quota: ${name}, requested: ${requested}, used: ${already}, limited: ${limited}`;
  throw refused(request, text);
}

/** A quota that nobody has counted yet is counted here, as far as its kinds are known. */
function usedOf({ spec, status, metadata }: ResourceQuota, cluster: AdmissionCluster): Amounts {
  const names = Object.keys(spec.hard ?? {});
  if (status?.used && names.every((name) => name in (status.used ?? {}))) return status.used;
  const quota = { spec, metadata } as ResourceQuota;
  let sum: Amounts = Object.fromEntries(names.map((name) => [name, '0']));
  const add = (resource: string, object: object): void => {
    sum = plus(sum, usageOf(resource, object as AnyObject, cluster.clock.now()));
  };
  for (const pod of cluster.list(Pods, metadata.namespace)) if (isInScope(quota, pod)) add('pods', pod);
  for (const service of cluster.list(Services, metadata.namespace)) add('services', service);
  for (const claim of cluster.list(PersistentVolumeClaims, metadata.namespace)) add('persistentvolumeclaims', claim);
  return only(sum, (name) => names.includes(name));
}

/** What the kind of the write uses now, by the names that are asked for. An updated object counts as it is. */
function recount({ request, resource, quota }: Asked, asked: Amounts, cluster: AdmissionCluster): Amounts {
  const { group, version, plural, kind, namespace } = request;
  let sum: Amounts = Object.fromEntries(Object.keys(asked).map((name) => [name, '0']));
  for (const object of cluster.list({ group, version, plural, kind, namespaced: true }, namespace)) {
    const pod = resource === 'pods' ? (object as Pod) : undefined;
    if (isInScope(quota, pod)) sum = plus(sum, usageOf(resource, object as AnyObject, cluster.clock.now()));
  }
  return only(sum, (name) => name in asked);
}

function book(cluster: AdmissionCluster, quota: ResourceQuota, used: Amounts): void {
  const { metadata, spec } = quota;
  const status = { hard: quota.status?.hard ?? spec.hard ?? {}, used };
  cluster.replace(ResourceQuotas, `${metadata.namespace}/${metadata.name}`, {
    ...quota,
    metadata: { ...metadata },
    status,
  });
}

function only(amounts: Amounts, holds: (name: string) => boolean): Amounts {
  return Object.fromEntries(Object.entries(amounts).filter(([name]) => holds(name)));
}

const zeroed = (amounts: Amounts, names: Amounts): Amounts => ({
  ...Object.fromEntries(Object.keys(names).map((name) => [name, '0'])),
  ...amounts,
});

/** `pods=2,requests.cpu=1` */
function listed(amounts: Amounts): string {
  const names = Object.keys(amounts).sort();
  return names.map((name) => `${name}=${amounts[name]}`).join(',');
}

const isZero = (amount = '0'): boolean => quantityNanos(amount) === 0n;

const isLess = (left = '0', right = '0'): boolean => quantityNanos(left) < quantityNanos(right);
