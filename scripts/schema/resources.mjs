// What discovery says about every served resource, in the release's own order of groups.
import { API_PACKAGES } from './packages.mjs';

/** Resources that no file of the release states: metrics-server serves them. */
const METRICS = [
  { plural: 'nodes', singular: '', kind: 'NodeMetrics', namespaced: false, verbs: ['get', 'list'] },
  { plural: 'pods', singular: '', kind: 'PodMetrics', namespaced: true, verbs: ['get', 'list'] },
];

/** `readList` gives the legacy resource list of a group version; `order` the aggregated document. */
export function readResources(order, readList) {
  const groups = ['', ...order.items.map((item) => item.metadata.name).filter(Boolean)];
  const rank = (entry) => groups.indexOf(entry.group);
  const served = API_PACKAGES.filter((entry) => rank(entry) >= 0).sort(
    (a, b) => rank(a) - rank(b) || b.version.localeCompare(a.version),
  );
  const resources = served.flatMap((entry) => resourcesOf(entry, readList(entry)));
  const metrics = API_PACKAGES.find((entry) => entry.group === 'metrics.k8s.io');
  return [
    ...resources,
    ...METRICS.map((resource) => ({
      ...resource,
      group: metrics.group,
      version: metrics.version,
      shortNames: [],
      categories: [],
      subresources: [],
      typeId: `${metrics.id}.${resource.kind}`,
    })),
  ];
}

function resourcesOf({ group, version, id }, list) {
  const main = list.filter((entry) => !entry.name.includes('/'));
  return main.map((entry) => ({
    group,
    version,
    plural: entry.name,
    singular: entry.singularName,
    kind: entry.kind,
    namespaced: entry.namespaced,
    verbs: entry.verbs,
    shortNames: entry.shortNames ?? [],
    categories: entry.categories ?? [],
    subresources: list.filter((other) => other.name.startsWith(`${entry.name}/`)).map(subresourceOf),
    typeId: `${id}.${entry.kind}`,
  }));
}

/** Group and version are empty where they are those of the resource itself. */
function subresourceOf({ name, group, version, kind, verbs }) {
  return { name: name.split('/')[1], group: group ?? '', version: version ?? '', kind, verbs };
}
