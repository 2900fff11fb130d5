/** Rules of Jobs that meet: policies with limits per index, ends that overtake each other, what happens while suspended. */
import type { Flow, FlowStep } from '../flow';
import { active, complete, ends, failed, flow, indexed, job, onExit, rules, succeeding, SUM } from './jobs';
import { noted } from './manifests';

const patch = (spec: object): FlowStep => ({ patch: SUM, with: { spec } });
const status = (fields: Record<string, unknown>): FlowStep => ({
  until: SUM,
  has: Object.fromEntries(Object.entries(fields).map(([name, value]) => [`status.${name}`, value])),
});
const running = (count: number): FlowStep => ({ pods: 'app=sum', are: { 'status.phase': 'Running' }, count });
const noneLeft = running(0);
const suspended: FlowStep = status({ 'conditions[Suspended].status': 'True' });

const policies: Flow[] = [
  flow(
    'policy-fail-job-of-many',
    { create: job({ ...indexed(3), ...rules(onExit('FailJob', 'In', 42)) }) },
    active(3),
    ends('Succeeded', 0, 0),
    status({ completedIndexes: '0' }),
    ends('Failed', 42, 1),
    failed,
    noneLeft,
    noted('the third is ended'),
  ),
  flow(
    'policy-ignore-per-index',
    { create: job({ ...indexed(2), backoffLimitPerIndex: 0, ...rules(onExit('Ignore', 'In', 7)) }) },
    active(2),
    ends('Failed', 7, 1),
    running(1),
    running(2),
    status({ active: 2, ready: 2 }),
    noted('tried again'),
    ends('Failed', 1, 1),
    status({ failedIndexes: '1' }),
    ends('Succeeded', 0, 0),
    failed,
    noted('failed'),
  ),
  flow(
    'policy-fail-index-beyond-the-most',
    {
      create: job({
        ...indexed(4),
        backoffLimitPerIndex: 2,
        maxFailedIndexes: 0,
        ...rules(onExit('FailIndex', 'In', 42)),
      }),
    },
    active(4),
    ends('Failed', 42, 3),
    failed,
    noneLeft,
    noted('failed'),
  ),
  flow(
    'policy-rules-in-order',
    { create: job({ backoffLimit: 1, ...rules(onExit('Count', 'In', 3), onExit('FailJob', 'NotIn', 9)) }) },
    active(1),
    ends('Failed', 3),
    status({ failed: 1, active: 1, ready: 1 }),
    noted('counted'),
    ends('Failed', 4),
    failed,
    noted('failed at once'),
  ),
  flow(
    'success-policy-with-failed-index',
    {
      create: job({
        ...indexed(4),
        backoffLimitPerIndex: 0,
        successPolicy: { rules: [{ succeededCount: 2 }] },
      }),
    },
    active(4),
    ends('Failed', 1, 0),
    status({ failedIndexes: '0' }),
    ends('Succeeded', 0, 1),
    status({ completedIndexes: '1' }),
    ends('Succeeded', 0, 2),
    complete,
    noneLeft,
    noted('complete for all that'),
  ),
  flow(
    'success-policy-too-late',
    {
      create: job({
        ...indexed(3),
        backoffLimitPerIndex: 0,
        successPolicy: { rules: [{ succeededCount: 2 }] },
      }),
    },
    active(3),
    ends('Failed', 1, 0),
    status({ failedIndexes: '0' }),
    ends('Succeeded', 0, 1),
    status({ completedIndexes: '1' }),
    ends('Succeeded', 0, 2),
    failed,
    noted('every index has ended'),
  ),
  flow(
    'success-policy-ends-the-others',
    { create: job({ ...indexed(3), successPolicy: { rules: [{ succeededIndexes: '1' }] } }) },
    active(3),
    ends('Succeeded', 0, 1),
    complete,
    noneLeft,
    noted('complete'),
  ),
];

const limits: Flow[] = [
  flow(
    'work-queue-failure',
    { create: job({ parallelism: 2, backoffLimit: 1 }) },
    active(2),
    ends('Failed'),
    status({ failed: 1, active: 2, ready: 2 }),
    noted('another works'),
    ends('Succeeded'),
    status({ succeeded: 1, active: 1 }),
    ends('Failed'),
    failed,
    noted('once too often'),
  ),
  flow(
    'backoff-limit-of-indexes',
    { create: job({ ...indexed(3), backoffLimit: 1 }) },
    active(3),
    ends('Failed', 1, 0),
    status({ failed: 1, active: 3, ready: 3 }),
    ends('Failed', 1, 2),
    failed,
    noneLeft,
    noted('failed'),
  ),
  flow(
    'per-index-all-failed',
    { create: job({ ...indexed(2), backoffLimitPerIndex: 0 }) },
    active(2),
    ends('Failed', 1, 0),
    status({ failedIndexes: '0' }),
    ends('Failed', 1, 1),
    failed,
    noted('failed'),
  ),
  flow(
    'deadline-of-indexes',
    { create: job({ ...indexed(2), activeDeadlineSeconds: 5 }) },
    active(2),
    ends('Succeeded', 0, 1),
    failed,
    noneLeft,
    noted('one was done'),
  ),
  flow(
    'ttl-of-failed',
    { create: job({ backoffLimit: 0, ttlSecondsAfterFinished: 5 }) },
    active(1),
    ends('Failed'),
    failed,
    { gone: SUM },
    noted('gone'),
  ),
];

const stops: Flow[] = [
  flow(
    'parallelism-to-none-and-back',
    { create: job({ completions: 3, parallelism: 2 }) },
    active(2),
    patch({ parallelism: 0 }),
    noneLeft,
    noted('none works'),
    patch({ parallelism: 3 }),
    active(3),
    noted('three work'),
  ),
  flow(
    'suspended-with-done-indexes',
    { create: job({ ...indexed(3) }) },
    active(3),
    ends('Succeeded', 0, 1),
    status({ completedIndexes: '1' }),
    patch({ suspend: true }),
    suspended,
    noneLeft,
    noted('one is done'),
    patch({ suspend: false }),
    active(2),
    noted('two go on'),
  ),
  flow(
    'directed-while-suspended',
    { create: job({ suspend: true, pod: succeeding }) },
    suspended,
    patch({
      template: {
        metadata: { labels: { directed: 'yes' }, annotations: { by: 'a queue' } },
        spec: { nodeSelector: { 'kubernetes.io/hostname': 'node-2' } },
      },
    }),
    patch({ suspend: false }),
    complete,
    noted('where it was told to'),
  ),
  flow(
    'indexed-pod-removed',
    { create: job({ ...indexed(2) }) },
    active(2),
    { removePod: 'app=sum', are: { "metadata.labels['batch.kubernetes.io/job-completion-index']": '1' } },
    status({ failed: 1, active: 2, ready: 2 }),
    noted('the index runs again'),
  ),
  flow(
    'adopts',
    {
      create: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'orphan', labels: { app: 'sum', mine: 'yes' } },
        spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }] },
      },
    },
    { pods: 'app=sum', are: { 'status.phase': 'Running' }, count: 1 },
    {
      create: job({
        manualSelector: true,
        selector: { matchLabels: { mine: 'yes' } },
        pod: { labels: { mine: 'yes' } },
        completions: 2,
        parallelism: 2,
      }),
    },
    active(2),
    noted('took it in'),
  ),
];

export const jobCornerFlows: readonly Flow[] = [...policies, ...limits, ...stops];
