import type { AggregatedVersion } from '../aggregation/aggregator';
import { builtInPriority } from '../aggregation/local-api-services';
import type { Catalogue } from '../catalogue';

export interface GroupVersions {
  group: string;
  versions: string[];
}

/** Has no APIService: it stands before all others. */
const FIRST_GROUP = 'apiregistration.k8s.io';
const LAST_PRIORITY = 100;
const CUSTOM_PRIORITY = 1000;

/** Every group in the order of discovery: those of other servers stand where their priority puts them. */
export function groupsInOrder(catalogue: Catalogue, others: readonly AggregatedVersion[]): GroupVersions[] {
  const own = new Map<string, Set<string>>();
  const custom = new Set<string>();
  for (const definition of catalogue.definitions) {
    const versions = own.get(definition.group) ?? new Set();
    own.set(definition.group, versions.add(definition.version));
    if (catalogue.isCustom(definition)) custom.add(definition.group);
  }
  const groups = [...own].map(([group, versions]) => ({ group, versions: [...versions] }));
  const priorityOf = (group: string): number =>
    builtInPriority(group) ?? (custom.has(group) ? CUSTOM_PRIORITY : LAST_PRIORITY);
  for (const { group, version, groupPriority } of others) {
    const known = groups.find((one) => one.group === group);
    if (known) {
      if (!known.versions.includes(version)) known.versions.push(version);
      continue;
    }
    const at = groups.findIndex((one) => one.group !== FIRST_GROUP && priorityOf(one.group) < groupPriority);
    groups.splice(at === -1 ? groups.length : at, 0, { group, versions: [version] });
  }
  return groups;
}
