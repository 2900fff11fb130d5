import { formatTime } from '#common/base/clock';
import { CronJobs, Jobs } from '#common/kube/resources';
import { isAlreadyExists } from '#common/kube/status-error';
import type { CronJob, CronJobStatus, Job, ObjectReference } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { again, defineController, settled, type Outcome, type ReconcileContext } from '../runtime/define-controller';
import { referenceTo } from '../runtime/event-recorder';
import { controllerReference, ignoreGone, refOf } from '../runtime/ownership';
import { sameStatus } from '../runtime/same-json';
import { nextTime, parseSchedule } from './cron-schedule';
import { conditionOf, isFinished } from './job-facts';

/** More missed times than this are not counted one by one. */
const MAX_MISSED = 100;
/** A run is started a moment after its time, so that the clock has truly passed it. */
const GRACE_MS = 100;

/** Starts a Job at each time its schedule names. */
export const cronJobController = defineController({
  name: 'cronjob',
  reconciles: CronJobs,
  owns: [Jobs],

  async reconcile(key, context) {
    const cronJob = context.cache.get(CronJobs, key);
    if (!cronJob || cronJob.metadata.deletionTimestamp) return settled;
    const jobs = context.cache.ownedBy(Jobs, cronJob);
    const forgotten = await forgetOld(cronJob, jobs, context);
    const status = await follow(cronJob, { jobs, forgotten }, context);
    return run({ ...cronJob, status }, jobs, context);
  },
});

export interface CronPlan {
  /** The latest time that was missed, if a run is due. */
  dueMs?: number;
  /** Milliseconds until the next time; undefined when there is none. */
  nextInMs?: number;
}

/** Which run is due, and when the next one is. Times too long ago to start are passed over. */
export function planRun({ spec, status, metadata }: CronJob, nowMs: number): CronPlan {
  const schedule = parseSchedule(spec.schedule);
  if (!schedule) return {};
  const since = Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp);
  const deadlineMs = spec.startingDeadlineSeconds === undefined ? Infinity : spec.startingDeadlineSeconds * 1000;
  let at = nextTime(schedule, Math.max(since, nowMs - deadlineMs), spec.timeZone);
  let dueMs: number | undefined;
  for (let missed = 0; at !== undefined && at <= nowMs; missed++) {
    dueMs = at;
    // After a long sleep of the cluster only the latest time matters.
    at = nextTime(schedule, missed < MAX_MISSED ? at : nowMs, spec.timeZone);
  }
  return { ...(dueMs === undefined ? {} : { dueMs }), ...(at === undefined ? {} : { nextInMs: at - nowMs }) };
}

interface Children {
  jobs: readonly Job[];
  /** Removed just now, because there are too many. */
  forgotten: readonly Job[];
}

/** Takes Jobs that ended, or are gone, off the list of active ones. */
async function follow(
  cronJob: CronJob,
  { jobs, forgotten }: Children,
  context: ReconcileContext,
): Promise<CronJobStatus> {
  const { active: known = [], ...rest } = cronJob.status ?? {};
  const active = known.filter(({ uid }) => !forgotten.some(({ metadata }) => metadata.uid === uid));
  let lastSuccess = rest.lastSuccessfulTime;
  for (const job of jobs) {
    const end = job.status?.completionTime;
    if (end && conditionOf(job, 'Complete') && (!lastSuccess || end > lastSuccess)) lastSuccess = end;
  }
  const left = active.filter((entry) =>
    isUnderWay(
      cronJob,
      jobs.find((job) => job.metadata.uid === entry.uid),
      entry,
      context,
    ),
  );
  for (const job of jobs) {
    if (isFinished(job) || known.some(({ uid }) => uid === job.metadata.uid)) continue;
    const message = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`;
    context.record(cronJob, { type: 'Warning', reason: 'UnexpectedJob', message });
  }
  const status: CronJobStatus = {
    ...rest,
    ...(left.length > 0 ? { active: left } : {}),
    ...(lastSuccess ? { lastSuccessfulTime: lastSuccess } : {}),
  };
  return writeStatus(cronJob, status, context);
}

/** False for a Job that has ended or is gone, of which people are told. */
function isUnderWay(
  cronJob: CronJob,
  job: Job | undefined,
  { name = '' }: ObjectReference,
  context: ReconcileContext,
): boolean {
  if (job && !isFinished(job)) return true;
  if (job) tellEnd(cronJob, job, context);
  else {
    const message = `Active job went missing: ${name}`;
    context.record(cronJob, { type: 'Normal', reason: 'MissingJob', message });
  }
  return false;
}

function tellEnd(cronJob: CronJob, job: Job, { record }: ReconcileContext): void {
  const status = conditionOf(job, 'Complete') ? 'Complete' : 'Failed';
  const message = `Saw completed job: ${job.metadata.name}, condition: ${status}`;
  record(cronJob, { type: 'Normal', reason: 'SawCompletedJob', message });
}

async function writeStatus(
  cronJob: CronJob,
  status: CronJobStatus,
  { client, signal }: ReconcileContext,
): Promise<CronJobStatus> {
  // Revisions of active Jobs change all the time; that alone is no news.
  if (sameStatus(comparable(cronJob.status), comparable(status))) return cronJob.status ?? {};
  const written = await client.updateStatus(CronJobs, { ...cronJob, status }, { signal });
  return written.status ?? {};
}

const comparable = (status: CronJobStatus = {}) => ({ ...status, active: (status.active ?? []).map(({ uid }) => uid) });

async function run(cronJob: CronJob, jobs: readonly Job[], context: ReconcileContext): Promise<Outcome> {
  const { clock, record } = context;
  const plan = planRun(cronJob, clock.now());
  const later = plan.nextInMs === undefined ? settled : again(plan.nextInMs + GRACE_MS);
  if (!parseSchedule(cronJob.spec.schedule)) {
    const message = `unparseable schedule: ${cronJob.spec.schedule}`;
    record(cronJob, { type: 'Warning', reason: 'UnparseableSchedule', message });
  }
  if (cronJob.spec.suspend) return later;
  if (plan.nextInMs === undefined && plan.dueMs === undefined) tellNever(cronJob, context);
  if (plan.dueMs === undefined) return later;
  const listed = new Set((cronJob.status?.active ?? []).map(({ uid }) => uid));
  const running = jobs.filter(({ metadata }) => listed.has(metadata.uid));
  if (running.length > 0 && cronJob.spec.concurrencyPolicy === 'Forbid') {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
    record(cronJob, { type: 'Normal', reason: 'JobAlreadyActive', message });
    return later;
  }
  if (cronJob.spec.concurrencyPolicy !== 'Replace') {
    await start(cronJob, plan.dueMs, context);
    return later;
  }
  await replace(cronJob, running, context);
  await start({ ...cronJob, status: { ...cronJob.status, active: [] } }, plan.dueMs, context);
  return later;
}

/** The schedule is well formed, but names a day like 31 February. */
function tellNever(cronJob: CronJob, { record }: ReconcileContext): void {
  if (!parseSchedule(cronJob.spec.schedule)) return;
  const why = 'time difference between two schedules is less than 1 second';
  const message = `invalid schedule: ${cronJob.spec.schedule} : ${why}`;
  record(cronJob, { type: 'Warning', reason: 'InvalidSchedule', message });
}

async function replace(
  cronJob: CronJob,
  running: readonly Job[],
  { client, record, signal }: ReconcileContext,
): Promise<void> {
  for (const job of running) {
    await ignoreGone(client.remove(Jobs, refOf(job), { propagationPolicy: 'Background', signal }));
    record(cronJob, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted job ${job.metadata.name}` });
  }
}

