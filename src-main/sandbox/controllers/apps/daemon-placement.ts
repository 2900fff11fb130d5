/** Which nodes a DaemonSet's Pods belong on. */
import { acceptsNode } from '#common/kube/node-selection';
import { tolerates } from '#common/kube/tolerations';
import type { DaemonSet, Node, PodSpec, Toleration } from '#common/kube/types';

/** What every daemon Pod stands, so that it runs where others must not (kube-controller-manager's daemon util). */
const DAEMON_TOLERATIONS: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const HOST_NETWORK_TOLERATION: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

export function withDaemonTolerations(spec: PodSpec): PodSpec {
  const extra = spec.hostNetwork ? [...DAEMON_TOLERATIONS, HOST_NETWORK_TOLERATION] : DAEMON_TOLERATIONS;
  const own = spec.tolerations ?? [];
  const missing = extra.filter(({ key, effect }) => !own.some((one) => one.key === key && one.effect === effect));
  return { ...spec, tolerations: [...own, ...missing] };
}

export interface Placement {
  /** A Pod is made there. */
  shouldRun: boolean;
  /** A Pod that is there already may stay. */
  shouldStay: boolean;
}

export function placementOf({ spec }: DaemonSet, node: Node): Placement {
  const pod = withDaemonTolerations(spec.template.spec ?? { containers: [] });
  if (!acceptsNode(pod, node)) return { shouldRun: false, shouldStay: false };
  const untolerated = (node.spec.taints ?? []).filter((taint) => !tolerates(pod.tolerations, taint));
  return {
    shouldRun: !untolerated.some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute'),
    shouldStay: !untolerated.some(({ effect }) => effect === 'NoExecute'),
  };
}

/** Bound to one node by name, but placed there by the scheduler like any other Pod; what else it required of nodes holds there. */
export function pinnedTo(spec: PodSpec, nodeName: string): PodSpec {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [nodeName] }];
  const nodeSelectorTerms = [{ matchFields }];
  const nodeAffinity = {
    ...spec.affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
  };
  return { ...spec, affinity: { ...spec.affinity, nodeAffinity } };
}

/** The node a daemon Pod was made for, whether or not it has been placed yet. */
export function nodeOf(spec: PodSpec): string | undefined {
  if (spec.nodeName) return spec.nodeName;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields = [] } of required?.nodeSelectorTerms ?? []) {
    const field = matchFields.find(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    if (field?.values?.[0]) return field.values[0];
  }
  return undefined;
}
