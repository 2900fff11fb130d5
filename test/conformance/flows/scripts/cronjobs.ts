import type { Flow, FlowStep, Manifest } from '../flow';
import { noted, template } from './manifests';

const TICK = 'cronjobs/tick';

/** Runs each minute; its Pods live as `outcome` says. */
function cronJob(outcome: string, spec: Record<string, unknown> = {}): Manifest {
  const { metadata, spec: podSpec } = template('tick', { life: { outcome } });
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick' },
    spec: {
      schedule: '* * * * *',
      jobTemplate: {
        metadata: { labels: { from: 'tick' }, annotations: { note: 'kept' } },
        spec: { backoffLimit: 0, template: { metadata, spec: { restartPolicy: 'Never', ...podSpec } } },
      },
      ...spec,
    },
  };
}

/** Just after a full minute, so that the next run is as far away as can be. */
const started: FlowStep = { until: TICK, has: { 'status.active[0].kind': 'Job' } };

export const cronJobFlows: readonly Flow[] = [
  {
    name: 'cronjobs/allow',
    steps: [
      { create: cronJob('running', { timeZone: 'Asia/Kolkata' }) },
      started,
      ...noted('one'),
      { until: TICK, has: { 'status.active[1].kind': 'Job' } },
      ...noted('two side by side'),
    ],
  },
  {
    name: 'cronjobs/forbid',
    steps: [
      { create: cronJob('running', { concurrencyPolicy: 'Forbid' }) },
      started,
      { pass: 65 },
      ...noted('one only'),
    ],
  },
  {
    name: 'cronjobs/replace',
    steps: [
      { create: cronJob('running', { concurrencyPolicy: 'Replace' }) },
      started,
      { pass: 65 },
      ...noted('the second'),
    ],
  },
  {
    name: 'cronjobs/history',
    steps: [
      { create: cronJob('succeeded', { successfulJobsHistoryLimit: 1 }) },
      started,
      { pass: 65 },
      ...noted('the last that succeeded'),
    ],
  },
  {
    name: 'cronjobs/failed-history',
    steps: [{ create: cronJob('failed', { failedJobsHistoryLimit: 0 }) }, started, { pass: 8 }, ...noted('none kept')],
  },
  {
    name: 'cronjobs/suspended',
    steps: [
      { create: cronJob('running', { suspend: true }) },
      { pass: 62 },
      ...noted('nothing'),
      { patch: TICK, with: { spec: { suspend: false } } },
      started,
      ...noted('the missed one'),
    ],
  },
  {
    name: 'cronjobs/job-removed',
    steps: [
      { create: cronJob('running', { schedule: '*/1 * * * *' }) },
      started,
      { patch: TICK, with: { spec: { suspend: true } } },
      { quiet: true },
      { removeAll: 'jobs', policy: 'Background' },
      { pods: 'app=tick', count: 0 },
      ...noted('forgotten'),
      { remove: TICK },
      { gone: TICK },
      ...noted('removed'),
    ],
  },
];
