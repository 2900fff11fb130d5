import { controllerOf } from '../kube/object';
import { Pods } from '../kube/resources';
import type { Job } from '../kube/types';
import { conditionOf, isTrue } from './conditions';
import { humanDuration } from './duration';
import { epochOf } from './epoch';
import { ageColumn, column, defineKind, nameColumn, namespaceColumn, type ObjectStatus } from './kind';
import { ownedBy, workloadColumns, workloadImages } from './workload';
import { say, type Said } from './words/said';
import { speak } from './speak';

export const jobKind = defineKind<Job>({
  group: 'batch',
  plural: 'jobs',
  columns: [
    nameColumn(),
    namespaceColumn(),
    column({
      id: 'status',
      header: 'Status',
      type: 'status',
      weight: 1.4,
      value: (job) => ({ text: jobStatus(job).word, tone: jobStatus(job).tone, hint: speak(jobSentence(job)) }),
    }),
    column({
      id: 'completions',
      header: 'Completions',
      type: 'ratio',
      value: completions,
      order: ({ status }) => status?.succeeded ?? 0,
    }),
    column({ id: 'duration', header: 'Duration', align: 'end', value: duration, order: durationMs }),
    column({ id: 'owner', header: 'Owner', weight: 1.6, value: (job) => controllerOf(job)?.name ?? null }),
    ageColumn(),
    ...workloadColumns<Job>(),
  ],
  status: jobStatus,
  sentence: jobSentence,
  links: (job) => [ownedBy(job, Pods)],
  images: workloadImages,
});

/** kubectl's Status column of a Job. */
function jobStatus(job: Job): ObjectStatus {
  if (isTrue(conditionOf(job, 'Complete'))) return { word: 'Complete', tone: 'done' };
  if (isTrue(conditionOf(job, 'Failed'))) return { word: 'Failed', tone: 'bad' };
  if (job.metadata.deletionTimestamp) return { word: 'Terminating', tone: 'busy' };
  if (isTrue(conditionOf(job, 'Suspended'))) return { word: 'Suspended', tone: 'none' };
  if (isTrue(conditionOf(job, 'FailureTarget'))) return { word: 'FailureTarget', tone: 'bad' };
  if (isTrue(conditionOf(job, 'SuccessCriteriaMet'))) return { word: 'SuccessCriteriaMet', tone: 'busy' };
  return { word: 'Running', tone: (job.status?.failed ?? 0) > 0 ? 'warn' : 'ok' };
}

function jobSentence(job: Job): Said {
  const { succeeded = 0, active = 0, failed = 0 } = job.status ?? {};
  switch (jobStatus(job).word) {
    case 'Complete':
      return say('job.complete', { completions: completions(job), failed });
    case 'Failed':
      return say('job.failed', { message: conditionOf(job, 'Failed')?.message ?? '' });
    case 'Terminating':
      return say('deleting');
    case 'Suspended':
      return say('job.suspended');
    default:
      return say('job.running', { active, succeeded, failed });
  }
}

function completions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec?.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationMs({ status }: Job): number | null {
  const [started, ended] = [epochOf(status?.startTime), epochOf(status?.completionTime)];
  return started === null || ended === null ? null : ended - started;
}

function duration(job: Job): string | null {
  const elapsedMs = durationMs(job);
  return elapsedMs === null ? null : humanDuration(elapsedMs);
}
