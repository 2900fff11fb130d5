/** What controllers read off Pods. */
import type { Pod, PodCondition, PodTemplateSpec } from '#common/kube/types';

export function podCondition({ status }: Pod, type: string): PodCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

export function isReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Neither finished nor on its way out. */
export function isActive({ metadata, status }: Pod): boolean {
  return !metadata.deletionTimestamp && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

/** Has a node and is on its way out, but not finished. */
export function isTerminating({ metadata, status }: Pod): boolean {
  return !!metadata.deletionTimestamp && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

/** Milliseconds until a ready Pod counts as available: 0 when it does, undefined when it is not ready. */
export function untilAvailable(pod: Pod, minReadySeconds: number, nowMs: number): number | undefined {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds === 0) return 0;
  const since = Date.parse(ready.lastTransitionTime ?? '');
  return Number.isNaN(since) ? undefined : Math.max(0, since + minReadySeconds * 1000 - nowMs);
}

/** A Pod as `template` describes it, before its name and owner. */
export function podOf(template: PodTemplateSpec | undefined): Pick<Pod, 'spec'> & {
  metadata: { labels?: Record<string, string>; annotations?: Record<string, string>; finalizers?: string[] };
} {
  const { labels, annotations, finalizers } = template?.metadata ?? {};
  return {
    metadata: {
      ...(labels ? { labels: { ...labels } } : {}),
      ...(annotations ? { annotations: { ...annotations } } : {}),
      ...(finalizers ? { finalizers: [...finalizers] } : {}),
    },
    spec: template?.spec ?? { containers: [] },
  };
}
