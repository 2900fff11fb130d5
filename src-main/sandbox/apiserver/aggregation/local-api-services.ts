/** The APIServices of what the server serves itself: the release's groups, and those of CustomResourceDefinitions. */
import type { Seed } from '../bootstrap/seed';

export interface GroupVersion {
  group: string;
  version: string;
}

export const MANAGED_LABEL = 'kube-aggregator.kubernetes.io/automanaged';
const CUSTOM_GROUP_PRIORITY = 1000;
const CUSTOM_VERSION_PRIORITY = 100;

/** `groupPriorityMinimum` and `versionPriority` by group and version. */
const PRIORITIES: Readonly<Record<string, readonly [group: number, version: number]>> = {
  '/v1': [18_000, 1],
  'apps/v1': [17_800, 15],
  'events.k8s.io/v1': [17_750, 15],
  'authentication.k8s.io/v1': [17_700, 15],
  'authorization.k8s.io/v1': [17_600, 15],
  'autoscaling/v1': [17_500, 15],
  'autoscaling/v2': [17_500, 30],
  'batch/v1': [17_400, 15],
  'certificates.k8s.io/v1': [17_300, 15],
  'certificates.k8s.io/v1beta1': [17_300, 9],
  'certificates.k8s.io/v1alpha1': [17_300, 1],
  'networking.k8s.io/v1': [17_200, 15],
  'networking.k8s.io/v1beta1': [17_200, 9],
  'policy/v1': [17_100, 15],
  'rbac.authorization.k8s.io/v1': [17_000, 15],
  'storage.k8s.io/v1': [16_800, 15],
  'storage.k8s.io/v1beta1': [16_800, 9],
  'apiextensions.k8s.io/v1': [16_700, 15],
  'admissionregistration.k8s.io/v1': [16_700, 15],
  'admissionregistration.k8s.io/v1beta1': [16_700, 12],
  'admissionregistration.k8s.io/v1alpha1': [16_700, 9],
  'scheduling.k8s.io/v1': [16_600, 15],
  'scheduling.k8s.io/v1alpha2': [16_600, 2],
  'coordination.k8s.io/v1': [16_500, 15],
  'coordination.k8s.io/v1beta1': [16_500, 13],
  'coordination.k8s.io/v1alpha2': [16_500, 12],
  'node.k8s.io/v1': [16_300, 15],
  'discovery.k8s.io/v1': [16_200, 15],
  'resource.k8s.io/v1': [16_200, 21],
  'resource.k8s.io/v1beta2': [16_200, 15],
  'resource.k8s.io/v1beta1': [16_200, 9],
  'resource.k8s.io/v1alpha3': [16_200, 1],
  'flowcontrol.apiserver.k8s.io/v1': [16_100, 21],
  'internal.apiserver.k8s.io/v1alpha1': [16_000, 9],
  'storagemigration.k8s.io/v1beta1': [15_800, 9],
};

/** The APIServices of the release that a server makes when it starts; what it does not know has none. */
export function builtInApiServices(served: Iterable<GroupVersion>): Seed[] {
  const seeds = new Map<string, Seed>();
  for (const { group, version } of served) {
    const priorities = PRIORITIES[`${group}/${version}`];
    if (priorities) seeds.set(`${group}/${version}`, seedOf({ group, version }, priorities, 'onstart'));
  }
  return [...seeds.values()];
}

/** The APIService of a version that CustomResourceDefinitions serve. */
export function customApiService(groupVersion: GroupVersion): Seed {
  return seedOf(groupVersion, [CUSTOM_GROUP_PRIORITY, CUSTOM_VERSION_PRIORITY], 'true');
}

export const apiServiceName = ({ group, version }: GroupVersion): string => `${version}.${group}`;

function seedOf(
  { group, version }: GroupVersion,
  [groupPriorityMinimum, versionPriority]: readonly [number, number],
  managed: 'onstart' | 'true',
): Seed {
  return {
    metadata: { name: apiServiceName({ group, version }), labels: { [MANAGED_LABEL]: managed } },
    spec: { ...(group ? { group } : {}), version, groupPriorityMinimum, versionPriority },
  };
}
