import type { Script } from '../../exchange';
import { changes, made, printed, row, rules, selections, statusTries, statuses, tries, type Cases } from './family';
import { CRON_JOB, JOB } from './kind-paths';
import { CONTAINER, JOB_TEMPLATE, ofSpec, ofTemplate, wrapped } from './pod-bases';

const BASE = { spec: { template: JOB_TEMPLATE } };
const indexed = (fields: object) => ({ completionMode: 'Indexed', completions: 5, ...fields });
const failing = (...policyRules: object[]) => ({ podFailurePolicy: { rules: policyRules } });
const succeeding = (...policyRules: object[]) => indexed({ successPolicy: { rules: policyRules } });
const exit = (onExitCodes: object, action = 'FailJob') => failing({ action, onExitCodes });

const refusals: Cases = {
  ...ofSpec({
    negative: {
      parallelism: -1,
      completions: -1,
      activeDeadlineSeconds: -1,
      backoffLimit: -1,
      ttlSecondsAfterFinished: -1,
    },
    word: { completions: 'three' },
    'completion-mode': { completionMode: 'Odd' },
    'indexed-no-completions': { completionMode: 'Indexed' },
    'indexed-parallelism': indexed({ parallelism: 100_001 }),
    'indexed-per-index': indexed({ backoffLimitPerIndex: -1, maxFailedIndexes: -1 }),
    'indexed-max-failed': indexed({ backoffLimitPerIndex: 1, maxFailedIndexes: 6 }),
    'max-failed-alone': indexed({ maxFailedIndexes: 2 }),
    'per-index-not-indexed': { backoffLimitPerIndex: 1, maxFailedIndexes: 1 },
    'indexed-many': indexed({ completions: 100_001, backoffLimitPerIndex: 1, parallelism: 10_001 }),
    'managed-by': { managedBy: 'nobody' },
    'managed-by-host': { managedBy: 'A_B/x y' },
    'managed-by-long': { managedBy: `example.com/${'x'.repeat(63)}` },
    'managed-by-right': { managedBy: 'example.com/manager' },
    'replacement-policy': { podReplacementPolicy: 'Odd' },
    'replacement-with-failure': {
      ...exit({ operator: 'In', values: [1] }),
      podReplacementPolicy: 'TerminatingOrFailed',
    },
    'manual-selector': { manualSelector: true },
    'manual-selector-right': {
      manualSelector: true,
      selector: { matchLabels: { a: 'b' } },
      template: { ...JOB_TEMPLATE, metadata: { labels: { a: 'b' } } },
    },
    'manual-selector-mismatch': { manualSelector: true, selector: { matchLabels: { a: 'b' } } },
    'own-selector': { selector: { matchLabels: { a: 'b' } } },
    'failure-no-rules': failing(),
    'failure-action': failing({ action: 'Odd', onExitCodes: { operator: 'In', values: [1] } }),
    'failure-no-action': failing({ action: '', onExitCodes: { operator: 'In', values: [1] } }),
    'failure-nothing': failing({ action: 'Ignore' }),
    'failure-both': failing({
      action: 'Count',
      onExitCodes: { operator: 'In', values: [1] },
      onPodConditions: [{ type: 'Ready', status: 'True' }],
    }),
    'failure-index': exit({ operator: 'In', values: [1] }, 'FailIndex'),
    'failure-operator': exit({ operator: 'Near', values: [1] }),
    'failure-no-operator': exit({ operator: '', values: [] }),
    'failure-container': exit({ operator: 'In', containerName: 'none', values: [1] }),
    'failure-zero': exit({ operator: 'In', values: [0] }),
    'failure-twice': exit({ operator: 'NotIn', values: [1, 1] }),
    'failure-unordered': exit({ operator: 'In', values: [3, 1] }),
    'failure-condition': failing({
      action: 'Ignore',
      onPodConditions: [
        { type: 'a b', status: 'Odd' },
        { type: 'Ready', status: '' },
      ],
    }),
    'failure-condition-default': failing({ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }),
    'failure-restart': {
      ...exit({ operator: 'In', values: [1] }),
      template: { spec: { restartPolicy: 'OnFailure', containers: [CONTAINER] } },
    },
    'failure-right': exit({ operator: 'In', containerName: 'main', values: [1, 42] }),
    'success-not-indexed': { successPolicy: { rules: [{ succeededCount: 1 }] } },
    'success-no-rules': succeeding(),
    'success-nothing': succeeding({}),
    'success-count': succeeding({ succeededCount: 9 }),
    'success-negative': succeeding({ succeededCount: -1 }),
    'success-indexes': succeeding({ succeededIndexes: '0,2-4' }),
    'success-indexes-word': succeeding({ succeededIndexes: 'a' }),
    'success-indexes-large': succeeding({ succeededIndexes: '1-9' }),
    'success-indexes-order': succeeding({ succeededIndexes: '3,1' }),
    'success-indexes-back': succeeding({ succeededIndexes: '3-1' }),
    'success-indexes-parts': succeeding({ succeededIndexes: '1-2-3' }),
    'success-both': succeeding({ succeededIndexes: '0,1', succeededCount: 3 }),
    suspended: { suspend: true, parallelism: 3 },
    'indexed-right': indexed({ backoffLimitPerIndex: 1, maxFailedIndexes: 3 }),
    'parallelism-only': { parallelism: 2 },
    'completions-only': { completions: 2 },
  }),
  ...ofTemplate({
    'restart-always': { restartPolicy: 'Always' },
    'no-restart': { restartPolicy: null },
    'restart-odd': { restartPolicy: 'Odd' },
    'no-image': { containers: [{ name: 'main', image: '' }] },
  }),
  'dotted-name': { metadata: { name: 'a.b' } },
  'long-name': { metadata: { name: 'x'.repeat(64) } },
  'indexed-long-name': { metadata: { name: 'x'.repeat(62) }, spec: indexed({}) },
  'template-label': { spec: { template: { metadata: { labels: { 'batch.kubernetes.io/job-name': 'other' } } } } },
};

