import type { DiscoveredResource, Discovery } from './discovered';
import { isBuiltInGroup } from './built-in-groups';

/** apidiscovery.k8s.io/v2 APIGroupDiscoveryList, as far as it is read. */
export interface GroupDiscoveryList {
  kind: 'APIGroupDiscoveryList';
  items: GroupDiscovery[];
}

interface GroupDiscovery {
  metadata?: { name?: string };
  versions: VersionDiscovery[];
}

interface VersionDiscovery {
  version: string;
  freshness?: 'Current' | 'Stale';
  resources?: ResourceDiscovery[];
}

interface ResourceDiscovery {
  resource: string;
  responseKind?: { group?: string; version?: string; kind?: string };
  scope: 'Namespaced' | 'Cluster';
  singularResource?: string;
  verbs: string[];
  shortNames?: string[];
  categories?: string[];
  subresources?: { subresource: string }[];
}

export function isAggregated(document: unknown): document is GroupDiscoveryList {
  return (
    typeof document === 'object' && document !== null && 'kind' in document && document.kind === 'APIGroupDiscoveryList'
  );
}

/** The kinds of an aggregated discovery document. The first version listed is the preferred one. */
export function fromAggregated({ items }: GroupDiscoveryList): Discovery {
  const resources: DiscoveredResource[] = [];
  const failed: string[] = [];
  for (const group of items) {
    const name = group.metadata?.name ?? '';
    const seen = new Set<string>();
    for (const version of group.versions) {
      if (version.freshness === 'Stale') failed.push(name ? `${name}/${version.version}` : version.version);
      for (const found of version.resources ?? []) {
        resources.push(
          describe(found, { group: name, version: version.version, preferred: !seen.has(found.resource) }),
        );
        seen.add(found.resource);
      }
    }
  }
  return { resources, failed };
}

function describe(
  found: ResourceDiscovery,
  place: Pick<DiscoveredResource, 'group' | 'version' | 'preferred'>,
): DiscoveredResource {
  const subresources = (found.subresources ?? []).map(({ subresource }) => subresource);
  return {
    ...place,
    plural: found.resource,
    kind: found.responseKind?.kind ?? found.resource,
    namespaced: found.scope === 'Namespaced',
    singular: found.singularResource ?? '',
    shortNames: found.shortNames ?? [],
    categories: found.categories ?? [],
    verbs: found.verbs,
    subresources,
    custom: !isBuiltInGroup(place.group),
    scalable: subresources.includes('scale'),
  };
}
