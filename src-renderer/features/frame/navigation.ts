import type { ResourceKind, ResourceRef } from '#common/contract/shapes';

export interface NavGroup {
  id: 'workloads' | 'network' | 'configuration' | 'storage' | 'access' | 'cluster' | 'custom';
  kinds: ResourceRef[];
  /** Kinds of one API group, for custom resources. */
  title?: string;
}

/** Which kinds stand where in the sidebar, in reading order: `group/plural`. */
const PLACES: Record<Exclude<NavGroup['id'], 'custom'>, readonly string[]> = {
  workloads: [
    '/pods',
    'apps/deployments',
    'apps/replicasets',
    'apps/statefulsets',
    'apps/daemonsets',
    'batch/jobs',
    'batch/cronjobs',
    'autoscaling/horizontalpodautoscalers',
  ],
  network: [
    '/services',
    'networking.k8s.io/ingresses',
    'discovery.k8s.io/endpointslices',
    'networking.k8s.io/networkpolicies',
  ],
  configuration: ['/configmaps', '/secrets', '/resourcequotas', '/limitranges', 'policy/poddisruptionbudgets'],
  storage: ['/persistentvolumeclaims', '/persistentvolumes', 'storage.k8s.io/storageclasses'],
  access: [
    '/serviceaccounts',
    'rbac.authorization.k8s.io/roles',
    'rbac.authorization.k8s.io/rolebindings',
    'rbac.authorization.k8s.io/clusterroles',
    'rbac.authorization.k8s.io/clusterrolebindings',
  ],
  cluster: ['/nodes', '/namespaces', '/events', 'coordination.k8s.io/leases', 'scheduling.k8s.io/priorityclasses'],
};

/** The sidebar of a cluster: what it serves of the known kinds, then every custom resource by its group. */
export function navigation(kinds: readonly ResourceKind[]): NavGroup[] {
  const listable = kinds.filter(({ verbs }) => verbs.includes('list'));
  const byPlace = new Map(listable.map((kind) => [`${kind.group}/${kind.plural}`, kind]));
  const known = Object.entries(PLACES).map(([id, places]) => ({
    id: id as NavGroup['id'],
    kinds: places.flatMap((place) => byPlace.get(place) ?? []),
  }));
  return [...known, ...customGroups(listable)].filter((group) => group.kinds.length > 0);
}

function customGroups(kinds: readonly ResourceKind[]): NavGroup[] {
  const groups = new Map<string, ResourceKind[]>();
  for (const kind of kinds) {
    if (kind.custom) groups.set(kind.group, [...(groups.get(kind.group) ?? []), kind]);
  }
  return [...groups].sort().map(([title, members]) => ({ id: 'custom', title, kinds: members }));
}

/** `Deployments`, `NetworkPolicies`: a kind's plural as people write it. */
export function pluralOf(kind: string): string {
  if (/(s|x|ch)$/.test(kind)) return kind.endsWith('s') && !kind.endsWith('ss') ? kind : `${kind}es`;
  return /[^aeiou]y$/.test(kind) ? `${kind.slice(0, -1)}ies` : `${kind}s`;
}
