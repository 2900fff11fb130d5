import type { KindCount } from '#common/contract/clusters';
import type { ResourceKind, Tone } from '#common/contract/shapes';
import { resourceId } from '#common/kube/resource';

export type NavSection =
  'workloads' | 'network' | 'configuration' | 'storage' | 'access' | 'cluster' | 'custom' | 'other';

/** A part of the sidebar: kinds that belong together. */
export interface NavGroup {
  /** Unique among the groups. */
  id: string;
  section: NavSection;
  kinds: ResourceKind[];
  /** API group, for custom resources. */
  title?: string;
}

/** Which kinds stand where in the sidebar, in reading order: `group/plural`. */
const PLACES: Record<Exclude<NavSection, 'custom' | 'other'>, readonly string[]> = {
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
    'networking.k8s.io/ingressclasses',
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
  cluster: ['/nodes', '/namespaces', '/events'],
};

/** The same Events are served a second time under this name. */
const TWICE = new Set(['events.k8s.io/events']);

/** The sidebar of a cluster: the known kinds it serves, every custom resource by its API group, then the rest. */
export function navigation(kinds: readonly ResourceKind[]): NavGroup[] {
  const listable = kinds.filter(({ verbs, ...kind }) => verbs.includes('list') && !TWICE.has(placeOf(kind)));
  const byPlace = new Map(listable.map((kind) => [placeOf(kind), kind]));
  const known = Object.entries(PLACES).map(([section, places]) => ({
    id: section,
    section: section as NavSection,
    kinds: places.flatMap((place) => byPlace.get(place) ?? []),
  }));
  const placed = new Set(known.flatMap((group) => group.kinds));
  const left = listable.filter((kind) => !kind.custom && !placed.has(kind)).sort(byKind);
  const other: NavGroup = { id: 'other', section: 'other', kinds: left };
  return [...known, ...customGroups(listable), other].filter((group) => group.kinds.length > 0);
}

const placeOf = ({ group, plural }: { group: string; plural: string }) => `${group}/${plural}`;
const byKind = (a: ResourceKind, b: ResourceKind) => a.kind.localeCompare(b.kind);

function customGroups(kinds: readonly ResourceKind[]): NavGroup[] {
  const groups = new Map<string, ResourceKind[]>();
  for (const kind of kinds) {
    if (kind.custom) groups.set(kind.group, [...(groups.get(kind.group) ?? []), kind]);
  }
  return [...groups]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([title, members]) => ({
      id: `custom ${title}`,
      section: 'custom' as const,
      title,
      kinds: members.sort(byKind),
    }));
}

type Counts = Readonly<Record<string, KindCount>>;

/** What asks for attention among objects, worst first; undefined when nothing does. */
export function attentionOf(kinds: readonly ResourceKind[], counts: Counts): { tone: Tone; count: number } | undefined {
  const found = kinds.flatMap((kind) => counts[resourceId(kind)] ?? []);
  for (const tone of ['bad', 'warn', 'busy'] as const) {
    const count = found.reduce((sum, of) => sum + of[tone], 0);
    if (count > 0) return { tone, count };
  }
  return undefined;
}

/** How many objects there are; undefined while nobody has counted any of these kinds. */
export function totalOf(kinds: readonly ResourceKind[], counts: Counts): number | undefined {
  const found = kinds.flatMap((kind) => counts[resourceId(kind)] ?? []);
  return found.length === 0 ? undefined : found.reduce((sum, { total }) => sum + total, 0);
}
