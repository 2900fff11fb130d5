import { controllerOf, type ObjectKey } from '#common/kube/object';
import { formatTime } from '#common/base/clock';
import { Jobs, Pods } from '#common/kube/resources';
import type { Job, JobStatus, Pod } from '#common/kube/types';
import { createPod, deletePod, isNamespaceTerminating } from '../apps/pod-control';
import { isReady } from '../apps/pod-facts';
import {
  again,
  defineController,
  namedIndex,
  settled,
  watched,
  type Controller,
  type Outcome,
  type ReconcileContext,
} from '../runtime/define-controller';
import { claim, ignoreGone, refOf } from '../runtime/ownership';
import { sameStatus } from '../runtime/same-json';
import { slowStart } from '../runtime/slow-start';
import { NO_BACKOFF, nextBackoff, type Backoff } from './job-backoff';
import { condition, counted, finished, planCount, type CountPlan } from './job-count';
import { factsOf, isFinished, isManagedElsewhere, isSuspended, isTracked, TRACKING, type JobFacts } from './job-facts';
import { planCompletion, planEnd, planPods, untilDeadline, type JobEnd, type JobStep } from './job-plan';
import { podFrom } from './job-pods';

const BY_JOB = 'job/tracked';
/** On every Pod of a Job, also when it has lost its owner. */
const JOB_NAME = 'batch.kubernetes.io/job-name';

/** DefaultJobApiBackOff and MaxJobApiBackOff. */
const RETRY_MS = { first: 1000, longest: 60_000 };
/** What Pods and the Job's own status have to say is gathered for so long (SyncJobBatchPeriod). */
const BATCH_MS = 1000;

/** Runs Pods until enough of them have succeeded, or too many have failed. */
export function jobController(): Controller {
  const backoffs = new Map<ObjectKey, Backoff>();
  return defineController({
    name: 'job',
    reconciles: Jobs,
    owns: [Pods],
    watches: [watched(Pods, jobKeys)],
    indexes: [namedIndex(Pods, BY_JOB, jobKeys)],
    retryMs: RETRY_MS,
    gatherMs: BATCH_MS,
    waitMs: ({ metadata }, before) => (metadata.generation === before.metadata.generation ? BATCH_MS : 0),

    async reconcile(key, context) {
      const job = context.cache.get(Jobs, key);
      if (!job || isFinished(job)) {
        backoffs.delete(key);
        await untrack(strays(key, context), context);
        return settled;
      }
      if (!job.spec.selector || isManagedElsewhere(job)) return settled;
      const { selector } = job.spec;
      const claiming = { owner: job, ownerResource: Jobs, selector, resource: Pods, finalizers: [TRACKING] };
      const pods = await claim(claiming, context);
      return new JobLook(job, pods, { key, context, backoffs }).run();
    },
  });
}

/** Of Pods that carry the mark: the Job that they are, or were, of. */
function jobKeys(pod: Pod): ObjectKey[] {
  if (!isTracked(pod)) return [];
  const owner = controllerOf(pod);
  if (owner && owner.kind !== 'Job') return [];
  const name = owner?.name ?? pod.metadata.labels?.[JOB_NAME];
  return name ? [`${pod.metadata.namespace}/${name}`] : [];
}

/** Pods whose Job is gone or has ended: nobody will count them. */
function strays(key: ObjectKey, { cache }: ReconcileContext): readonly Pod[] {
  return cache.indexed(Pods, BY_JOB, key);
}

interface LookParts {
  key: ObjectKey;
  context: ReconcileContext;
  backoffs: Map<ObjectKey, Backoff>;
}

/** One look at one Job that has not ended. */
class JobLook {
  readonly #facts: JobFacts;
  readonly #parts: LookParts;
  /** As it was read or written last. */
  #job: Job;
  /** As it is to be written. */
  #status: JobStatus;
  #active: number;
  #ready: number;
  #terminating: number;

  constructor(job: Job, pods: readonly Pod[], parts: LookParts) {
    const tracked = new Set(pods.filter(isTracked).map(({ metadata }) => metadata.uid));
    const status = counted(job.status ?? {}, tracked);
    const time = formatTime(parts.context.clock.now());
    this.#parts = parts;
    this.#job = job;
    this.#status = isSuspended(job) || status.startTime ? status : { ...status, startTime: time };
    this.#facts = factsOf({ ...job, status: this.#status }, pods);
    this.#active = this.#facts.active.length;
    this.#ready = this.#facts.ready;
    this.#terminating = this.#facts.terminating.length;
  }

