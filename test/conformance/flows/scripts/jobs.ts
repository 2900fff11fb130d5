import type { Flow, FlowStep, Manifest } from '../flow';
import { container, noted, template, type PodOptions } from './manifests';

export const SUM = 'jobs/sum';
const INDEX = "metadata.labels['batch.kubernetes.io/job-completion-index']";

export function job(spec: { pod?: PodOptions } & Record<string, unknown> = {}): Manifest {
  const { pod, ...rest } = spec;
  const { metadata, spec: podSpec } = template('sum', pod);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'sum' },
    spec: { template: { metadata, spec: { restartPolicy: 'Never', ...podSpec } }, ...rest },
  };
}

export const succeeding: PodOptions = { life: { outcome: 'succeeded' } };
export const failing: PodOptions = { life: { outcome: 'failed' } };
const failingWith = (code: string): PodOptions => ({ life: { outcome: 'failed', 'exit-code': code } });
/** Of an indexed Job: one index fails, the others succeed. */
export const failingAt = (index: string): PodOptions => ({ life: { outcome: 'failed', 'fails-at': index } });

export const complete: FlowStep = { until: SUM, has: { 'status.conditions[Complete].status': 'True' } };
export const failed: FlowStep = { until: SUM, has: { 'status.conditions[Failed].status': 'True' } };
export const active = (count: number): FlowStep => ({
  until: SUM,
  has: { 'status.active': count, 'status.ready': count },
});

/** One Pod ends as a container that has ended says. */
export const ends = (
  phase: 'Succeeded' | 'Failed',
  exitCode = phase === 'Failed' ? 1 : 0,
  index?: number,
): FlowStep => ({
  pod: 'app=sum',
  are: {
    'status.phase': 'Running',
    ...(index === undefined ? {} : { [INDEX]: String(index) }),
  },
  status: {
    phase,
    conditions: [
      { type: 'Ready', status: 'False' },
      { type: 'ContainersReady', status: 'False' },
    ],
    containerStatuses: [
      {
        name: container.name,
        image: container.image,
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { terminated: { exitCode, reason: phase === 'Failed' ? 'Error' : 'Completed' } },
      },
    ],
  },
});

export const flow = (name: string, ...steps: readonly (FlowStep | FlowStep[])[]): Flow => ({
  name: `jobs/${name}`,
  steps: steps.flat(),
});

export const indexed = (completions: number, parallelism = completions) => ({
  completionMode: 'Indexed',
  completions,
  parallelism,
});

export const rules = (...list: object[]) => ({ podFailurePolicy: { rules: list } });
export const onExit = (action: string, operator: string, ...values: number[]) => ({
  action,
  onExitCodes: { operator, values },
});

const counting: Flow[] = [
  flow('one', { create: job({ pod: succeeding }) }, complete, noted('complete')),
  flow('several', { create: job({ completions: 5, parallelism: 2, pod: succeeding }) }, complete, noted('complete')),
  flow(
    'work-queue',
    { create: job({ parallelism: 3 }) },
    active(3),
    noted('three work'),
    ends('Succeeded'),
    { until: SUM, has: { 'status.succeeded': 1, 'status.active': 2 } },
    noted('one found the queue empty'),
    ends('Succeeded'),
    ends('Succeeded'),
    complete,
    noted('complete'),
  ),
  flow('no-parallelism', { create: job({ parallelism: 0 }) }, noted('nothing')),
  flow(
    'parallelism-changed',
    { create: job({ completions: 6, parallelism: 1 }) },
    active(1),
    { patch: SUM, with: { spec: { parallelism: 4 } } },
    active(4),
    noted('more'),
    { patch: SUM, with: { spec: { parallelism: 2 } } },
    active(2),
    { pods: 'app=sum', count: 2 },
    noted('fewer'),
  ),
  flow(
    'pod-removed',
    { create: job({ completions: 2, parallelism: 2 }) },
    active(2),
    { removePod: 'app=sum' },
    { until: SUM, has: { 'status.failed': 1, 'status.active': 2, 'status.ready': 2 } },
    noted('counted as failed and replaced'),
  ),
  flow(
    'pod-removed-replaced-when-failed',
    { create: job({ completions: 2, parallelism: 2, podReplacementPolicy: 'Failed' }) },
    active(2),
    { removePod: 'app=sum' },
    { until: SUM, has: { 'status.failed': 1, 'status.active': 2, 'status.ready': 2 } },
    noted('replaced'),
  ),
  flow(
    'refused',
    { create: job({ pod: { spec: { serviceAccountName: 'nobody' }, ...succeeding } }) },
    { pass: 2 },
    { create: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'nobody' } } },
    complete,
    noted('complete after all'),
  ),
];

