import type { ClusterId, ObjectRef, ResourceRef } from '#common/contract/shapes';
import { parseApiVersion } from '#common/kube/resource';

/** The resource of an owner or of an involved object, which is named by kind only. The plural follows the API's own habit. */
export function refOfKind(apiVersion: string | undefined, kind: string, namespaced: boolean): ResourceRef {
  const { group, version } = parseApiVersion(apiVersion || 'v1');
  return { group, version, plural: pluralOf(kind), kind, namespaced };
}

const IRREGULAR: Record<string, string> = { endpoints: 'endpoints', podmetrics: 'pods', nodemetrics: 'nodes' };

export function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (IRREGULAR[lower]) return IRREGULAR[lower];
  if (/(s|x|z|ch|sh)$/.test(lower)) return `${lower}es`;
  return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}

/** Stable text for one object, to compare and to key by. */
export function refKey({ cluster, resource, namespace = '', name }: ObjectRef): string {
  return [cluster, resource.group, resource.plural, namespace, name].join('\u0000');
}

export function objectRef(
  cluster: ClusterId,
  resource: ResourceRef,
  { namespace, name }: { namespace?: string | undefined; name: string },
): ObjectRef {
  return { cluster, resource, name, ...(resource.namespaced && namespace ? { namespace } : {}) };
}

/** Kinds of the core group that do not live in a namespace, as far as objects refer to them. */
const CLUSTER_SCOPED = new Set([
  'Node',
  'Namespace',
  'PersistentVolume',
  'StorageClass',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'PriorityClass',
  'IngressClass',
  'RuntimeClass',
  'CSINode',
  'CSIDriver',
  'VolumeAttachment',
]);

export function isNamespacedKind(kind: string): boolean {
  return !CLUSTER_SCOPED.has(kind);
}
