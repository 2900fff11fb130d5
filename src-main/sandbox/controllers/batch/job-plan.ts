/** What a Job does next: whether it has ended, and which Pods it makes and ends. Pure. */
import type { Job, Pod } from '#common/kube/types';
import { inActiveOrder } from '../apps/deletion-order';
import { backoffLeft, endedAt, type Backoff } from './job-backoff';
import {
  conditionOf,
  failuresOf,
  hasFailed,
  isIndexed,
  isSuspended,
  replacesOnlyFailed,
  type JobFacts,
} from './job-facts';
import { indexOf } from './job-indexes';
import { failureVerdict, successOf } from './job-policies';

export interface JobEnd {
  type: 'Complete' | 'Failed';
  reason: string;
  message: string;
}

const failed = (reason: string, message: string): JobEnd => ({ type: 'Failed', reason, message });

/** The condition that says where a Job is heading before its last Pods are gone. */
export const targetOf = ({ type }: JobEnd): string => (type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget');

/** How the Job ends whatever its Pods still do, or undefined while it goes on. What was decided before stays. */
export function planEnd(facts: JobFacts, nowMs: number): JobEnd | undefined {
  const { job } = facts;
  return (
    decided(job) ?? policyFailure(facts) ?? limitFailure(facts, nowMs) ?? indexFailure(facts) ?? policySuccess(facts)
  );
}

function decided(job: Job): JobEnd | undefined {
  for (const type of ['Complete', 'Failed'] as const) {
    const target = conditionOf(job, targetOf({ type, reason: '', message: '' }));
    if (target) return { type, reason: target.reason ?? '', message: target.message ?? '' };
  }
  return undefined;
}

function policyFailure({ job, pods }: JobFacts): JobEnd | undefined {
  if (!job.spec.podFailurePolicy) return undefined;
  for (const pod of pods) {
    const message = hasFailed(job, pod) ? failureVerdict(job, pod).failsJob : undefined;
    if (message !== undefined) return failed('PodFailurePolicy', message);
  }
  return undefined;
}

function limitFailure({ job, pods, failed: count }: JobFacts, nowMs: number): JobEnd | undefined {
  const { backoffLimit = 6 } = job.spec;
  if (count > backoffLimit || isRestartedTooOften(job, pods))
    return failed('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  const leftMs = untilDeadline(job, nowMs);
  if (leftMs !== undefined && leftMs <= 0)
    return failed('DeadlineExceeded', 'Job was active longer than specified deadline');
  return undefined;
}

/** Pods that restart their containers by themselves use up the limit too. */
function isRestartedTooOften({ spec }: Job, pods: readonly Pod[]): boolean {
  if (spec.template.spec?.restartPolicy !== 'OnFailure') return false;
  const restarts = pods
    .filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
  return restarts > 0 && restarts >= (spec.backoffLimit ?? 6);
}

/** Milliseconds until the Job has been active for too long; undefined when it may be for ever, or is suspended. */
export function untilDeadline(job: Job, nowMs: number): number | undefined {
  const { activeDeadlineSeconds } = job.spec;
  if (activeDeadlineSeconds === undefined || !job.status?.startTime || isSuspended(job)) return undefined;
  return Date.parse(job.status.startTime) + activeDeadlineSeconds * 1000 - nowMs;
}

function indexFailure({ job, failedIndexes, succeededIndexes }: JobFacts): JobEnd | undefined {
  if (!failedIndexes) return undefined;
  const { maxFailedIndexes, completions = 0 } = job.spec;
  if (maxFailedIndexes !== undefined && failedIndexes.size > maxFailedIndexes)
    return failed('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
  if (failedIndexes.size > 0 && failedIndexes.size + succeededIndexes.size >= completions)
    return failed('FailedIndexes', 'Job has failed indexes');
  return undefined;
}

function policySuccess({ job, succeededIndexes }: JobFacts): JobEnd | undefined {
  const message = successOf(job, succeededIndexes);
  return message === undefined ? undefined : { type: 'Complete', reason: 'SuccessPolicy', message };
}

/** The Job has what it wanted, and nothing runs any more. */
export function planCompletion({ job, succeeded }: JobFacts, active: number): JobEnd | undefined {
  const { completions } = job.spec;
  const isEnough = completions === undefined ? succeeded > 0 : succeeded >= completions;
  if (!isEnough || active > 0) return undefined;
  return { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };
}

export interface JobStep {
  /** One entry per Pod to make: its index, or none. */
  create: (number | undefined)[];
  remove: Pod[];
  /** Pods are held back for this long after a failure. */
  waitMs?: number;
}

/** At most this many Pods are made or ended in one go (the job controller's MaxPodCreateDeletePerSync). */
const MAX_AT_ONCE = 500;
const NOTHING: JobStep = { create: [], remove: [] };

/** Pods to make or to end while the Job goes on; never both at once. */
export function planPods(facts: JobFacts, backoff: Backoff, nowMs: number): JobStep {
  const { job, active } = facts;
  if (isSuspended(job)) return { ...NOTHING, remove: [...active] };
  const wanted = wantedActive(facts);
  const remove = planSurplus(job, active, active.length - wanted);
  if (remove.length > 0) return { ...NOTHING, remove: remove.slice(0, MAX_AT_ONCE) };
  const ending = replacesOnlyFailed(job) ? facts.terminating.length : 0;
  const missing = Math.min(wanted - ending - active.length, MAX_AT_ONCE);
  if (missing <= 0) return NOTHING;
  if (facts.failedIndexes) return planPerIndex(facts, missing, nowMs);
  const waitMs = backoffLeft(backoff, nowMs);
  if (waitMs > 0) return { ...NOTHING, waitMs };
  const create = isIndexed(job) ? freeIndexes(facts, missing) : Array.from({ length: missing }, () => undefined);
  return { ...NOTHING, create };
}

function wantedActive({ job, active, succeeded }: JobFacts): number {
  const { parallelism = 1, completions } = job.spec;
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(parallelism, completions - succeeded));
}

/** Indexes that nobody works on and that are not settled, the lowest first. */
function freeIndexes({ job, active, terminating, succeededIndexes, failedIndexes }: JobFacts, count: number): number[] {
  const taken = new Set(active.map(indexOf));
  if (replacesOnlyFailed(job)) for (const pod of terminating) taken.add(indexOf(pod));
  const free: number[] = [];
  for (let index = 0; index < (job.spec.completions ?? 0) && free.length < count; index++)
    if (!taken.has(index) && !succeededIndexes.has(index) && !failedIndexes?.has(index)) free.push(index);
  return free;
}

/** Each index waits for itself; those that need not wait are made. */
function planPerIndex(facts: JobFacts, missing: number, nowMs: number): JobStep {
  const waits = freeIndexes(facts, missing).map((index) => {
    const last = facts.delayed.get(index);
    const backoff = last ? { failures: failuresOf(last) + 1, lastFailureMs: endedAt(last) } : undefined;
    return { index, waitMs: backoff ? backoffLeft(backoff, nowMs) : 0 };
  });
  const create = waits.filter(({ waitMs }) => waitMs === 0).map(({ index }) => index);
  if (create.length > 0 || waits.length === 0) return { ...NOTHING, create };
  return { ...NOTHING, waitMs: Math.min(...waits.map(({ waitMs }) => waitMs)) };
}

/** Second Pods of an index and those of none always go; then as many as are too many, the least useful first. */
function planSurplus(job: Job, active: readonly Pod[], tooMany: number): Pod[] {
  const { remove, left } = isIndexed(job) ? splitByIndex(job, active) : { remove: [], left: active };
  if (remove.length >= tooMany) return remove;
  return [...remove, ...inActiveOrder(left).slice(0, tooMany - remove.length)];
}

function splitByIndex({ spec }: Job, active: readonly Pod[]): { remove: Pod[]; left: Pod[] } {
  const groups = new Map<number, Pod[]>();
  const remove: Pod[] = [];
  for (const pod of active) {
    const index = indexOf(pod);
    if (index === undefined || index >= (spec.completions ?? 0)) remove.push(pod);
    else groups.set(index, [...(groups.get(index) ?? []), pod]);
  }
  const left: Pod[] = [];
  for (const group of groups.values()) {
    const ordered = inActiveOrder(group);
    remove.push(...ordered.slice(0, -1));
    left.push(...ordered.slice(-1));
  }
  return { remove, left };
}
