/** How long a Job waits before it makes Pods again after failures. */
import type { ContainerStatus, Pod } from '#common/kube/types';
import { podCondition } from '../apps/pod-facts';

const FIRST_BACKOFF_MS = 10_000;
const MAX_BACKOFF_MS = 600_000;

/** Failures since the last success, as far as they were seen. */
export interface Backoff {
  readonly failures: number;
  readonly lastFailureMs: number;
}

export const NO_BACKOFF: Backoff = { failures: 0, lastFailureMs: 0 };

/** A success starts the count anew; only failures after it count. */
export function nextBackoff(before: Backoff, succeeded: readonly Pod[], failed: readonly Pod[]): Backoff {
  if (succeeded.length === 0 && failed.length === 0) return before;
  const failedMs = failed.map(endedAt);
  if (succeeded.length === 0)
    return { failures: before.failures + failed.length, lastFailureMs: Math.max(...failedMs) };
  const lastSuccessMs = Math.max(...succeeded.map(endedAt));
  const since = failedMs.filter((ms) => ms > lastSuccessMs);
  return since.length > 0 ? { failures: since.length, lastFailureMs: Math.max(...since) } : NO_BACKOFF;
}

/** Doubles with each failure, from the moment of the last one; 0 when it is over. */
export function backoffLeft({ failures, lastFailureMs }: Backoff, nowMs: number): number {
  if (failures === 0) return 0;
  const delayMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1));
  return Math.max(0, lastFailureMs + delayMs - nowMs);
}

/** When a Pod ended: its last container, else its last moment of readiness, else its deletion. */
export function endedAt(pod: Pod): number {
  const { metadata, status } = pod;
  const containersMs = lastEnd(status?.containerStatuses ?? []);
  if (containersMs !== undefined) return containersMs;
  const ready = podCondition(pod, 'Ready');
  const unreadyMs = ready?.status === 'False' ? Date.parse(ready.lastTransitionTime ?? '') : NaN;
  if (!Number.isNaN(unreadyMs)) return unreadyMs;
  const graceMs = (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  if (metadata.deletionTimestamp) return Date.parse(metadata.deletionTimestamp) - graceMs;
  return Date.parse(metadata.creationTimestamp);
}

/** Undefined while one of them has not ended. */
function lastEnd(statuses: readonly ContainerStatus[]): number | undefined {
  const ends = statuses.map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? ''));
  return ends.length === 0 || ends.some(Number.isNaN) ? undefined : Math.max(...ends);
}
