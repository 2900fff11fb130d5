/** What a namespace uses of a quota, counted over its objects. Pure. */
import type { AnyObject } from '#common/kube/object';
import type { Pod, ResourceQuota } from '#common/kube/types';
import { plus, type Amounts } from './pod-amounts';
import { isInScope } from './quota-scopes';
import { usageOf, usesUntil } from './quota-usage';

const STORAGE_CLASS = '.storageclass.storage.k8s.io/';

const POD_NAMES = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
]);

const CLAIM_NAMES = new Set(['persistentvolumeclaims', 'requests.storage']);
const SERVICE_NAMES = new Set(['services', 'services.nodeports', 'services.loadbalancers']);
const PLAIN_COUNTS = new Set(['configmaps', 'pods', 'replicationcontrollers', 'resourcequotas', 'secrets']);

/** The kind (`pods`, `deployments.apps`) whose objects use what a quota calls `name`; undefined for what nobody counts. */
export function kindCounting(name: string): string | undefined {
  if (name.startsWith('count/')) return name.slice('count/'.length);
  if (PLAIN_COUNTS.has(name)) return name;
  if (SERVICE_NAMES.has(name)) return 'services';
  if (CLAIM_NAMES.has(name)) return 'persistentvolumeclaims';
  const at = name.indexOf(STORAGE_CLASS);
  if (at > 0) return CLAIM_NAMES.has(name.slice(at + STORAGE_CLASS.length)) ? 'persistentvolumeclaims' : undefined;
  return POD_NAMES.has(name) || isForeign(name) ? 'pods' : undefined;
}

/** Huge pages, and resources of others, which only have requests. */
function isForeign(name: string): boolean {
  if (name.startsWith('hugepages-') || name.startsWith('requests.hugepages-')) return true;
  const asked = name.startsWith('requests.') ? name.slice('requests.'.length) : '';
  return asked.includes('/') && !asked.split('/')[0]?.endsWith('kubernetes.io');
}

/** The kinds that a quota needs counted. */
export function kindsOf(hard: Amounts): Set<string> {
  return new Set(Object.keys(hard).flatMap((name) => kindCounting(name) ?? []));
}

export interface QuotaCount {
  used: Amounts;
  /** When a Pod that is on its way out stops to count; undefined when none will. */
  nextMs: number | undefined;
}

/**
 * `objects` are those of the namespace by kind. A name whose kind is not among them keeps what was said of it before.
 */
export function countUsage(
  quota: Pick<ResourceQuota, 'spec' | 'status'>,
  objects: ReadonlyMap<string, Iterable<AnyObject>>,
  nowMs: number,
): QuotaCount {
  const hard = quota.spec.hard ?? {};
  const used: Amounts = {};
  for (const name of Object.keys(hard)) {
    const isCounted = objects.has(kindCounting(name) ?? '');
    const before = isCounted ? '0' : quota.status?.used?.[name];
    if (before !== undefined) used[name] = before;
  }
  let nextMs: number | undefined;
  for (const [kind, members] of objects) {
    for (const object of members) {
      const pod = kind === 'pods' ? (object as unknown as Pod) : undefined;
      if (!isInScope(quota as ResourceQuota, pod)) continue;
      const usage = usageOf(kind, object, nowMs);
      for (const name in usage) {
        const [sum, own] = [used[name], usage[name]];
        if (sum !== undefined && own !== undefined) used[name] = plus({ [name]: sum }, { [name]: own })[name] ?? sum;
      }
      const goneMs = pod ? usesUntil(pod) + 1 : Number.POSITIVE_INFINITY;
      if (goneMs > nowMs && goneMs < (nextMs ?? Number.POSITIVE_INFINITY)) nextMs = goneMs;
    }
  }
  return { used, nextMs };
}