async function start(cronJob: CronJob, dueMs: number, { client, record, signal }: ReconcileContext): Promise<void> {
  const draft = jobFrom(cronJob, dueMs);
  let active = cronJob.status?.active ?? [];
  try {
    const job = await client.create(Jobs, draft, { signal });
    record(cronJob, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created job ${job.metadata.name}` });
    active = [...active, referenceTo(job)];
  } catch (failure) {
    // Its name is its time: the run was started before.
    if (!isAlreadyExists(failure)) throw failure;
  }
  const current = await client.get(CronJobs, refOf(cronJob), { signal });
  const status = { ...current.status, active, lastScheduleTime: formatTime(dueMs) };
  await client.updateStatus(CronJobs, { ...current, status }, { signal });
}

/** Named after its time, in minutes: no run is started twice. */
function jobFrom(cronJob: CronJob, dueMs: number): Draft<Job> {
  const { name, namespace } = cronJob.metadata;
  const { metadata, spec } = cronJob.spec.jobTemplate;
  const stamp = { 'batch.kubernetes.io/cronjob-scheduled-timestamp': scheduledTime(dueMs, cronJob.spec.timeZone) };
  return {
    metadata: {
      name: `${name}-${Math.floor(dueMs / 60_000)}`,
      ...(namespace ? { namespace } : {}),
      ...(metadata?.labels ? { labels: metadata.labels } : {}),
      annotations: { ...metadata?.annotations, ...stamp },
      ownerReferences: [controllerReference(CronJobs, cronJob)],
    },
    spec: spec ?? { template: {} },
  };
}

/** RFC 3339 with the offset of the zone, as the annotation has it. */
function scheduledTime(atMs: number, timeZone = 'Etc/UTC'): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const [date = '', time = ''] = format.format(atMs).split(' ');
  const offsetMinutes = Math.round((Date.parse(`${date}T${time}Z`) - atMs) / 60_000);
  if (offsetMinutes === 0) return `${date}T${time}Z`;
  const pad = (value: number) => String(Math.floor(Math.abs(value))).padStart(2, '0');
  return `${date}T${time}${offsetMinutes < 0 ? '-' : '+'}${pad(offsetMinutes / 60)}:${pad(offsetMinutes % 60)}`;
}

/** Finished Jobs beyond the history limits, oldest first. */
export function planHistory({ spec }: CronJob, jobs: readonly Job[]): Job[] {
  const limits = [
    { type: 'Complete', limit: spec.successfulJobsHistoryLimit ?? 3 },
    { type: 'Failed', limit: spec.failedJobsHistoryLimit ?? 1 },
  ];
  return limits.flatMap(({ type, limit }) => {
    const ended = jobs.filter((job) => conditionOf(job, type));
    const oldestFirst = ended.sort((left, right) =>
      (left.status?.startTime ?? '') < (right.status?.startTime ?? '') ? -1 : 1,
    );
    return oldestFirst.slice(0, Math.max(0, ended.length - limit));
  });
}

async function forgetOld(
  cronJob: CronJob,
  jobs: readonly Job[],
  { client, record, signal }: ReconcileContext,
): Promise<readonly Job[]> {
  const old = planHistory(cronJob, jobs);
  for (const job of old) {
    await ignoreGone(client.remove(Jobs, refOf(job), { propagationPolicy: 'Background', signal }));
    record(cronJob, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted job ${job.metadata.name}` });
  }
  return old;
}
