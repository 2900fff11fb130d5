import { formatTime } from '#common/base/clock';
import { messageOf } from '#common/base/errors';
import { parseCronSchedule, ScheduleProblem, type CronSchedule } from '#common/kube/cron/cron-schedule';
import { isTimeZone } from '#common/kube/cron/time-zone';
import { controllerOf, keyOf } from '#common/kube/object';
import { CronJobs, Jobs } from '#common/kube/resources';
import { isAlreadyExists, isNamespaceTerminating, isNotFound } from '#common/kube/status-error';
import type { CronJob, CronJobStatus, Job, ObjectReference } from '#common/kube/types';
import type { Draft } from '#main/client/client';
import {
  again,
  defineController,
  namedIndex,
  settled,
  type Outcome,
  type ReconcileContext,
} from '../runtime/define-controller';
import { referenceTo } from '../runtime/event-recorder';
import { controllerReference, refOf } from '../runtime/ownership';
import { sameStatus } from '../runtime/same-json';
import { planHistory } from './cron-history';
import { planRun, scheduledTimestamp, untilNextRun, type RunPlan, type Timetable } from './cron-plan';
import { conditionOf, isFinished } from './job-facts';

/** By name alone: also Jobs of a CronJob of that name that is gone. */
const BY_CRON_JOB = 'cronjob/name';

/** Starts a Job at each time its schedule names. */
export const cronJobController = defineController({
  name: 'cronjob',
  reconciles: CronJobs,
  owns: [Jobs],
  indexes: [
    namedIndex(Jobs, BY_CRON_JOB, (job) => {
      const owner = controllerOf(job);
      return owner ? [keyOf({ metadata: { ...job.metadata, name: owner.name } })] : [];
    }),
  ],
  waitMs: (cronJob, before, nowMs) => waitAfterChange(cronJob as CronJob, before as CronJob, nowMs),

  async reconcile(key, context) {
    const cronJob = context.cache.get(CronJobs, key);
    if (!cronJob) return settled;
    const jobs = context.cache.indexed(Jobs, BY_CRON_JOB, key);
    const { active = [], ...status } = cronJob.status ?? {};
    const run: Run = { cronJob, jobs, status, active: [...active], context };
    try {
      await forgetOld(run);
      await follow(run);
      return await startDue(run);
    } finally {
      await writeStatus(run);
    }
  },
});

/** A look at a CronJob: its status is gathered here, and written once at the end. */
interface Run {
  readonly cronJob: CronJob;
  readonly jobs: readonly Job[];
  status: CronJobStatus;
  active: ObjectReference[];
  readonly context: ReconcileContext;
}

/** A new schedule is looked at when it first comes, any other change at once. */
function waitAfterChange(cronJob: CronJob, before: CronJob, nowMs: number): number {
  const { spec } = cronJob;
  if (spec.schedule === before.spec.schedule && spec.timeZone === before.spec.timeZone) return 0;
  const { schedule } = readSchedule(spec.schedule);
  return schedule ? (untilNextRun(cronJob, { schedule, nowMs }) ?? 0) : 0;
}

function readSchedule(text: string): { schedule?: CronSchedule; problem?: string } {
  try {
    return { schedule: parseCronSchedule(text) };
  } catch (problem) {
    if (problem instanceof ScheduleProblem) return { problem: problem.message };
    throw problem;
  }
}

async function forgetOld(run: Run): Promise<void> {
  for (const job of planHistory(run.cronJob, run.jobs)) await removeJob(run, job);
}

/** Answers why it cannot be removed, of which people are told. */
async function removeJob(run: Run, job: Job): Promise<unknown> {
  const { client, signal } = run.context;
  try {
    await client.remove(Jobs, refOf(job), { propagationPolicy: 'Background', signal });
  } catch (failure) {
    signal.throwIfAborted();
    warn(run, 'FailedDelete', `Deleted job: ${messageOf(failure)}`);
    return failure;
  }
  forget(run, job.metadata.uid);
  tell(run, 'SuccessfulDelete', `Deleted job ${job.metadata.name}`);
  return undefined;
}

