import type { BuiltInResource, BuiltInSubresource } from '#main/sandbox/machinery/schema';
import type { Listing } from '../aggregation/aggregator';
import type { Catalogue } from '../catalogue';
import { groupsInOrder } from './group-order';

export interface DiscoverySources {
  catalogue: Catalogue;
  listing: Listing;
}

/** apidiscovery.k8s.io APIGroupDiscoveryList of the core group (`/api`) or all others (`/apis`). */
export function aggregatedDiscovery(sources: DiscoverySources, isCore: boolean, version: string): object {
  const groups = groupsInOrder(sources.catalogue, sources.listing).filter(({ group }) => (group === '') === isCore);
  const items = groups.map(({ group, versions }) => ({
    metadata: group ? { name: group } : {},
    versions: versions.flatMap((name) => versionEntry(sources, group, name)),
  }));
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: items.filter(({ versions }) => versions.length > 0),
  };
}

/** None for a version that has an APIService but nobody who serves it. */
function versionEntry({ catalogue, listing }: DiscoverySources, group: string, version: string): object[] {
  const other = listing.others.find((one) => one.group === group && one.version === version);
  if (other) {
    const { resources } = other;
    const freshness = resources ? 'Current' : 'Stale';
    return [{ version, ...(resources?.length ? { resources } : {}), freshness }];
  }
  const definitions = catalogue.definitions.filter((one) => one.group === group && one.version === version);
  if (definitions.length === 0) return [];
  const resources = definitions.map((one) => resourceEntry(one, catalogue.isCustom(one)));
  return [{ version, resources, freshness: 'Current' }];
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
