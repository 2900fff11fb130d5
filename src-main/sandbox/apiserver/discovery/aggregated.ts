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
      // The core group has no name, and clients expect to find the empty one.
      metadata: { name: group, creationTimestamp: null },
      versions: [...versions].map(([name, resources]) => ({
        version: name,
        resources: resources.map(resourceEntry),
        freshness: 'Current',
      })),
    })),
  };
}

function resourceEntry(definition: BuiltInResource): object {
  const { group, version, kind, plural, singular, namespaced, verbs, shortNames, categories, subresources } =
    definition;
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames?.length ? { shortNames } : {}),
    ...(categories?.length ? { categories } : {}),
    ...(subresources?.length ? { subresources: subresources.map((one) => subresourceEntry(one, definition)) } : {}),
  };
}

function subresourceEntry({ name, group, version, kind, verbs }: BuiltInSubresource, parent: BuiltInResource): object {
  return {
    subresource: name,
    responseKind: { group: version ? group : parent.group, version: version || parent.version, kind },
    verbs,
  };
}
