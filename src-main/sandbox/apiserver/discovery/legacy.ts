import { createHash } from 'node:crypto';
import { apiVersionOf } from '#common/kube/resource';
import type { BuiltInResource } from '#main/sandbox/machinery/schema';
import type { Catalogue } from '../catalogue';
import type { DiscoverySources } from './aggregated';
import type { GroupVersions } from '../aggregation/group-versions';
import { groupsInOrder } from './group-order';

/** `/api` for clients that read one group version at a time. `address` is where they reached the server, `host:port`. */
export function apiVersions(address: string): object {
  const everywhere = { clientCIDR: '0.0.0.0/0', serverAddress: address };
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [everywhere] };
}

/** `/apis`. */
export function apiGroupList({ catalogue, listing }: DiscoverySources): object {
  const groups = groupsInOrder(catalogue, listing).filter(({ group }) => group !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupEntry) };
}

/** `/apis/apps`; undefined for a group that is not served. */
export function apiGroup({ catalogue, listing }: DiscoverySources, group: string): object | undefined {
  const found = groupsInOrder(catalogue, listing).find((one) => one.group === group);
  return found && { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(found) };
}

function groupEntry({ group, versions }: GroupVersions) {
  const list = versions.map((version) => ({ groupVersion: apiVersionOf({ group, version }), version }));
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
  const resources = definitions.flatMap((one) => entriesOf(one, storageVersionHash(catalogue, one)));
  // The core list is written by an older hand, without its version.
  const head = groupVersion.group ? { apiVersion: 'v1' } : {};
  return { kind: 'APIResourceList', ...head, groupVersion: wanted, resources };
}

/** Kinds that the release still stores in an older version, by group and kind: their hashes tell. */
const STORED_VERSIONS: Readonly<Record<string, string>> = {
  'admissionregistration.k8s.io/MutatingAdmissionPolicy': 'v1beta1',
  'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding': 'v1beta1',
  'apiextensions.k8s.io/CustomResourceDefinition': 'v1beta1',
};

/** Tells clients when the stored version changes: 64 bits of the SHA-256 of group, version and kind as they are stored. */
function storageVersionHash(catalogue: Catalogue, definition: BuiltInResource): string | undefined {
  const stored = catalogue.find(definition)?.registry.resource;
  if (!stored) return undefined;
  const { group, kind } = stored;
  const version = STORED_VERSIONS[`${group}/${kind}`] ?? stored.version;
  const text = [group, version, kind].join('/');
  return createHash('sha256').update(text).digest().subarray(0, 8).toString('base64');
}

function entriesOf(definition: BuiltInResource, hash: string | undefined) {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories, subresources } = definition;
  const own = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames?.length ? { shortNames } : {}),
    ...(categories?.length ? { categories } : {}),
    ...(hash ? { storageVersionHash: hash } : {}),
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
