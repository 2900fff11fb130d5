/** What a Job's Pods mean to it: pure readings that its decisions rest on. */
import type { Job, JobCondition, Pod } from '#common/kube/types';
import { isActive, isReady, isTerminating } from '../apps/pod-facts';
import { endedAt } from './job-backoff';
import { indexOf, parseIndexes } from './job-indexes';
import { failureVerdict } from './job-policies';

/** Keeps an ended Pod until it is counted. */
export const TRACKING = 'batch.kubernetes.io/job-tracking';
export const FAILURE_COUNT = 'batch.kubernetes.io/job-index-failure-count';
export const IGNORED_FAILURE_COUNT = 'batch.kubernetes.io/job-index-ignored-failure-count';
/** `spec.managedBy` of Jobs that are ours. */
const OWN_NAME = 'kubernetes.io/job-controller';

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === 'Indexed';
export const isSuspended = ({ spec }: Job): boolean => spec.suspend === true;
export const isManagedElsewhere = ({ spec }: Job): boolean => (spec.managedBy ?? OWN_NAME) !== OWN_NAME;
export const isTracked = ({ metadata }: Pod): boolean => metadata.finalizers?.includes(TRACKING) ?? false;

export function conditionOf({ status }: Job, type: string): JobCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');
}

export const isFinished = (job: Job): boolean => !!conditionOf(job, 'Complete') || !!conditionOf(job, 'Failed');

/** Only Pods that have failed are replaced; else those on their way out are too. */
export const replacesOnlyFailed = ({ spec }: Job): boolean => spec.podReplacementPolicy === 'Failed';

/** A Pod that is deleted counts as failed at once, unless only failed ones are replaced. */
export function hasFailed(job: Job, { metadata, status }: Pod): boolean {
  if (status?.phase === 'Failed') return true;
  return !replacesOnlyFailed(job) && !!metadata.deletionTimestamp && status?.phase !== 'Succeeded';
}

export const hasSucceeded = ({ status }: Pod): boolean => status?.phase === 'Succeeded';

/** What is known of a Job when it is looked at. */
export interface JobFacts {
  job: Job;
  pods: readonly Pod[];
  active: readonly Pod[];
  terminating: readonly Pod[];
  ready: number;
  /** Ended since the last count. */
  newlySucceeded: readonly Pod[];
  newlyFailed: readonly Pod[];
  /** Counted and about to be counted. */
  succeeded: number;
  failed: number;
  /** Of an indexed Job; empty for others. */
  succeededIndexes: ReadonlySet<number>;
  /** Of a Job with a limit per index. */
  failedIndexes?: ReadonlySet<number>;
  /** The failed Pod of an index that waits for its successor, to hand its count on. */
  delayed: ReadonlyMap<number, Pod>;
}

export function factsOf(job: Job, pods: readonly Pod[]): JobFacts {
  const { status, spec } = job;
  const uncounted = status?.uncountedTerminatedPods ?? {};
  const valid = pods.filter((pod) => isTracked(pod) && hasValidIndex(job, pod));
  const isNew = (counted: readonly string[] = []) => {
    const known = new Set(counted);
    return ({ metadata }: Pod) => !known.has(metadata.uid);
  };
  const newlySucceeded = valid.filter(hasSucceeded).filter(isNew(uncounted.succeeded));
  const newlyFailed = valid.filter((pod) => hasFailed(job, pod)).filter(isNew(uncounted.failed));
  const active = pods.filter(isActive);
  const counting = newlyFailed.filter((pod) => failureVerdict(job, pod).counts).length;
  const base = {
    job,
    pods,
    active,
    terminating: pods.filter(isTerminating),
    ready: active.filter(isReady).length,
    newlySucceeded,
    newlyFailed,
    succeeded: (status?.succeeded ?? 0) + newlySucceeded.length + (uncounted.succeeded?.length ?? 0),
    failed: (status?.failed ?? 0) + counting + (uncounted.failed?.length ?? 0),
  };
  if (!isIndexed(job)) return { ...base, succeededIndexes: new Set(), delayed: new Map() };
  const succeededIndexes = parseIndexes(status?.completedIndexes, spec.completions);
  for (const pod of valid.filter(hasSucceeded)) succeededIndexes.add(indexOf(pod) ?? 0);
  const indexed = { ...base, succeeded: succeededIndexes.size, succeededIndexes };
  if (spec.backoffLimitPerIndex === undefined) return { ...indexed, delayed: new Map() };
  const failedIndexes = failedIndexesOf(job, valid);
  return { ...indexed, failedIndexes, delayed: delayedOf({ ...indexed, failedIndexes }, valid) };
}

/** Pods of an indexed Job count only with an index that it still has. */
export function hasValidIndex(job: Job, pod: Pod): boolean {
  if (!isIndexed(job)) return true;
  const index = indexOf(pod);
  return index !== undefined && index < (job.spec.completions ?? 0);
}

function failedIndexesOf(job: Job, valid: readonly Pod[]): Set<number> {
  const { backoffLimitPerIndex = 0, completions } = job.spec;
  const failed = parseIndexes(job.status?.failedIndexes, completions);
  for (const pod of valid) {
    if (!hasFailed(job, pod)) continue;
    const { action, counts } = failureVerdict(job, pod);
    const isOver = counts && annotated(pod, FAILURE_COUNT) >= backoffLimitPerIndex;
    if (action === 'FailIndex' || isOver) failed.add(indexOf(pod) ?? 0);
  }
  return failed;
}

function delayedOf(
  {
    job,
    active,
    succeededIndexes,
    failedIndexes,
  }: Pick<JobFacts, 'job' | 'active' | 'succeededIndexes'> & {
    failedIndexes: ReadonlySet<number>;
  },
  valid: readonly Pod[],
): Map<number, Pod> {
  const taken = new Set(active.map(indexOf));
  const delayed = new Map<number, Pod>();
  for (const pod of valid) {
    const index = indexOf(pod) ?? 0;
    if (!hasFailed(job, pod) || taken.has(index) || succeededIndexes.has(index) || failedIndexes.has(index)) continue;
    const known = delayed.get(index);
    const isLater = !known || (failuresOf(known) <= failuresOf(pod) && endedAt(pod) >= endedAt(known));
    if (isLater) delayed.set(index, pod);
  }
  return delayed;
}

/** Failures of an index before and without this Pod, those that do not count among them. */
export const failuresOf = (pod: Pod): number => annotated(pod, FAILURE_COUNT) + annotated(pod, IGNORED_FAILURE_COUNT);

function annotated({ metadata }: Pod, annotation: string): number {
  const count = Number(metadata.annotations?.[annotation] ?? 0);
  return Number.isInteger(count) && count >= 0 ? count : 0;
}

/** Annotations of the Pod that takes the place of `replaced` in its index. */
export function failureCounts(job: Job, replaced: Pod | undefined): Record<string, string> {
  if (job.spec.backoffLimitPerIndex === undefined) return {};
  if (!replaced) return { [FAILURE_COUNT]: '0' };
  const { counts } = failureVerdict(job, replaced);
  const counted = annotated(replaced, FAILURE_COUNT) + (counts ? 1 : 0);
  const ignored = annotated(replaced, IGNORED_FAILURE_COUNT) + (counts ? 0 : 1);
  return {
    [FAILURE_COUNT]: String(counted),
    ...(ignored > 0 ? { [IGNORED_FAILURE_COUNT]: String(ignored) } : {}),
  };
}
