/** What is left in a namespace on its way out, and how it says so. */
import { formatTime } from '#common/base/clock';
import { groupResource, resourcePath, type Resource } from '#common/kube/resource';
import type { KubeList } from '#common/kube/object';
import type { NamespaceCondition } from '#common/kube/types';
import { discover } from '#main/client/discovery/discover';
import type { KubeClient } from '#main/client/client';

/** What one kind still has in the namespace. */
export interface Remaining {
  resource: Resource;
  count: number;
  /** Finalizers that hold objects back, with how many each. */
  finalizers: Readonly<Record<string, number>>;
  /** How long the longest Pod may still take. */
  graceSeconds: number;
}

/** Every namespaced kind whose objects can be deleted, each once whatever groups and versions serve it. */
export async function deletableResources(client: KubeClient, signal: AbortSignal): Promise<Resource[]> {
  const { resources } = await discover(client, signal);
  return resources.filter(
    ({ namespaced, verbs, preferred }) => namespaced && preferred && verbs.includes('delete') && verbs.includes('list'),
  );
}

/** Deletes all objects of a kind in a namespace and tells what is still there after that. */
export async function emptyKind(
  client: KubeClient,
  resource: Resource,
  { namespace, signal }: { namespace: string; signal: AbortSignal },
): Promise<Remaining | undefined> {
  const before = await client.list(resource, { namespace, signal });
  if (before.items.length === 0) return undefined;
  const path = resourcePath(resource, { namespace });
  await client.request({ method: 'DELETE', path, body: { propagationPolicy: 'Background' }, signal });
  return remainingOf(resource, await client.list(resource, { namespace, signal }));
}

export function remainingOf(resource: Resource, { items }: KubeList): Remaining | undefined {
  if (items.length === 0) return undefined;
  const finalizers: Record<string, number> = {};
  let graceSeconds = 0;
  for (const { metadata } of items) {
    for (const name of metadata.finalizers ?? []) finalizers[name] = (finalizers[name] ?? 0) + 1;
    graceSeconds = Math.max(graceSeconds, metadata.deletionGracePeriodSeconds ?? 0);
  }
  return { resource, count: items.length, finalizers, graceSeconds };
}

/** The five conditions of a namespace on its way out, in the order the namespace controller writes them. */
export function deletionConditions(
  remaining: readonly Remaining[],
  current: readonly NamespaceCondition[] | undefined,
  nowMs: number,
): NamespaceCondition[] {
  const content = remaining.map(({ resource, count }) => `${groupResource(resource)}. has ${count} resource instances`);
  const held = finalizerCounts(remaining).map(([name, count]) => `${name} in ${count} resource instances`);
  const wanted: NamespaceCondition[] = [
    {
      type: 'NamespaceDeletionDiscoveryFailure',
      status: 'False',
      reason: 'ResourcesDiscovered',
      message: 'All resources successfully discovered',
    },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      status: 'False',
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    {
      type: 'NamespaceDeletionContentFailure',
      status: 'False',
      reason: 'ContentDeleted',
      message: 'All content successfully deleted, may be waiting on finalization',
    },
    content.length > 0
      ? {
          type: 'NamespaceContentRemaining',
          status: 'True',
          reason: 'SomeResourcesRemain',
          message: `Some resources are remaining: ${content.join(', ')}`,
        }
      : {
          type: 'NamespaceContentRemaining',
          status: 'False',
          reason: 'ContentRemoved',
          message: 'All content successfully removed',
        },
    held.length > 0
      ? {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
        }
      : {
          type: 'NamespaceFinalizersRemaining',
          status: 'False',
          reason: 'ContentHasNoFinalizers',
          message: 'All content-preserving finalizers finished',
        },
  ];
  return wanted.map((condition) => keepingTime(condition, current, nowMs));
}

function finalizerCounts(remaining: readonly Remaining[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { finalizers } of remaining) {
    for (const [name, count] of Object.entries(finalizers)) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return [...counts].toSorted(([left], [right]) => (left < right ? -1 : 1));
}

function keepingTime(
  condition: NamespaceCondition,
  current: readonly NamespaceCondition[] | undefined,
  nowMs: number,
): NamespaceCondition {
  const known = current?.find(({ type }) => type === condition.type);
  const since = known?.status === condition.status ? known.lastTransitionTime : undefined;
  return { ...condition, lastTransitionTime: since ?? formatTime(nowMs) };
}
