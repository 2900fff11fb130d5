/** Which runs of a CronJob are started, and what is told of those that are not. */
import type { Flow, FlowStep, Manifest } from '../flow';
import { noted, template } from './manifests';

const TICK = 'cronjobs/tick';
const LONG_AGO = '2020-01-01T00:00:00Z';

const jobSpec = (outcome: string) => {
  const { metadata, spec } = template('tick', { life: { outcome } });
  return { backoffLimit: 0, template: { metadata, spec: { restartPolicy: 'Never', ...spec } } };
};

function cronJob(spec: Record<string, unknown> = {}, outcome = 'running'): Manifest {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick' },
    spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: jobSpec(outcome) }, ...spec },
  };
}

/** Suspended while it is given a past: its last run was long ago. */
const lastRunLongAgo = (spec: Record<string, unknown>): FlowStep[] => [
  { create: cronJob({ suspend: true, ...spec }) },
  { quiet: true },
  { patch: TICK, with: { status: { lastScheduleTime: LONG_AGO } }, subresource: 'status' },
  { quiet: true },
];
const resume: FlowStep = { patch: TICK, with: { spec: { suspend: false } } };
const started: FlowStep = { until: TICK, has: { 'status.active[0].kind': 'Job' } };

/** As if the CronJob had made it. */
const stray: Manifest = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: {
    name: 'stray',
    ownerReferences: [
      {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        name: 'tick',
        uid: '{uid:cronjobs/{ns}/tick}',
        controller: true,
      },
    ],
  },
  spec: jobSpec('running'),
};

const noJobs: Manifest = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'none' },
  spec: { hard: { 'count/jobs.batch': '0' } },
};

const flow = (name: string, ...steps: FlowStep[]): Flow => ({ name: `cronjobs/${name}`, steps });

export const cronJobRunFlows: readonly Flow[] = [
  flow('missed-many', ...lastRunLongAgo({ schedule: '0 * * * *' }), resume, started, ...noted('the latest')),
  flow('missed-few', ...lastRunLongAgo({ schedule: '0 0 1 1 *' }), resume, started, ...noted('the latest')),
  flow(
    'missed-deadline',
    ...lastRunLongAgo({ schedule: '0 0 1 7 *', startingDeadlineSeconds: 30 }),
    resume,
    ...noted('nothing'),
  ),
  flow(
    'missed-many-forbidden',
    ...lastRunLongAgo({ schedule: '0 * * * *', concurrencyPolicy: 'Forbid' }),
    { create: stray },
    { quiet: true },
    {
      patch: TICK,
      with: {
        status: {
          active: [
            { apiVersion: 'batch/v1', kind: 'Job', name: 'stray', namespace: '{ns}', uid: '{uid:jobs/{ns}/stray}' },
          ],
        },
      },
      subresource: 'status',
    },
    { quiet: true },
    resume,
    ...noted('the other still runs'),
  ),
  flow(
    'replace-missing',
    ...lastRunLongAgo({ schedule: '0 * * * *', concurrencyPolicy: 'Replace' }),
    {
      patch: TICK,
      with: {
        status: {
          active: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'ghost', namespace: '{ns}', uid: 'ghost' }],
        },
      },
      subresource: 'status',
    },
    ...noted('gone from the list'),
  ),
  flow('never', { create: cronJob({ schedule: '59 23 31 2 *' }) }, ...noted('no time')),
  flow('every', { create: cronJob({ schedule: '@every 1m' }) }, started, ...noted('one')),
  flow(
    'schedule-changed',
    ...lastRunLongAgo({ schedule: '0 0 1 3 *', suspend: false, startingDeadlineSeconds: 10 }),
    { patch: TICK, with: { spec: { schedule: '0 0 1 7 *', startingDeadlineSeconds: null } } },
    ...noted('waits for July'),
    { patch: TICK, with: { metadata: { labels: { looked: 'at' } } } },
    started,
    ...noted('looked at'),
  ),
  flow(
    'stray-job',
    { create: cronJob({ suspend: true }) },
    { quiet: true },
    { create: stray },
    { pods: 'app=tick', are: { 'status.phase': 'Running' }, count: 1 },
    ...noted('not its own'),
  ),
  flow(
    'orphans-of-another',
    ...lastRunLongAgo({ schedule: '0 * * * *' }),
    resume,
    started,
    { patch: TICK, with: { spec: { suspend: true } } },
    { quiet: true },
    { remove: TICK, policy: 'Orphan' },
    { gone: TICK },
    { create: cronJob({ suspend: true }) },
    ...noted('made again'),
  ),
  flow(
    'refused',
    { create: noJobs },
    { pass: 2 },
    ...lastRunLongAgo({ schedule: '0 * * * *' }),
    resume,
    { pass: 4 },
    { patch: TICK, with: { spec: { suspend: true } } },
    ...noted('refused'),
  ),
];