const failures: Flow[] = [
  flow('backoff-limit-0', { create: job({ backoffLimit: 0, pod: failing }) }, failed, noted('failed')),
  flow('backoff-limit-1', { create: job({ backoffLimit: 1, pod: failing }) }, failed, noted('failed')),
  flow(
    'backoff-limit-with-others-running',
    { create: job({ backoffLimit: 0, completions: 3, parallelism: 3 }) },
    active(3),
    ends('Failed'),
    failed,
    noted('failed'),
  ),
  flow(
    'failure-then-success',
    { create: job({ backoffLimit: 3, completions: 2, parallelism: 1 }) },
    active(1),
    ends('Failed'),
    noted('waits'),
    active(1),
    noted('tries again'),
    ends('Succeeded'),
    { until: SUM, has: { 'status.succeeded': 1, 'status.active': 1 } },
    noted('and goes on'),
    ends('Succeeded'),
    complete,
    noted('complete'),
  ),
  flow(
    'restarts-count',
    { create: job({ backoffLimit: 1, pod: { spec: { restartPolicy: 'OnFailure' } } }) },
    active(1),
    {
      pod: 'app=sum',
      are: { 'status.phase': 'Running' },
      status: {
        containerStatuses: [{ name: 'main', image: container.image, imageID: '', ready: true, restartCount: 1 }],
      },
    },
    failed,
    noted('failed'),
  ),
  flow('deadline', { create: job({ activeDeadlineSeconds: 3 }) }, active(1), failed, noted('failed')),
  flow(
    'deadline-while-suspended',
    { create: job({ activeDeadlineSeconds: 5 }) },
    active(1),
    { patch: SUM, with: { spec: { suspend: true } } },
    { until: SUM, has: { 'status.conditions[Suspended].status': 'True' } },
    { pass: 6 },
    noted('suspended'),
    { patch: SUM, with: { spec: { suspend: false } } },
    active(1),
    failed,
    noted('failed'),
  ),
];

const policies: Flow[] = [
  flow(
    'policy-fail-job',
    { create: job({ backoffLimit: 5, completions: 2, parallelism: 2, ...rules(onExit('FailJob', 'In', 42)) }) },
    active(2),
    ends('Failed', 42),
    failed,
    noted('failed'),
  ),
  flow(
    'policy-ignore',
    {
      create: job({
        backoffLimit: 0,
        ...rules({ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }),
      }),
    },
    active(1),
    {
      pod: 'app=sum',
      are: { 'status.phase': 'Running' },
      status: {
        phase: 'Failed',
        conditions: [
          { type: 'Ready', status: 'False' },
          {
            type: 'DisruptionTarget',
            status: 'True',
            reason: 'EvictionByEvictionAPI',
            message: 'Eviction API: evicting',
          },
        ],
      },
    },
    { pods: 'app=sum', count: 2 },
    active(1),
    noted('not counted'),
    ends('Succeeded'),
    complete,
    noted('complete'),
  ),
  flow(
    'policy-count',
    {
      create: job({
        backoffLimit: 0,
        ...rules(onExit('Count', 'In', 3), onExit('FailJob', 'NotIn', 3)),
        pod: failingWith('3'),
      }),
    },
    failed,
    noted('counted'),
  ),
  flow(
    'policy-not-in',
    { create: job({ backoffLimit: 6, ...rules(onExit('FailJob', 'NotIn', 3, 4)), pod: failingWith('5') }) },
    failed,
    noted('failed'),
  ),
  flow(
    'policy-condition-fails-job',
    {
      create: job({
        ...rules({ action: 'FailJob', onPodConditions: [{ type: 'ConfigIssue', status: 'True' }] }),
      }),
    },
    active(1),
    {
      pod: 'app=sum',
      are: { 'status.phase': 'Running' },
      status: { phase: 'Failed', conditions: [{ type: 'ConfigIssue', status: 'True' }] },
    },
    failed,
    noted('failed'),
  ),
  flow(
    'policy-fail-index',
    {
      create: job({
        ...indexed(3),
        backoffLimitPerIndex: 3,
        ...rules(onExit('FailIndex', 'In', 42)),
      }),
    },
    active(3),
    ends('Failed', 42, 1),
    { until: SUM, has: { 'status.failedIndexes': '1' } },
    noted('one index failed'),
    ends('Succeeded', 0, 0),
    ends('Succeeded', 0, 2),
    failed,
    noted('failed'),
  ),
];

