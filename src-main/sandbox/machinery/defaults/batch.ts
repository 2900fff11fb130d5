/** batch/v1. */
import type { CronJob, Job, PodFailurePolicyOnPodConditionsPattern } from '#common/kube/types';
import { rule, type PackageDefaults } from './rule';

const MAX_INT32 = 2 ** 31 - 1;

export const batchDefaults: PackageDefaults = {
  prefix: 'io.k8s.api.batch.v1.',
  rules: {
    CronJob: rule<CronJob>(({ spec }) => {
      spec.concurrencyPolicy ||= 'Allow';
      spec.suspend ??= false;
      spec.successfulJobsHistoryLimit ??= 3;
      spec.failedJobsHistoryLimit ??= 1;
    }),
    Job: rule<Job>(defaultJob),
    PodFailurePolicyOnPodConditionsPattern: rule<PodFailurePolicyOnPodConditionsPattern>((pattern) => {
      pattern.status ||= 'True';
    }),
  },
};

/** Without parallelism and completions, a Job runs one Pod once. */
function defaultJob({ metadata, spec }: Job): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : MAX_INT32;
  takeLabels(metadata, spec.template.metadata?.labels);
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  spec.manualSelector ??= false;
}

/** An object without labels has those of its template. */
function takeLabels(metadata: Job['metadata'], labels: Record<string, string> | undefined): void {
  if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
}
