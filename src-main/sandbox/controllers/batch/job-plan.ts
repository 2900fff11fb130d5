/** What a Job does next, from its Pods and what it has counted so far. */
import type { Job, JobCondition, Pod } from '#common/kube/types';
import { isActive, isReady, isTerminating } from '../apps/pod-facts';
import { parseIndexes } from './job-indexes';

export const TRACKING = 'batch.kubernetes.io/job-tracking';
export const INDEX = 'batch.kubernetes.io/job-completion-index';

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === 'Indexed';

export function conditionOf({ status }: Job, type: string): JobCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');
}

export const isFinished = (job: Job): boolean => !!conditionOf(job, 'Complete') || !!conditionOf(job, 'Failed');

export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.labels?.[INDEX] ?? metadata.annotations?.[INDEX];
  return text === undefined ? undefined : Number(text);
}

/** A Job's Pods by what they mean to it. */
export interface JobPods {
  active: Pod[];
  /** Ended, and not counted yet. */
  succeeded: Pod[];
  failed: Pod[];
  ready: number;
  terminating: number;
}

export function sortPods(pods: readonly Pod[]): JobPods {
  const sorted: JobPods = { active: [], succeeded: [], failed: [], ready: 0, terminating: 0 };
  for (const pod of pods) {
    if (isActive(pod)) {
      sorted.active.push(pod);
      if (isReady(pod)) sorted.ready++;
    } else if (isTerminating(pod)) sorted.terminating++;
    else if (!pod.metadata.finalizers?.includes(TRACKING)) continue;
    else if (pod.status?.phase === 'Succeeded') sorted.succeeded.push(pod);
    else sorted.failed.push(pod);
  }
  return sorted;
}

/** What has been counted, the Pods that just ended included. */
export interface JobCounts {
  succeeded: number;
  failed: number;
  /** Of an indexed Job. */
  completed: ReadonlySet<number>;
}

export function countsOf(job: Job, { succeeded, failed }: JobPods): JobCounts {
  const { status } = job;
  const completed = parseIndexes(status?.completedIndexes);
  for (const pod of succeeded) {
    const index = indexOf(pod);
    if (index !== undefined) completed.add(index);
  }
  return {
    succeeded: isIndexed(job) ? completed.size : (status?.succeeded ?? 0) + succeeded.length,
    failed: (status?.failed ?? 0) + failed.length,
    completed,
  };
}

export interface JobEnd {
  type: 'Complete' | 'Failed';
  reason: string;
  message: string;
}

/** How the Job has ended, or undefined while it goes on. */
export function planEnd(job: Job, counts: JobCounts, pods: JobPods, nowMs: number): JobEnd | undefined {
  const { backoffLimit = 6, activeDeadlineSeconds, completions } = job.spec;
  if (counts.failed > backoffLimit || restartsOf(job, pods) > backoffLimit) {
    return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  }
  const startedMs = Date.parse(job.status?.startTime ?? '');
  if (activeDeadlineSeconds !== undefined && nowMs - startedMs >= activeDeadlineSeconds * 1000) {
    return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  }
  const isComplete =
    completions === undefined ? counts.succeeded > 0 && pods.active.length === 0 : counts.succeeded >= completions;
  return isComplete
    ? { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
    : undefined;
}

/** Pods that restart their containers by themselves use up the limit too. */
function restartsOf({ spec }: Job, { active }: JobPods): number {
  if (spec.template.spec?.restartPolicy !== 'OnFailure') return 0;
  return active
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
}

export interface JobStep {
  /** One entry per Pod to make: its index, or none. */
  create: (number | undefined)[];
  remove: Pod[];
  /** Pods are held back for this long after a failure. */
  waitMs?: number;
}

const FIRST_BACKOFF_MS = 10_000;
const MAX_BACKOFF_MS = 600_000;

/** Pods to make and to end while the Job goes on. */
export function planPods(job: Job, counts: JobCounts, pods: JobPods, nowMs: number): JobStep {
  if (job.spec.suspend) return { create: [], remove: pods.active };
  const { parallelism = 1, completions } = job.spec;
  const active = pods.active.length;
  const left = completions === undefined ? openEnded(counts, active, parallelism) : completions - counts.succeeded;
  const wanted = Math.max(0, Math.min(parallelism, left));
  if (active > wanted) return { create: [], remove: pods.active.slice(wanted) };
  const replacesOnlyFailed = job.spec.podReplacementPolicy === 'Failed';
  const missing = wanted - active - (replacesOnlyFailed ? pods.terminating : 0);
  if (missing <= 0) return { create: [], remove: [] };
  const waitMs = backoffLeft(counts, pods, nowMs);
  if (waitMs > 0) return { create: [], remove: [], waitMs };
  const create = isIndexed(job)
    ? freeIndexes(completions ?? 0, counts, pods).slice(0, missing)
    : Array<undefined>(missing).fill(undefined);
  return { create, remove: [] };
}

/** Without a number of completions, no new Pod starts once one has succeeded. */
function openEnded({ succeeded }: JobCounts, active: number, parallelism: number): number {
  return succeeded > 0 ? active : parallelism;
}

function freeIndexes(completions: number, { completed }: JobCounts, { active }: JobPods): number[] {
  const taken = new Set(active.map(indexOf));
  const all = Array.from({ length: completions }, (_, index) => index);
  return all.filter((index) => !completed.has(index) && !taken.has(index));
}

/** Doubles with each failure, from the moment of the last one. */
function backoffLeft({ failed }: JobCounts, pods: JobPods, nowMs: number): number {
  if (failed === 0) return 0;
  const last = Math.max(0, ...pods.failed.map(endedAt));
  const delayMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failed - 1));
  return last === 0 ? 0 : last + delayMs - nowMs;
}

export function endedAt({ metadata, status }: Pod): number {
  const ends = (status?.containerStatuses ?? []).map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? ''));
  const known = ends.filter((end) => !Number.isNaN(end));
  return known.length > 0 ? Math.max(...known) : Date.parse(metadata.deletionTimestamp ?? metadata.creationTimestamp);
}
