/** How a Job counts Pods that have ended, each exactly once whenever the process ends. Pure. */
import type { Job, JobCondition, JobStatus, Pod } from '#common/kube/types';
import { hasFailed, hasSucceeded, hasValidIndex, isIndexed, isTracked, type JobFacts } from './job-facts';
import { formatIndexes, indexOf } from './job-indexes';
import { targetOf, type JobEnd } from './job-plan';
import { failureVerdict } from './job-policies';

/** Names of Pods that a status may hold while they are counted (the job controller's MaxUncountedPods). */
const MAX_UNCOUNTED = 500;

/** Written down before the marks are taken off: who will be counted as what. */
export interface CountPlan {
  status: JobStatus;
  /** Pods whose mark is taken off. */
  release: Pod[];
  /** There was no room for all of them. */
  isFull: boolean;
}

export interface CountGround {
  facts: JobFacts;
  /** The status so far: start, size and conditions are up to date. */
  status: JobStatus;
  end: JobEnd | undefined;
  time: string;
}

export function planCount({ facts, status, end, time }: CountGround): CountPlan {
  const { job } = facts;
  const uncounted = {
    succeeded: [...(status.uncountedTerminatedPods?.succeeded ?? [])],
    failed: [...(status.uncountedTerminatedPods?.failed ?? [])],
  };
  const release: Pod[] = [];
  let newIndexes = 0;
  let isFull = false;
  for (const pod of inIndexOrder(facts)) {
    if (!isTracked(pod) || !mayRelease(facts, pod, end)) continue;
    release.push(pod);
    const { uid } = pod.metadata;
    if (hasSucceeded(pod) && !uncounted.failed.includes(uid)) {
      if (isIndexed(job)) newIndexes++;
      else if (!uncounted.succeeded.includes(uid)) uncounted.succeeded.push(uid);
    } else if (countsAsFailed(job, pod, end) && !uncounted.failed.includes(uid)) uncounted.failed.push(uid);
    isFull = newIndexes + uncounted.succeeded.length + uncounted.failed.length >= MAX_UNCOUNTED;
    if (isFull) break;
  }
  const next = { ...withIndexes(facts, status), uncountedTerminatedPods: withoutEmpty(uncounted) };
  return { status: { ...next, ...conditionsToward(end, status, time) }, release, isFull };
}

function inIndexOrder({ job, pods }: JobFacts): readonly Pod[] {
  if (!isIndexed(job)) return pods;
  return [...pods].sort((left, right) => (indexOf(left) ?? -1) - (indexOf(right) ?? -1));
}

function mayRelease({ job, delayed }: JobFacts, pod: Pod, end: JobEnd | undefined): boolean {
  if (job.metadata.deletionTimestamp || end || hasSucceeded(pod)) return true;
  if (!hasFailed(job, pod)) return false;
  const index = indexOf(pod);
  return index === undefined || delayed.get(index)?.metadata.uid !== pod.metadata.uid;
}

/** When a Job fails, every Pod that has not ended counts as failed too. */
function countsAsFailed(job: Job, pod: Pod, end: JobEnd | undefined): boolean {
  if (!hasFailed(job, pod) && end?.type !== 'Failed') return false;
  return hasValidIndex(job, pod) && failureVerdict(job, pod).counts;
}

function withIndexes({ job, succeededIndexes, failedIndexes }: JobFacts, status: JobStatus): JobStatus {
  if (!isIndexed(job)) return status;
  const { completedIndexes: _, ...rest } = status;
  return {
    ...rest,
    succeeded: succeededIndexes.size,
    ...(succeededIndexes.size > 0 ? { completedIndexes: formatIndexes(succeededIndexes) } : {}),
    ...(failedIndexes ? { failedIndexes: formatIndexes(failedIndexes) } : {}),
  };
}

function conditionsToward(end: JobEnd | undefined, { conditions = [] }: JobStatus, time: string) {
  if (!end || conditions.some(({ type }) => type === targetOf(end))) return {};
  return { conditions: [...conditions, condition({ ...end, type: targetOf(end) }, true, time)] };
}

/** After the marks are off: the names become numbers. `kept` are Pods whose mark is still there. */
export function counted(status: JobStatus, kept: ReadonlySet<string>): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const left = { succeeded: succeeded.filter((uid) => kept.has(uid)), failed: failed.filter((uid) => kept.has(uid)) };
  return {
    ...status,
    succeeded: (status.succeeded ?? 0) + succeeded.length - left.succeeded.length,
    failed: (status.failed ?? 0) + failed.length - left.failed.length,
    uncountedTerminatedPods: withoutEmpty(left),
  };
}

/** The last condition, once every Pod is counted and gone; undefined before. */
export function finished(status: JobStatus, end: JobEnd, time: string): JobStatus | undefined {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  if (succeeded.length + failed.length > 0 || (status.terminating ?? 0) > 0) return undefined;
  return {
    ...status,
    conditions: [...(status.conditions ?? []), condition(end, true, time)],
    ...(end.type === 'Complete' ? { completionTime: time } : {}),
  };
}

export function condition(
  { type, reason, message }: { type: string; reason: string; message: string },
  holds: boolean,
  time: string,
): JobCondition {
  return { type, status: holds ? 'True' : 'False', lastProbeTime: time, lastTransitionTime: time, reason, message };
}

function withoutEmpty({ succeeded, failed }: { succeeded: string[]; failed: string[] }) {
  return { ...(succeeded.length > 0 ? { succeeded } : {}), ...(failed.length > 0 ? { failed } : {}) };
}
