import { controllerOf, type KubeObject } from '#common/kube/object';
import { selects, type LabelSelector } from '#common/kinds/selector';
import type { Pod, Service } from '#common/kube/types';

interface Owner extends KubeObject {
  spec: { selector?: LabelSelector };
}

export interface CompanionGround {
  /** Services of the Pod's namespace. */
  services: readonly Service[];
  /** The object that controls the Pod, where its kind has a selector. */
  ownerOf: (kind: string, name: string) => Owner | undefined;
}

/** Pods that do the same work: those of the same Services and the same controller, as one selector. */
export function companionSelector(pod: Pod, { services, ownerOf }: CompanionGround): LabelSelector | undefined {
  const matchLabels: Record<string, string> = {};
  for (const { spec } of services) if (selects(spec.selector, pod)) Object.assign(matchLabels, spec.selector);
  const reference = controllerOf(pod);
  const owner = reference && ownerOf(reference.kind, reference.name);
  Object.assign(matchLabels, owner?.spec.selector?.matchLabels);
  const matchExpressions = owner?.spec.selector?.matchExpressions ?? [];
  if (Object.keys(matchLabels).length === 0 && matchExpressions.length === 0) return undefined;
  return { matchLabels, matchExpressions };
}
