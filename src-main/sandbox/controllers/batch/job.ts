import { formatTime } from '#common/base/clock';
import { Jobs, Pods } from '#common/kube/resources';
import type { Job, JobCondition, JobStatus, Pod } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { again, defineController, settled, type Outcome, type ReconcileContext } from '../runtime/define-controller';
import { claim, controllerReference, ignoreGone, refOf } from '../runtime/ownership';
import { sameStatus } from '../runtime/same-json';
import { slowStart } from '../runtime/slow-start';
import { podOf } from '../apps/pod-facts';
import { formatIndexes } from './job-indexes';
import {
  countsOf,
  INDEX,
  isFinished,
  isIndexed,
  planEnd,
  planPods,
  sortPods,
  TRACKING,
  type JobCounts,
  type JobEnd,
  type JobPods,
} from './job-plan';

/** Runs Pods until enough of them have succeeded, or too many have failed. */
export const jobController = defineController({
  name: 'job',
  reconciles: Jobs,
  owns: [Pods],

  async reconcile(key, context) {
    const job = context.cache.get(Jobs, key);
    if (!job?.spec.selector || job.spec.managedBy || job.metadata.deletionTimestamp) return settled;
    const { selector } = job.spec;
    const pods = await claim({ owner: job, ownerResource: Jobs, selector, resource: Pods }, context);
    if (isFinished(job)) {
      await untrack(pods, context);
      return expire(job, context);
    }
    return work(await begin(job, context), sortPods(pods), context);
  },
});

/** Notes when the Job started, and whether it is held back. */
async function begin(job: Job, { client, clock, record, signal }: ReconcileContext): Promise<Job> {
  const time = formatTime(clock.now());
  const known = job.status?.conditions?.find(({ type }) => type === 'Suspended');
  const suspended = job.spec.suspend === true;
  const isTold = known ? (known.status === 'True') === suspended : !suspended;
  if (isTold && (suspended || job.status?.startTime)) return job;
  const { startTime: _, ...rest } = job.status ?? {};
  const status: JobStatus = { ...rest, ...(suspended ? {} : { startTime: time }) };
  if (!isTold) {
    const [reason, message] = suspended ? ['JobSuspended', 'Job suspended'] : ['JobResumed', 'Job resumed'];
    const condition = conditionFor({ type: 'Suspended', reason, message }, suspended, time);
    status.conditions = [...(rest.conditions ?? []).filter(({ type }) => type !== 'Suspended'), condition];
    record(job, { type: 'Normal', reason: suspended ? 'Suspended' : 'Resumed', message });
  }
  return client.updateStatus(Jobs, { ...job, status }, { signal });
}

async function work(job: Job, pods: JobPods, context: ReconcileContext): Promise<Outcome> {
  const nowMs = context.clock.now();
  const counts = countsOf(job, pods);
  const end = planEnd(job, counts, pods, nowMs);
  if (end) return finish(job, { pods, counts, end }, context);
  const step = planPods(job, counts, pods, nowMs);
  await slowStart(step.create.length, () => createPod(job, step.create.shift(), context));
  for (const pod of step.remove) await removePod(job, pod, context);
  await settleCounts(job, { pods, counts }, context);
  const deadlineMs = untilDeadline(job, nowMs);
  const waits = [step.waitMs, deadlineMs].filter((wait) => wait !== undefined);
  return waits.length > 0 ? again(Math.min(...waits)) : settled;
}

interface Counted {
  pods: JobPods;
  counts: JobCounts;
  end?: JobEnd;
}

/** Active Pods go first; only when none is left the Job counts as ended. */
async function finish(job: Job, { pods, counts, end }: Required<Counted>, context: ReconcileContext): Promise<Outcome> {
  for (const pod of pods.active) await removePod(job, pod, context);
  const isOver = pods.active.length === 0 && pods.terminating === 0;
  const target = end.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  const time = formatTime(context.clock.now());
  let conditions = job.status?.conditions ?? [];
  if (!conditions.some(({ type }) => type === target)) {
    conditions = [...conditions, conditionFor({ ...end, type: target }, true, time)];
  }
  if (isOver) conditions = [...conditions, conditionFor(end, true, time)];
  const status = { ...job.status, conditions };
  if (isOver && end.type === 'Complete') status.completionTime = time;
  await settleCounts({ ...job, status }, { pods, counts }, context);
  if (isOver) recordEnd(job, end, context);
  return settled;
}

function recordEnd(job: Job, { type, reason, message }: JobEnd, { record }: ReconcileContext): void {
  if (type === 'Complete') record(job, { type: 'Normal', reason: 'Completed', message: 'Job completed' });
  else record(job, { type: 'Warning', reason, message });
}

function conditionFor(
  { type, reason, message }: { type: string; reason: string; message: string },
  holds: boolean,
  time: string,
): JobCondition {
  return { type, status: holds ? 'True' : 'False', lastProbeTime: time, lastTransitionTime: time, reason, message };
}

/**
 * Counts the Pods that ended exactly once, whenever the process ends: their names are written down first, then the mark
 * is taken from them, then they are counted.
 */
