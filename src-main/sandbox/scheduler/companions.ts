import { controllerOf } from '#common/kube/object';
import { selects, type LabelSelector } from '#common/kinds/selector';
import type { Pod, Service } from '#common/kube/types';

/** Controllers whose Pods belong together. */
export type OwnerKind = 'apps/v1/ReplicaSet' | 'apps/v1/StatefulSet' | 'v1/ReplicationController';

export interface CompanionGround {
  /** Services of the Pod's namespace. */
  services: readonly Service[];
  selectorOf: (kind: OwnerKind, name: string) => LabelSelector | undefined;
}

const OWNERS: readonly string[] = ['apps/v1/ReplicaSet', 'apps/v1/StatefulSet', 'v1/ReplicationController'];

/** Pods that do the same work: those of the same Services and the same controller, as one selector. */
export function companionSelector(pod: Pod, { services, selectorOf }: CompanionGround): LabelSelector | undefined {
  const labels: Record<string, string> = {};
  for (const { spec } of services) if (selects(spec.selector, pod)) Object.assign(labels, spec.selector);
  const owner = controllerOf(pod);
  const kind = `${owner?.apiVersion}/${owner?.kind}`;
  const own = owner && OWNERS.includes(kind) ? selectorOf(kind as OwnerKind, owner.name) : undefined;
  if (Object.keys(labels).length === 0) return own;
  // Both must hold: a controller's own labels do not replace those of a Service.
  const matchExpressions = [
    ...Object.entries(labels).map(([key, value]) => ({ key, operator: 'In', values: [value] })),
    ...(own?.matchExpressions ?? []),
  ];
  return { ...(own?.matchLabels ? { matchLabels: own.matchLabels } : {}), matchExpressions };
}