/** Takes Jobs that ended, or are gone, off the list of active ones. */
async function follow(run: Run): Promise<void> {
  for (const job of run.jobs) followJob(run, job);
  const there = new Set(run.jobs.map(({ metadata }) => metadata.uid));
  for (const { uid, name = '', namespace } of run.active) {
    if (there.has(uid ?? '') || (await findJob(run, { name, namespace }))) continue;
    tell(run, 'MissingJob', `Active job went missing: ${name}`);
    forget(run, uid);
  }
}

function followJob(run: Run, job: Job): void {
  const { name, uid } = job.metadata;
  const isActive = run.active.some((entry) => entry.uid === uid);
  if (!isFinished(job)) {
    if (!isActive) warn(run, 'UnexpectedJob', `Saw a job that the controller did not create or forgot: ${name}`);
    return;
  }
  const isComplete = conditionOf(job, 'Complete') !== undefined;
  if (isActive) {
    forget(run, uid);
    tell(run, 'SawCompletedJob', `Saw completed job: ${name}, condition: ${isComplete ? 'Complete' : 'Failed'}`);
  }
  const end = job.status?.completionTime;
  const { lastSuccessfulTime } = run.status;
  if (isComplete && end && (!lastSuccessfulTime || end > lastSuccessfulTime))
    run.status = { ...run.status, lastSuccessfulTime: end };
}

async function findJob({ context }: Run, ref: { name: string; namespace?: string | undefined }): Promise<boolean> {
  try {
    await context.client.get(Jobs, ref, { signal: context.signal });
    return true;
  } catch (failure) {
    if (isNotFound(failure)) return false;
    throw failure;
  }
}

async function startDue(run: Run): Promise<Outcome> {
  const { cronJob, context } = run;
  const { timeZone, suspend, schedule: text } = cronJob.spec;
  if (cronJob.metadata.deletionTimestamp) return settled;
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    const quoted = JSON.stringify(timeZone);
    warn(run, 'UnknownTimeZone', `invalid timeZone: ${quoted}: unknown time zone ${timeZone}`);
    return settled;
  }
  if (suspend) return settled;
  if (text.includes('TZ')) warn(run, 'UnsupportedSchedule', unsupported(text));
  const { schedule, problem } = readSchedule(text);
  if (!schedule) {
    warn(run, 'UnparseableSchedule', `unparseable schedule: ${JSON.stringify(text)} : ${problem}`);
    return settled;
  }
  const timetable = { schedule, nowMs: context.clock.now() };
  const plan = planRun(cronJob, timetable);
  if (plan.invalid !== undefined) {
    warn(run, 'InvalidSchedule', `invalid schedule: ${text} : ${plan.invalid}`);
    return settled;
  }
  if (isToStart(run, plan) && !(await start(run, plan.dueMs))) return settled;
  return whenNext(run, timetable);
}

const unsupported = (schedule: string) =>
  `CRON_TZ or TZ used in schedule ${JSON.stringify(schedule)} is not officially supported, see ` +
  'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details';

function whenNext({ cronJob, status }: Run, timetable: Timetable): Outcome {
  const nextInMs = untilNextRun({ ...cronJob, status }, timetable);
  return nextInMs === undefined ? settled : again(nextInMs);
}

/** Tells why a run that is due is not started. */
function isToStart(run: Run, plan: RunPlan): plan is RunPlan & { dueMs: number } {
  const { dueMs, hasMissedMany } = plan;
  const { cronJob, status, active } = run;
  if (dueMs === undefined) return false;
  if (hasMissedMany) warn(run, 'TooManyMissedTimes', TOO_MANY);
  const { lastScheduleTime } = status;
  if (lastScheduleTime && Date.parse(lastScheduleTime) === dueMs) return false;
  if (active.some(({ name }) => name === jobName(cronJob, dueMs))) return false;
  if (cronJob.spec.concurrencyPolicy !== 'Forbid' || active.length === 0) return true;
  const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
  tell(run, 'JobAlreadyActive', message);
  return false;
}