const START = '2026-01-02T03:04:05Z';
const END = '2026-01-02T03:05:10Z';
const condition = (type: string, status = 'True') => ({ type, status, lastTransitionTime: END, lastProbeTime: END });
const FINISHED = [condition('SuccessCriteriaMet'), condition('Complete')];

const statusRules: Cases = {
  'status-negative': { active: -1, succeeded: -1, failed: -1, ready: -1, terminating: -1 },
  'complete-alone': { conditions: [condition('Complete')] },
  'failed-alone': { startTime: START, conditions: [condition('Failed')] },
  'both-ends': {
    startTime: START,
    completionTime: END,
    conditions: [...FINISHED, condition('Failed'), condition('FailureTarget')],
  },
  'time-alone': { startTime: START, completionTime: END },
  'end-before-start': { startTime: END, completionTime: START, conditions: FINISHED },
  'complete-active': { startTime: START, completionTime: END, active: 1, conditions: FINISHED },
  'more-ready': { active: 1, ready: 2 },
  'indexes-not-indexed': { completedIndexes: '0' },
  'failed-indexes': { failedIndexes: '0' },
  'uncounted-twice': { uncountedTerminatedPods: { succeeded: ['a', 'a', ''], failed: ['b'] } },
  'finished-uncounted': {
    startTime: START,
    completionTime: END,
    conditions: FINISHED,
    uncountedTerminatedPods: { succeeded: ['a'] },
  },
  'finished-terminating': { startTime: START, completionTime: END, conditions: FINISHED, terminating: 1 },
};

const jobs: Script = rules('jobs', JOB, [
  ...tries(JOB, BASE, refusals),
  made(JOB, 'once', { spec: { ...BASE.spec, completions: 2 } }),
  ...changes(JOB, 'once', {
    ...ofSpec({
      'completions-changed': { completions: 3 },
      'parallelism-changed': { parallelism: 2 },
      'mode-changed': { completionMode: 'Indexed' },
      'suspended-later': { suspend: true },
      'backoff-changed': { backoffLimit: 2, ttlSecondsAfterFinished: 5, activeDeadlineSeconds: 5 },
      'managed-by-later': { managedBy: 'example.com/x' },
      'per-index': { backoffLimitPerIndex: 1 },
      'failure-policy': exit({ operator: 'In', values: [1] }),
      'selector-changed': { selector: { matchLabels: { a: 'b' } } },
    }),
    ...ofTemplate({
      'image-changed': { containers: [{ ...CONTAINER, image: 'nginx:2' }] },
      'node-selector': { nodeSelector: { a: 'b' } },
    }),
  }),
  ...statusTries(JOB, 'once', statusRules),
  row(JOB, 'once', 'row-new'),
  ...printed(JOB, 'once', {
    running: { startTime: START, active: 1, ready: 1 },
    half: { succeeded: 1 },
    complete: { active: 0, ready: 0, succeeded: 2, completionTime: END, conditions: FINISHED },
  }),
  ...statusTries(JOB, 'once', {
    'succeeded-fewer': { succeeded: 1 },
    'time-moved': { completionTime: '2026-01-02T03:06:10Z' },
    'start-moved': { startTime: '2026-01-02T03:00:00Z' },
    'condition-gone': { conditions: [] },
  }),
  made(JOB, 'lost', BASE),
  ...statuses(JOB, 'lost', {
    'lose-target': { startTime: START, failed: 1, conditions: [condition('FailureTarget')] },
  }),
  row(JOB, 'lost', 'row-failing'),
  ...statuses(JOB, 'lost', { lose: { conditions: [condition('FailureTarget'), condition('Failed')] } }),
  row(JOB, 'lost', 'row-failed'),
  ...statusTries(JOB, 'lost', { 'failed-fewer': { failed: 0 } }),
  made(JOB, 'held', { spec: { ...BASE.spec, suspend: true, parallelism: 3 } }),
  row(JOB, 'held', 'row-held'),
  ...statuses(JOB, 'held', { hold: { conditions: [condition('Suspended')] } }),
  row(JOB, 'held', 'row-suspended'),
  ...changes(JOB, 'held', {
    ...ofTemplate({
      'held-node-selector': { nodeSelector: { a: 'b' } },
      'held-tolerations': { tolerations: [{ key: 'a', operator: 'Exists' }] },
      'held-resources': { containers: [{ ...CONTAINER, resources: { requests: { cpu: '1' } } }] },
    }),
    'held-labels': { spec: { template: { metadata: { labels: { a: 'b' } } } } },
  }),
  made(JOB, 'indexed', { spec: { ...BASE.spec, ...indexed({ parallelism: 5, backoffLimitPerIndex: 1 }) } }),
  ...changes(
    JOB,
    'indexed',
    ofSpec({ 'completions-alone': { completions: 6 }, 'completions-together': { completions: 6, parallelism: 6 } }),
  ),
  ...statusTries(JOB, 'indexed', {
    'indexes-wrong': { completedIndexes: '9' },
    'indexes-overlap': { completedIndexes: '0-2', failedIndexes: '2' },
    'indexes-right': { completedIndexes: '0,2-3', failedIndexes: '1' },
  }),
  ...selections(JOB, 'status.successful=2', 'metadata.name=once', 'status.succeeded=1'),
]);