async function settleCounts(job: Job, counted: Counted, context: ReconcileContext): Promise<void> {
  const { pods } = counted;
  const ended = [...pods.succeeded, ...pods.failed];
  const current = await writeStatus(job, { ...uncountedStatus(job, counted) }, context);
  if (ended.length === 0) return;
  await untrack(ended, context);
  await writeStatus(current, countedStatus(current, counted), context);
}

/** Before the Pods are counted: what they will be counted as. */
function uncountedStatus(job: Job, { pods }: Counted): JobStatus {
  const uids = (list: readonly Pod[]) => (list.length > 0 ? list.map(({ metadata }) => metadata.uid) : undefined);
  const [succeeded, failed] = [uids(pods.succeeded), uids(pods.failed)];
  return {
    ...job.status,
    active: pods.active.length,
    ready: pods.ready,
    terminating: pods.terminating,
    uncountedTerminatedPods: { ...(succeeded ? { succeeded } : {}), ...(failed ? { failed } : {}) },
  };
}

function countedStatus(job: Job, { counts }: Counted): JobStatus {
  const { succeeded, failed, completed } = counts;
  return {
    ...job.status,
    ...(succeeded > 0 ? { succeeded } : {}),
    ...(failed > 0 ? { failed } : {}),
    ...(isIndexed(job) && completed.size > 0 ? { completedIndexes: formatIndexes(completed) } : {}),
    uncountedTerminatedPods: {},
  };
}

async function writeStatus(job: Job, status: JobStatus, { client, signal }: ReconcileContext): Promise<Job> {
  if (sameStatus(job.status, status)) return job;
  return client.updateStatus(Jobs, { ...job, status }, { signal });
}

/** The mark that keeps a Pod until it is counted. */
async function untrack(pods: readonly Pod[], { client, signal }: ReconcileContext): Promise<void> {
  for (const pod of pods) {
    const { finalizers = [], uid } = pod.metadata;
    if (!finalizers.includes(TRACKING)) continue;
    const patch = { metadata: { uid, finalizers: finalizers.filter((name) => name !== TRACKING) } };
    await ignoreGone(client.patch(Pods, refOf(pod), { type: 'merge', patch }, { signal }));
  }
}

async function createPod(
  job: Job,
  index: number | undefined,
  { client, record, signal }: ReconcileContext,
): Promise<void> {
  try {
    const pod = await client.create(Pods, podFrom(job, index), { signal });
    record(job, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${pod.metadata.name}` });
  } catch (failure) {
    const message = `Error creating: ${failure instanceof Error ? failure.message : String(failure)}`;
    record(job, { type: 'Warning', reason: 'FailedCreate', message });
    throw failure;
  }
}

async function removePod(job: Job, pod: Pod, { client, record, signal }: ReconcileContext): Promise<void> {
  await ignoreGone(client.remove(Pods, refOf(pod), { preconditions: { uid: pod.metadata.uid }, signal }));
  record(job, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}` });
}

function podFrom(job: Job, index: number | undefined): Draft<Pod> {
  const { metadata, spec } = podOf(job.spec.template);
  const { name, namespace } = job.metadata;
  const draft: Draft<Pod> = {
    metadata: {
      ...metadata,
      generateName: index === undefined ? `${name}-` : `${name}-${index}-`,
      ...(namespace ? { namespace } : {}),
      finalizers: [...(metadata.finalizers ?? []), TRACKING],
      ownerReferences: [controllerReference(Jobs, job)],
    },
    spec,
  };
  return index === undefined ? draft : withIndex(draft, name, index);
}

/** The index is on the Pod, in its host name and in the environment of its containers. */
function withIndex({ metadata, spec }: Draft<Pod>, job: string, index: number): Draft<Pod> {
  const text = String(index);
  const fieldRef = { apiVersion: 'v1', fieldPath: `metadata.labels['${INDEX}']` };
  const variable = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef } };
  return {
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [INDEX]: text },
      annotations: { ...metadata.annotations, [INDEX]: text },
    },
    spec: {
      ...spec,
      hostname: `${job}-${index}`,
      containers: spec.containers.map((container) => ({ ...container, env: [...(container.env ?? []), variable] })),
    },
  };
}

function untilDeadline({ spec, status }: Job, nowMs: number): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || !status?.startTime) return undefined;
  return Date.parse(status.startTime) + spec.activeDeadlineSeconds * 1000 - nowMs;
}

/** A finished Job with a time to live goes when that is over. */
async function expire(job: Job, { client, clock, signal }: ReconcileContext): Promise<Outcome> {
  const { ttlSecondsAfterFinished: ttl } = job.spec;
  const end = job.status?.conditions?.find(({ type }) => type === 'Complete' || type === 'Failed');
  if (ttl === undefined || !end?.lastTransitionTime) return settled;
  const leftMs = Date.parse(end.lastTransitionTime) + ttl * 1000 - clock.now();
  if (leftMs > 0) return again(leftMs);
  const options = { propagationPolicy: 'Foreground' as const, preconditions: { uid: job.metadata.uid }, signal };
  await ignoreGone(client.remove(Jobs, refOf(job), options));
  return settled;
}
