import type { CronJob, Job } from '#common/kube/types';
import { conditionOf } from './job-facts';

/** Finished Jobs beyond the history limits, oldest first. */
export function planHistory({ spec }: CronJob, jobs: readonly Job[]): Job[] {
  const limits = [
    { type: 'Complete', limit: spec.successfulJobsHistoryLimit },
    { type: 'Failed', limit: spec.failedJobsHistoryLimit },
  ];
  return limits.flatMap(({ type, limit = Infinity }) => {
    const ended = jobs.filter((job) => conditionOf(job, type));
    return ended.sort(byStart).slice(0, Math.max(0, ended.length - limit));
  });
}

/** Those that never started come last; those of one second by name. */
function byStart(left: Job, right: Job): number {
  const [from, to] = [left, right].map(({ status }) => (status?.startTime ? Date.parse(status.startTime) : Infinity));
  if (from === to) return left.metadata.name < right.metadata.name ? -1 : 1;
  return (from ?? 0) < (to ?? 0) ? -1 : 1;
}