const CRON_BASE = { spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: JOB_TEMPLATE } } } };
const schedules = [
  'sometimes',
  '* * * *',
  '* * * * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * * 13 *',
  '* * * * 8',
  '*/0 * * * *',
  '5-1 * * * *',
  '1-2-3 * * * *',
  '1/2/3 * * * *',
  'a * * * *',
  '@hourly',
  '@every 1h',
  '@every x',
  '@never',
  '0 0 1 JAN mon',
  '0,15-30/5 * * * ?',
  'TZ=UTC * * * * *',
  'CRON_TZ=Nowhere/No 0 0 * * *',
  '-1 * * * *',
  '1,,2 * * * *',
];
const cron: Cases = {
  ...wrapped(Object.fromEntries(schedules.map((schedule, at) => [`schedule-${at}`, { schedule }])), (spec) => ({
    spec,
  })),
  ...ofSpec({
    'no-schedule': { schedule: null },
    'deadline-negative': { startingDeadlineSeconds: -1 },
    'zone-empty': { timeZone: '' },
    'zone-local': { timeZone: 'Local' },
    'zone-unknown': { timeZone: 'Nowhere/City' },
    'zone-up': { timeZone: '../etc' },
    'zone-right': { timeZone: 'Europe/Berlin' },
    concurrency: { concurrencyPolicy: 'Odd' },
    'history-negative': { successfulJobsHistoryLimit: -1, failedJobsHistoryLimit: -1 },
    suspended: { suspend: true, concurrencyPolicy: 'Forbid' },
    'no-template': { jobTemplate: null },
    'template-restart': { jobTemplate: { spec: { template: { spec: { restartPolicy: 'Always' } } } } },
    'template-selector': { jobTemplate: { spec: { selector: { matchLabels: { a: 'b' } } } } },
    'template-manual': { jobTemplate: { spec: { manualSelector: true } } },
    'template-negative': { jobTemplate: { spec: { parallelism: -1 } } },
  }),
  'long-name': { metadata: { name: 'x'.repeat(53) } },
  'dotted-name': { metadata: { name: 'a.b' } },
};

export const batchScripts: readonly Script[] = [
  jobs,
  rules('cronjobs', CRON_JOB, [
    ...tries(CRON_JOB, CRON_BASE, cron),
    made(CRON_JOB, 'tick', CRON_BASE),
    ...changes(
      CRON_JOB,
      'tick',
      ofSpec({
        'schedule-wrong': { schedule: 'never' },
        'schedule-zone': { schedule: 'TZ=UTC 0 0 * * *' },
        'zone-wrong': { timeZone: 'x y' },
        'image-changed': {
          jobTemplate: { spec: { template: { spec: { containers: [{ ...CONTAINER, image: 'nginx:2' }] } } } },
        },
      }),
    ),
    row(CRON_JOB, 'tick', 'row-new'),
    ...printed(CRON_JOB, 'tick', {
      active: { active: [{ kind: 'Job', name: 'a' }], lastScheduleTime: START, lastSuccessfulTime: END },
    }),
    made(CRON_JOB, 'tock', { spec: { ...CRON_BASE.spec, suspend: true, timeZone: 'Asia/Tokyo' } }),
    row(CRON_JOB, 'tock', 'row-suspended'),
    ...selections(CRON_JOB, 'metadata.name=tick', 'spec.suspend=true'),
  ]),
];