const indexes: Flow[] = [
  flow('indexed', { create: job({ ...indexed(3, 2), pod: succeeding }) }, complete, noted('complete')),
  flow(
    'indexed-one-at-a-time',
    { create: job({ ...indexed(3) }) },
    active(3),
    noted('three'),
    ends('Succeeded', 0, 1),
    { until: SUM, has: { 'status.completedIndexes': '1' } },
    noted('one done'),
    ends('Failed', 1, 0),
    { until: SUM, has: { 'status.failed': 1, 'status.active': 2, 'status.ready': 2 } },
    noted('one again'),
  ),
  flow(
    'per-index-backoff',
    { create: job({ ...indexed(3), backoffLimitPerIndex: 1, pod: failingAt('1') }) },
    failed,
    noted('index 1 failed twice'),
  ),
  flow(
    'max-failed-indexes',
    { create: job({ ...indexed(4), backoffLimitPerIndex: 0, maxFailedIndexes: 1 }) },
    active(4),
    ends('Failed', 1, 0),
    { until: SUM, has: { 'status.failedIndexes': '0' } },
    noted('one may'),
    ends('Failed', 1, 2),
    failed,
    noted('two may not'),
  ),
  flow(
    'success-policy-indexes',
    { create: job({ ...indexed(4), successPolicy: { rules: [{ succeededIndexes: '0,2' }] } }) },
    active(4),
    ends('Succeeded', 0, 0),
    { until: SUM, has: { 'status.completedIndexes': '0' } },
    noted('not yet'),
    ends('Succeeded', 0, 2),
    complete,
    noted('complete'),
  ),
  flow(
    'success-policy-count',
    {
      create: job({
        ...indexed(4),
        successPolicy: { rules: [{ succeededIndexes: '0', succeededCount: 1 }, { succeededCount: 2 }] },
      }),
    },
    active(4),
    ends('Succeeded', 0, 1),
    { until: SUM, has: { 'status.completedIndexes': '1' } },
    ends('Succeeded', 0, 3),
    complete,
    noted('complete'),
  ),
  flow(
    'elastic',
    { create: job({ ...indexed(2) }) },
    active(2),
    { patch: SUM, with: { spec: { completions: 4, parallelism: 4 } } },
    active(4),
    noted('grown'),
    ends('Succeeded', 0, 3),
    { until: SUM, has: { 'status.completedIndexes': '3' } },
    { patch: SUM, with: { spec: { completions: 1, parallelism: 1 } } },
    { pods: 'app=sum', are: { 'status.phase': 'Running' }, count: 1 },
    noted('shrunk'),
    ends('Succeeded', 0, 0),
    complete,
    noted('complete'),
  ),
];

const life: Flow[] = [
  flow(
    'suspended-and-resumed',
    { create: job({ suspend: true, completions: 2, parallelism: 2 }) },
    { until: SUM, has: { 'status.conditions[Suspended].status': 'True' } },
    noted('suspended'),
    { patch: SUM, with: { spec: { suspend: false } } },
    active(2),
    noted('resumed'),
    { patch: SUM, with: { spec: { suspend: true } } },
    { until: SUM, has: { 'status.active': undefined } },
    { pods: 'app=sum', count: 0 },
    noted('suspended again'),
    { patch: SUM, with: { spec: { suspend: false } } },
    active(2),
    noted('resumed again'),
  ),
  flow(
    'ttl',
    { create: job({ ttlSecondsAfterFinished: 6, pod: succeeding }) },
    complete,
    noted('complete'),
    { gone: SUM },
    noted('gone'),
  ),
  flow('ttl-0', { create: job({ ttlSecondsAfterFinished: 0, pod: succeeding }) }, { gone: SUM }, noted('gone')),
  flow(
    'ttl-set-later',
    { create: job({ pod: succeeding }) },
    complete,
    { patch: SUM, with: { spec: { ttlSecondsAfterFinished: 1 } } },
    { gone: SUM },
    noted('gone'),
  ),
  flow(
    'managed-elsewhere',
    { create: job({ managedBy: 'example.com/own' }) },
    noted('left alone'),
    { patch: SUM, with: { spec: { suspend: true } } },
    noted('still'),
  ),
  flow(
    'deleted-orphan',
    { create: job({ completions: 2, parallelism: 2 }) },
    active(2),
    { remove: SUM, policy: 'Orphan' },
    { gone: SUM },
    noted('orphans'),
  ),
  flow(
    'deleted-background',
    { create: job({ completions: 2, parallelism: 2 }) },
    active(2),
    { remove: SUM, policy: 'Background' },
    { pods: 'app=sum', count: 0 },
    noted('gone'),
  ),
  flow(
    'deleted-foreground',
    { create: job({ completions: 2, parallelism: 2 }) },
    active(2),
    { remove: SUM, policy: 'Foreground' },
    { gone: SUM },
    noted('gone'),
  ),
];

export const jobFlows: readonly Flow[] = [...counting, ...failures, ...policies, ...indexes, ...life];
