/** What is left in a namespace on its way out, and how it says so. */
import { formatTime } from '#common/base/clock';
import { messageOf } from '#common/base/errors';
import { resourcePath, type Resource } from '#common/kube/resource';
import type { KubeList } from '#common/kube/object';
import type { NamespaceCondition } from '#common/kube/types';
import { discover } from '#main/client/discovery/discover';
import type { KubeClient } from '#main/client/client';
import type { DiscoveredResource } from '#main/client/discovery/discovered';

/** What one kind still has in the namespace. */
export interface Remaining {
  resource: Resource;
  count: number;
  /** Finalizers that hold objects back, with how many each. */
  finalizers: Readonly<Record<string, number>>;
  /** How long the longest Pod may still take. */
  graceSeconds: number;
}

/** How far the emptying of a namespace has come. */
export interface Emptying {
  remaining: readonly Remaining[];
  /** Groups whose API does not answer: what they have in the namespace cannot be known. */
  silent: readonly string[];
  /** Why kinds could not be emptied. */
  failures: readonly string[];
}

/** Every namespaced kind whose objects can be deleted, each once whatever groups and versions serve it. */
async function deletableResources(client: KubeClient, signal: AbortSignal) {
  const { resources, failed } = await discover(client, signal);
  const deletable = resources.filter(
    ({ namespaced, verbs, preferred }) => namespaced && preferred && verbs.includes('delete') && verbs.includes('list'),
  );
  return { deletable, silent: failed };
}

interface Place {
  namespace: string;
  signal: AbortSignal;
}

/** Deletes what it can. Pods go first, and nothing else before they are gone: they may need the rest to end well. */
export async function emptyNamespace(client: KubeClient, place: Place): Promise<Emptying> {
  const { deletable, silent } = await deletableResources(client, place.signal);
  const isPods = ({ group, plural }: Resource) => group === '' && plural === 'pods';
  const first = await emptyKinds(client, deletable.filter(isPods), place);
  if (first.remaining.length > 0) return { ...first, silent };
  const rest = await emptyKinds(
    client,
    deletable.filter((one) => !isPods(one)),
    place,
  );
  return { remaining: rest.remaining, silent, failures: [...first.failures, ...rest.failures] };
}

async function emptyKinds(
  client: KubeClient,
  resources: readonly DiscoveredResource[],
  place: Place,
): Promise<Pick<Emptying, 'remaining' | 'failures'>> {
  const remaining: Remaining[] = [];
  const failures: string[] = [];
  for (const resource of resources) {
    try {
      const left = await emptyKind(client, resource, place);
      if (left) remaining.push(left);
    } catch (failure) {
      place.signal.throwIfAborted();
      failures.push(messageOf(failure));
    }
  }
  return { remaining, failures };
}

/** Deletes all objects of a kind in a namespace and tells what is still there after that. */
async function emptyKind(
  client: KubeClient,
  resource: DiscoveredResource,
  { namespace, signal }: Place,
): Promise<Remaining | undefined> {
  const before = await client.list(resource, { namespace, signal });
  if (before.items.length === 0) return undefined;
  if (resource.verbs.includes('deletecollection')) {
    const path = resourcePath(resource, { namespace });
    await client.request({ method: 'DELETE', path, body: { propagationPolicy: 'Background' }, signal });
  } else {
    for (const { metadata } of before.items) {
      await client.remove(resource, metadata, { propagationPolicy: 'Background', signal });
    }
  }
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

/** True while only Pods are waited for. The namespace does not speak of what is left before they are gone. */
const waitsForPods = ({ remaining }: Emptying): boolean =>
  remaining.some(({ resource }) => resource.group === '' && resource.plural === 'pods');

/** The five conditions of a namespace on its way out, in the order the namespace controller writes them. */
export function deletionConditions(
  emptying: Emptying,
  current: readonly NamespaceCondition[] | undefined,
  nowMs: number,
): NamespaceCondition[] {
  const { silent, failures } = emptying;
  const remaining = waitsForPods(emptying) ? [] : emptying.remaining;
  const content = remaining.map(
    ({ resource, count }) => `${resource.plural}.${resource.group} has ${count} resource instances`,
  );
  const held = finalizerCounts(remaining).map(([name, count]) => `${name} in ${count} resource instances`);
  const wanted = [
    condition('NamespaceDeletionDiscoveryFailure', silent.length > 0 && discoveryFailed(silent), [
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ]),
    condition('NamespaceDeletionGroupVersionParsingFailure', false, [
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ]),
    condition('NamespaceDeletionContentFailure', failures.length > 0 && deletionFailed(failures), [
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ]),
    condition(
      'NamespaceContentRemaining',
      content.length > 0 && ['SomeResourcesRemain', `Some resources are remaining: ${listed(content)}`],
      ['ContentRemoved', 'All content successfully removed'],
    ),
    condition(
      'NamespaceFinalizersRemaining',
      held.length > 0 && [
        'SomeFinalizersRemain',
        `Some content in the namespace has finalizers remaining: ${listed(held)}`,
      ],
      ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
    ),
  ];
  return wanted.map((one) => keepingTime(one, current, nowMs));
}

type Words = readonly [reason: string, message: string];

function condition(type: string, trouble: Words | false, fine: Words): Omit<NamespaceCondition, 'lastTransitionTime'> {
  const [reason, message] = trouble || fine;
  return { type, status: trouble ? 'True' : 'False', reason, message };
}

const listed = (texts: readonly string[]): string => texts.toSorted().join(', ');

function discoveryFailed(silent: readonly string[]): Words {
  const stale = silent.map((version) => `${version}: stale GroupVersion discovery: ${version}`);
  const error = `unable to retrieve the complete list of server APIs: ${listed(stale)}`;
  return ['DiscoveryFailed', `Discovery failed for some groups, ${silent.length} failing: ${error}`];
}

function deletionFailed(failures: readonly string[]): Words {
  const message = `Failed to delete all resource types, ${failures.length} remaining: ${listed(failures)}`;
  return ['ContentDeletionFailed', message];
}

function finalizerCounts(remaining: readonly Remaining[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { finalizers } of remaining) {
    for (const [name, count] of Object.entries(finalizers)) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return [...counts];
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
