import type { BuiltInResource, BuiltInSubresource } from '#main/sandbox/machinery/schema';
import type { AggregatedVersion } from '../aggregation/aggregator';
import { discoveryEntries } from '../aggregation/backend-discovery';
import type { Catalogue } from '../catalogue';
import { groupsInOrder } from './group-order';

export interface DiscoverySources {
  catalogue: Catalogue;
  /** The versions of other servers. */
  others: readonly AggregatedVersion[];
}

/** apidiscovery.k8s.io APIGroupDiscoveryList of the core group (`/api`) or all others (`/apis`). */
export function aggregatedDiscovery(sources: DiscoverySources, isCore: boolean, version: string): object {
  const { catalogue, others } = sources;
  const groups = groupsInOrder(catalogue, others).filter(({ group }) => (group === '') === isCore);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ group, versions }) => ({
      metadata: group ? { name: group } : {},
      versions: versions.map((name) => versionEntry(sources, group, name)),
    })),
  };
}

function versionEntry({ catalogue, others }: DiscoverySources, group: string, version: string): object {
  const other = others.find((one) => one.group === group && one.version === version);
  if (other) {
    const resources = discoveryEntries(other, other.resources);
    const freshness = other.isCurrent ? 'Current' : 'Stale';
    return { version, ...(resources.length > 0 ? { resources } : {}), freshness };
  }
  const definitions = catalogue.definitions.filter((one) => one.group === group && one.version === version);
  const resources = definitions.map((one) => resourceEntry(one, catalogue.isCustom(one)));
  return { version, resources, freshness: 'Current' };
}

/** Built-in kinds leave out the group and version that are those of the list; custom ones repeat them. */
function resourceEntry(definition: BuiltInResource, isCustom: boolean): object {
  const { kind, plural, singular, namespaced, verbs, shortNames, categories, subresources } = definition;
  const own = isCustom ? { group: definition.group, version: definition.version } : { group: '', version: '' };
  return {
    resource: plural,
    responseKind: { ...own, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames?.length ? { shortNames } : {}),
    ...(categories?.length ? { categories } : {}),
    ...(subresources?.length ? { subresources: subresources.map((one) => subresourceEntry(one, own)) } : {}),
  };
}

function subresourceEntry(
  { name, group, version, kind, verbs }: BuiltInSubresource,
  parent: { group: string; version: string },
): object {
  return {
    subresource: name,
    responseKind: version ? { group, version, kind } : { ...parent, kind },
    verbs,
  };
}
