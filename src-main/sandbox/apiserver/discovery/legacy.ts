import { apiVersionOf } from '#common/kube/resource';
import type { BuiltInResource } from '#main/sandbox/machinery/schema';
import type { Catalogue } from '../catalogue';

/** `/api` for clients that read one group version at a time. */
export function apiVersions(): object {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
}

/** `/apis`. */
export function apiGroupList(catalogue: Catalogue): object {
  const names = new Set(catalogue.definitions.map(({ group }) => group).filter((group) => group !== ''));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: [...names].map((group) => groupOf(catalogue, group)) };
}

/** `/apis/apps`; undefined for a group that is not served. */
export function apiGroup(catalogue: Catalogue, group: string): object | undefined {
  if (!catalogue.definitions.some((one) => one.group === group)) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(catalogue, group) };
}

function groupOf(catalogue: Catalogue, group: string) {
  const versions = new Set(catalogue.definitions.filter((one) => one.group === group).map(({ version }) => version));
  const list = [...versions].map((version) => ({ groupVersion: apiVersionOf({ group, version }), version }));
  return { name: group, versions: list, preferredVersion: list[0] };
}

/** `/api/v1`, `/apis/apps/v1`; undefined for what is not served. */
export function apiResourceList(
  catalogue: Catalogue,
  groupVersion: { group: string; version: string },
): object | undefined {
  const wanted = apiVersionOf(groupVersion);
  const definitions = catalogue.definitions.filter((one) => apiVersionOf(one) === wanted);
  if (definitions.length === 0) return undefined;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: wanted, resources: definitions.flatMap(entriesOf) };
}

function entriesOf({
  plural,
  singular,
  namespaced,
  kind,
  verbs,
  shortNames,
  categories,
  subresources,
}: BuiltInResource) {
  const own = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames?.length ? { shortNames } : {}),
    ...(categories?.length ? { categories } : {}),
  };
  const parts = (subresources ?? []).map((one) => ({
    name: `${plural}/${one.name}`,
    singularName: '',
    namespaced,
    ...(one.version ? { group: one.group, version: one.version } : {}),
    kind: one.kind,
    verbs: one.verbs,
  }));
  return [own, ...parts];
}