  async run(): Promise<Outcome> {
    const { clock } = this.#parts.context;
    const nowMs = clock.now();
    const backoff = this.#backoff();
    let end = planEnd(this.#facts, nowMs);
    let step: JobStep | undefined;
    let failure: unknown;
    if (end) await this.#endPods(this.#facts.active);
    else {
      if (!this.#job.metadata.deletionTimestamp) step = planPods(this.#facts, backoff, nowMs);
      if (step) failure = await this.#take(step);
      end = planCompletion(this.#facts, this.#active);
      if (!end && step) this.#tellSuspension();
    }
    await this.#count(end, backoff);
    if (failure !== undefined) throw failure;
    const waits = [step?.waitMs, end ? undefined : untilDeadline(this.#job, nowMs)].filter((ms) => ms !== undefined);
    return waits.length > 0 ? again(Math.min(...waits)) : settled;
  }

  #backoff(): Backoff {
    const { key, backoffs } = this.#parts;
    const { newlySucceeded, newlyFailed } = this.#facts;
    return nextBackoff(backoffs.get(key) ?? NO_BACKOFF, newlySucceeded, newlyFailed);
  }

  /** Ends Pods that keep their mark: they will be counted. */
  async #endPods(pods: readonly Pod[]): Promise<void> {
    await Promise.all(pods.map((pod) => deletePod(this.#job, pod, this.#parts.context)));
    this.#took(pods);
  }

  #took(pods: readonly Pod[]): void {
    this.#active -= pods.length;
    this.#terminating += pods.length;
    this.#ready -= pods.filter(isReady).length;
  }

  /** Answers what the server refused, once the Pods that could be made are. */
  async #take({ create, remove }: JobStep): Promise<unknown> {
    await untrack(remove, this.#parts.context);
    await this.#endPods(remove);
    const indexes = [...create];
    try {
      await slowStart(create.length, () => this.#create(indexes.shift()));
    } catch (failure) {
      return failure;
    }
    return undefined;
  }

  async #create(index: number | undefined): Promise<void> {
    const replaced = index === undefined ? undefined : this.#facts.delayed.get(index);
    try {
      await createPod(this.#job, podFrom(this.#job, index, replaced), this.#parts.context);
      this.#active++;
    } catch (failure) {
      if (!isNamespaceTerminating(failure)) throw failure;
    }
  }

  #tellSuspension(): void {
    const { clock, record } = this.#parts.context;
    const time = formatTime(clock.now());
    const suspended = isSuspended(this.#job);
    const { conditions = [] } = this.#status;
    const known = conditions.find(({ type }) => type === 'Suspended');
    const isTold = known ? (known.status === 'True') === suspended : !suspended;
    if (isTold) return;
    const [reason, message] = suspended ? ['JobSuspended', 'Job suspended'] : ['JobResumed', 'Job resumed'];
    const next = condition({ type: 'Suspended', reason, message }, suspended, time);
    const { startTime: _, ...rest } = this.#status;
    this.#status = {
      ...rest,
      ...(suspended ? {} : { startTime: time }),
      conditions: known ? conditions.map((one) => (one === known ? next : one)) : [...conditions, next],
    };
    record(this.#job, { type: 'Normal', reason: suspended ? 'Suspended' : 'Resumed', message });
  }

  /** Writes down who ended, takes their marks off, counts them; then says how the Job ended. */
  async #count(end: JobEnd | undefined, backoff: Backoff): Promise<void> {
    const { context, key, backoffs } = this.#parts;
    const time = formatTime(context.clock.now());
    const size = { active: this.#active, ready: this.#ready, terminating: this.#terminating };
    const plan = planCount({ facts: this.#facts, status: { ...this.#status, ...size }, end, time });
    await this.#write(plan.status);
    backoffs.set(key, backoff);
    await untrack(plan.release, context);
    const status = counted(plan.status, this.#keptAfter(plan));
    const over = end && !plan.isFull ? finished(status, end, time) : undefined;
    await this.#write(over ?? status);
    if (end && over) this.#recordEnd(end);
  }

  #keptAfter({ release }: CountPlan): ReadonlySet<string> {
    const kept = new Set(this.#facts.pods.filter(isTracked).map(({ metadata }) => metadata.uid));
    for (const { metadata } of release) kept.delete(metadata.uid);
    return kept;
  }

  #recordEnd({ type, reason, message }: JobEnd): void {
    const { record } = this.#parts.context;
    const { completions } = this.#job.spec;
    if (type === 'Failed') {
      record(this.#job, { type: 'Warning', reason, message });
      return;
    }
    if (completions !== undefined && (this.#job.status?.succeeded ?? 0) > completions) {
      const text = 'Too many succeeded pods running after completion count reached';
      record(this.#job, { type: 'Warning', reason: 'TooManySucceededPods', message: text });
    }
    record(this.#job, { type: 'Normal', reason: 'Completed', message: 'Job completed' });
  }

  async #write(status: JobStatus): Promise<void> {
    if (sameStatus(this.#job.status, status)) return;
    const { client, signal } = this.#parts.context;
    this.#job = await client.updateStatus(Jobs, { ...this.#job, status }, { signal });
  }
}

/** Takes off the mark that keeps a Pod until it is counted. */
async function untrack(pods: readonly Pod[], { client, signal }: ReconcileContext): Promise<void> {
  const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': [TRACKING] } };
  const tracked = pods.filter(isTracked);
  const release = (pod: Pod) => client.patch(Pods, refOf(pod), { type: 'strategic', patch }, { signal });
  await Promise.all(tracked.map((pod) => ignoreGone(release(pod))));
}
