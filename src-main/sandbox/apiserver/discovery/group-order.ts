import type { Listing } from '../aggregation/aggregator';
import type { GroupVersions } from '../aggregation/group-versions';
import type { Catalogue } from '../catalogue';

/** Has no APIService: it stands before all others. */
const FIRST_GROUP = 'apiregistration.k8s.io';

/** Every group in the order of discovery: as APIServices say it, then what has none, or not yet. */
export function groupsInOrder(catalogue: Catalogue, { groups }: Listing): GroupVersions[] {
  const ordered = new Map<string, string[]>([[FIRST_GROUP, []]]);
  for (const { group, versions } of groups) ordered.set(group, [...(ordered.get(group) ?? []), ...versions]);
  for (const { group, version } of catalogue.definitions) {
    const versions = ordered.get(group) ?? [];
    if (!versions.includes(version)) ordered.set(group, [...versions, version]);
  }
  return [...ordered].map(([group, versions]) => ({ group, versions }));
}
