/** The order in which groups and their versions stand in discovery: what APIServices say, best first. */
import type { APIService } from '#common/kube/types';
import { compareVersions } from '#main/sandbox/custom/custom-kinds';

export interface GroupVersions {
  group: string;
  versions: string[];
}

/** By priority, then by name; a group stands where its best version does. */
export function groupVersionsOf(apiServices: Iterable<APIService>): GroupVersions[] {
  const byGroup = new Map<string, APIService[]>();
  for (const one of [...apiServices].sort(byGroupPriority)) {
    const { group = '' } = one.spec;
    byGroup.set(group, [...(byGroup.get(group) ?? []), one]);
  }
  return [...byGroup].map(([group, members]) => ({
    group,
    versions: members.sort(byVersionPriority).map(({ spec }) => spec.version ?? ''),
  }));
}

function byGroupPriority(a: APIService, b: APIService): number {
  return b.spec.groupPriorityMinimum - a.spec.groupPriorityMinimum || (a.metadata.name < b.metadata.name ? -1 : 1);
}

function byVersionPriority({ spec: a }: APIService, { spec: b }: APIService): number {
  return b.versionPriority - a.versionPriority || compareVersions(a.version ?? '', b.version ?? '');
}
