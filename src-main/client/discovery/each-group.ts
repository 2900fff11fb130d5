import { groupVersionPath, parseApiVersion } from '#common/kube/resource';
import type { KubeClient } from '../client';
import { isBuiltInGroup } from './built-in-groups';
import type { DiscoveredResource, Discovery } from './discovered';

/** meta/v1 APIGroupList and APIResourceList, as far as they are read. */
interface GroupList {
  groups?: { versions: { groupVersion: string }[]; preferredVersion?: { groupVersion: string } }[];
}

interface ResourceList {
  resources?: ListedResource[];
}

interface ListedResource {
  /** `pods`, and `pods/status` for a subresource. */
  name: string;
  singularName?: string;
  kind: string;
  namespaced: boolean;
  verbs: string[];
  shortNames?: string[];
  categories?: string[];
}

/** Discovery as before 1.26: one request per group and version. A group that does not answer spoils only itself. */
export async function discoverEachGroup(
  client: KubeClient,
  groupList: unknown,
  signal: AbortSignal | undefined,
): Promise<Discovery> {
  const versions = versionsOf(groupList as GroupList);
  const answers = await Promise.allSettled(versions.map((version) => readVersion(client, version, signal)));
  const resources: DiscoveredResource[] = [];
  const failed: string[] = [];
  const seen = new Set<string>();
  for (const [index, answer] of answers.entries()) {
    const version = versions[index] ?? '';
    if (answer.status === 'rejected') failed.push(version);
    else resources.push(...markPreferred(answer.value, seen));
  }
  signal?.throwIfAborted();
  if (resources.length === 0) throw firstFailure(answers);
  return { resources, failed };
}

/** The core version and those of each group, preferred versions first. */
function versionsOf({ groups = [] }: GroupList): string[] {
  const named = groups.flatMap(({ versions, preferredVersion }) => {
    const all = versions.map(({ groupVersion }) => groupVersion);
    const preferred = preferredVersion?.groupVersion;
    return preferred ? [preferred, ...all.filter((version) => version !== preferred)] : all;
  });
  return ['v1', ...named];
}

async function readVersion(
  client: KubeClient,
  apiVersion: string,
  signal: AbortSignal | undefined,
): Promise<DiscoveredResource[]> {
  const place = parseApiVersion(apiVersion);
  const response = await client.request({ method: 'GET', path: groupVersionPath(place), signal });
  return fromResourceList((await response.json()) as ResourceList, place);
}

/** The kinds of one APIResourceList, subresources folded into the kind they belong to. */
export function fromResourceList(
  { resources = [] }: ResourceList,
  place: { group: string; version: string },
): DiscoveredResource[] {
  const kinds = resources.filter(({ name }) => !name.includes('/'));
  return kinds.map((found) => {
    const prefix = `${found.name}/`;
    const nested = resources.filter(({ name }) => name.startsWith(prefix));
    const subresources = nested.map(({ name }) => name.slice(prefix.length));
    return {
      ...place,
      plural: found.name,
      kind: found.kind,
      namespaced: found.namespaced,
      singular: found.singularName ?? '',
      shortNames: found.shortNames ?? [],
      categories: found.categories ?? [],
      verbs: found.verbs,
      subresources,
      custom: !isBuiltInGroup(place.group),
      scalable: subresources.includes('scale'),
      preferred: false,
    };
  });
}

function markPreferred(resources: DiscoveredResource[], seen: Set<string>): DiscoveredResource[] {
  return resources.map((resource) => {
    const key = `${resource.group}/${resource.plural}`;
    const preferred = !seen.has(key);
    seen.add(key);
    return { ...resource, preferred };
  });
}

function firstFailure(answers: PromiseSettledResult<unknown>[]): unknown {
  const rejected = answers.find((answer) => answer.status === 'rejected');
  return rejected?.reason ?? new Error('the server shows no API');
}
