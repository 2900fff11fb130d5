import type { BuiltInResource, BuiltInSubresource } from '#main/sandbox/machinery/schema';
import type { Catalogue } from '../catalogue';

/** apidiscovery.k8s.io APIGroupDiscoveryList of the core group (`/api`) or all others (`/apis`). */
export function aggregatedDiscovery(catalogue: Catalogue, isCore: boolean, version: string): object {
  const groups = new Map<string, Map<string, BuiltInResource[]>>();
  for (const definition of catalogue.definitions) {
    if ((definition.group === '') !== isCore) continue;
    const versions = groups.get(definition.group) ?? new Map<string, BuiltInResource[]>();
    groups.set(definition.group, versions);
    versions.set(definition.version, [...(versions.get(definition.version) ?? []), definition]);
  }
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: [...groups].map(([group, versions]) => ({
      metadata: group ? { name: group } : {},
      versions: [...versions].map(([name, resources]) => ({
        version: name,
        resources: resources.map((one) => resourceEntry(one, catalogue.isCustom(one))),
        freshness: 'Current',
      })),
    })),
  };
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