const TOO_MANY = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';

/** False for a run whose Job is there already and no news. */
async function start(run: Run, dueMs: number): Promise<boolean> {
  if (run.cronJob.spec.concurrencyPolicy === 'Replace') await removeActive(run);
  const job = await createJob(run, dueMs);
  if (!job) return false;
  run.active.push(referenceTo(job));
  run.status = { ...run.status, lastScheduleTime: formatTime(dueMs) };
  return true;
}

async function removeActive(run: Run): Promise<void> {
  const { client, signal } = run.context;
  for (const { name = '', namespace } of run.active) {
    const job = await client.get(Jobs, { name, namespace }, { signal }).catch((failure: unknown) => {
      warn(run, 'FailedGet', `Get job: ${messageOf(failure)}`);
      throw failure;
    });
    const failure = await removeJob(run, job);
    if (failure !== undefined) throw failure;
  }
}

async function createJob(run: Run, dueMs: number): Promise<Job | undefined> {
  const { client, signal } = run.context;
  const draft = jobFrom(run.cronJob, dueMs);
  try {
    const job = await client.create(Jobs, draft, { signal });
    tell(run, 'SuccessfulCreate', `Created job ${job.metadata.name}`);
    return job;
  } catch (failure) {
    if (isAlreadyExists(failure)) return takeUp(run, dueMs);
    signal.throwIfAborted();
    if (!isNamespaceTerminating(failure)) warn(run, 'FailedCreate', `Error creating job: ${messageOf(failure)}`);
    throw failure;
  }
}

/** Its name is its time: the Job was made before, and what is missing is its place in the list. */
async function takeUp({ cronJob, active, context }: Run, dueMs: number): Promise<Job | undefined> {
  const { namespace } = cronJob.metadata;
  const { client, signal } = context;
  const job = await client.get(Jobs, { name: jobName(cronJob, dueMs), namespace }, { signal });
  if (controllerOf(job)?.uid !== cronJob.metadata.uid) return undefined;
  return active.some(({ uid }) => uid === job.metadata.uid) ? undefined : job;
}

const jobName = ({ metadata }: CronJob, dueMs: number) => `${metadata.name}-${Math.floor(dueMs / 60_000)}`;

/** Named after its time, in minutes: no run is started twice. */
function jobFrom(cronJob: CronJob, dueMs: number): Draft<Job> {
  const { namespace } = cronJob.metadata;
  const { metadata, spec } = cronJob.spec.jobTemplate;
  const stamp = { 'batch.kubernetes.io/cronjob-scheduled-timestamp': scheduledTimestamp(cronJob, dueMs) };
  return {
    metadata: {
      name: jobName(cronJob, dueMs),
      ...(namespace ? { namespace } : {}),
      ...(metadata?.labels ? { labels: metadata.labels } : {}),
      annotations: { ...metadata?.annotations, ...stamp },
      ownerReferences: [controllerReference(CronJobs, cronJob)],
    },
    spec: spec ?? { template: {} },
  };
}

async function writeStatus({ cronJob, status, active, context }: Run): Promise<void> {
  const { client, signal } = context;
  const wanted: CronJobStatus = { ...status, ...(active.length > 0 ? { active } : {}) };
  if (!sameStatus(cronJob.status, wanted))
    await client.updateStatus(CronJobs, { ...cronJob, status: wanted }, { signal });
}

function forget(run: Run, uid: string | undefined): void {
  run.active = run.active.filter((entry) => entry.uid !== uid);
}

function tell({ cronJob, context }: Run, reason: string, message: string): void {
  context.record(cronJob, { type: 'Normal', reason, message });
}

function warn({ cronJob, context }: Run, reason: string, message: string): void {
  context.record(cronJob, { type: 'Warning', reason, message });
}
