import { keyOf, type AnyObject, type KubeObject } from '#common/kube/object';
import { groupResource, type Resource, type TypedResource } from '#common/kube/resource';
import {
  ConfigMaps,
  ControllerRevisions,
  CronJobs,
  DaemonSets,
  Deployments,
  Endpoints,
  EndpointSlices,
  HorizontalPodAutoscalers,
  Ingresses,
  Jobs,
  Leases,
  LimitRanges,
  NetworkPolicies,
  PersistentVolumeClaims,
  PodDisruptionBudgets,
  Pods,
  PodTemplates,
  ReplicaSets,
  ReplicationControllers,
  ResourceQuotas,
  RoleBindings,
  Roles,
  Secrets,
  ServiceAccounts,
  Services,
  StatefulSets,
} from '#common/kube/resources';
import type { Pod, ResourceQuota } from '#common/kube/types';
import type { KubeClient } from '#main/client/client';
import { discover } from '#main/client/discovery/discover';
import { countUsage, kindsOf } from '#main/sandbox/quota/quota-count';
import type { ControllerCache } from '../runtime/controller-cache';
import {
  again,
  defineController,
  settled,
  watched,
  type Change,
  type Controller,
  type ReconcileContext,
} from '../runtime/define-controller';
import { sameJson } from '../runtime/same-json';

/** Kinds whose objects give back at once what they used; others are counted again from time to time. */
const FOLLOWED: readonly TypedResource<KubeObject>[] = [
  ConfigMaps,
  Endpoints,
  LimitRanges,
  PersistentVolumeClaims,
  Pods,
  PodTemplates,
  ReplicationControllers,
  ResourceQuotas,
  Secrets,
  ServiceAccounts,
  Services,
  ControllerRevisions,
  DaemonSets,
  Deployments,
  ReplicaSets,
  StatefulSets,
  HorizontalPodAutoscalers,
  CronJobs,
  Jobs,
  Leases,
  EndpointSlices,
  Ingresses,
  NetworkPolicies,
  PodDisruptionBudgets,
  RoleBindings,
  Roles,
];
const followed: ReadonlyMap<string, TypedResource<KubeObject>> = new Map(
  FOLLOWED.map((resource) => [groupResource(resource), resource]),
);
/** How long a wrong booking may stand, and how often kinds that are not followed are counted (--resource-quota-sync-period). */
const RECOUNT_MS = 300_000;
const GATHER_MS = 100;

/**
 * Counts what a namespace uses of its quotas. Admission books what comes; here what goes is given back, and what was
 * there before the quota is counted.
 */
export function resourceQuotaController(): Controller {
  /** When quotas are counted next though nothing is known to be given back, in epoch milliseconds. */
  const dueMs = new Map<string, number>();
  /** Quotas of namespaces where something was given back since they were counted. */
  const owed = new Set<string>();
  const freed = (object: KubeObject, cache: ControllerCache, change: Change): string[] => {
    if (!gaveBack(object, change)) return [];
    const keys = cache.inNamespace(ResourceQuotas, object.metadata.namespace).map(keyOf);
    for (const key of keys) owed.add(key);
    return keys;
  };
  return defineController({
    name: 'resourcequota',
    reconciles: ResourceQuotas,
    watches: FOLLOWED.map((resource) => watched(resource, freed)),
    gatherMs: GATHER_MS,

    async reconcile(key, context) {
      const quota = context.cache.get(ResourceQuotas, key);
      const nowMs = context.clock.now();
      const due = owed.delete(key) ? nowMs : (dueMs.get(key) ?? nowMs);
      dueMs.delete(key);
      if (!quota) return settled;
      // Admission has booked something. Should that have come to nothing, the next count finds out.
      const isBooked = due > nowMs && isCounted(quota);
      const next = isBooked ? Math.min(due, nowMs + RECOUNT_MS) : await recount(quota, context);
      dueMs.set(key, next);
      return next < Number.POSITIVE_INFINITY ? again(next - nowMs) : settled;
    },
  });
}

/** What was added is booked by admission; of what changed only Pods give something back, when they end or have to go. */
function gaveBack(object: KubeObject, change: Change): boolean {
  if (change !== 'changed') return change === 'removed';
  if (object.kind !== 'Pod') return false;
  const { phase } = (object as Pod).status ?? {};
  return phase === 'Succeeded' || phase === 'Failed' || !!object.metadata.deletionTimestamp;
}

function isCounted({ spec, status }: ResourceQuota): boolean {
  const names = Object.keys(spec.hard ?? {});
  return sameJson(spec.hard ?? {}, status?.hard) && names.every((name) => name in (status?.used ?? {}));
}

/** Answers when to count again. */
async function recount(quota: ResourceQuota, context: ReconcileContext): Promise<number> {
  const { client, clock, signal } = context;
  // What is booked in the quota as it was read is stored by the next turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  const { hard = {} } = quota.spec;
  const kinds = kindsOf(hard);
  const objects = await listAll(kinds, quota.metadata.namespace, context);
  const { used, nextMs = Number.POSITIVE_INFINITY } = countUsage(quota, objects, clock.now());
  if (!sameJson(quota.status?.hard ?? {}, hard) || !sameJson(quota.status?.used ?? {}, used)) {
    // Bound to the revision that was counted for: a booking made meanwhile is never written over.
    await client.updateStatus(ResourceQuotas, { ...quota, status: { hard, used } }, { signal });
  }
  const isFollowed = [...kinds].every((kind) => followed.has(kind));
  return isFollowed ? nextMs : Math.min(nextMs, clock.now() + RECOUNT_MS);
}

async function listAll(
  kinds: ReadonlySet<string>,
  namespace: string | undefined,
  { client, signal }: ReconcileContext,
): Promise<Map<string, AnyObject[]>> {
  const isKnown = [...kinds].every((kind) => followed.has(kind));
  const served = isKnown ? undefined : await servedKinds(client, signal);
  const objects = new Map<string, AnyObject[]>();
  for (const kind of kinds) {
    const resource = followed.get(kind) ?? served?.get(kind);
    if (!resource) continue;
    const { items } = await client.list<AnyObject>(resource, { namespace, signal });
    objects.set(kind, items);
  }
  return objects;
}

/** Kinds that can be counted, by the names that quotas have for them. */
async function servedKinds(client: KubeClient, signal: AbortSignal): Promise<Map<string, Resource>> {
  const { resources } = await discover(client, signal);
  const countable = resources.filter(({ namespaced, preferred, verbs }) => {
    return namespaced && preferred && ['create', 'list', 'watch', 'delete'].every((verb) => verbs.includes(verb));
  });
  return new Map(countable.map((resource) => [groupResource(resource), resource]));
}
