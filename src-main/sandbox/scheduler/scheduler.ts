import type { Clock } from '#common/base/clock';
import { isAbort, messageOf } from '#common/base/errors';
import type { Random } from '#common/base/random';
import type { Scope } from '#common/base/scope';
import type { KubeObject } from '#common/kube/object';
import { Pods } from '#common/kube/resources';
import { isNotFound } from '#common/kube/status-error';
import type { Pod } from '#common/kube/types';
import { Pulse } from '#main/base/pulse';
import { Slice, type Stopwatch } from '#main/base/slice';
import type { KubeClient } from '#main/client/client';
import type { Informer } from '#main/informer/informer';
import type { Informers } from '#main/informer/informers';
import { AttemptLog, type SchedulingAttempt } from './attempts';
import { ClusterWatch } from './cluster-watch';
import { profilesOf, type SchedulerConfiguration } from './configuration';
import { decide, type Cursor, type Refusal } from './cycle';
import { Eviction } from './eviction';
import { InformedView } from './informed-view';
import { writeRefusal } from './pod-status';
import { Profile } from './profile';
import { SchedulingQueue, type QueuedPod } from './scheduling-queue';
import { VolumeBinder, type Reservation } from './volume-binder';

export interface SchedulingNote {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  action: string;
}

/** Notes an event about an object in the way of events.k8s.io. */
export type NoteEvent = (about: KubeObject, note: SchedulingNote) => void;

export interface SchedulerDeps {
  client: KubeClient;
  informers: Informers;
  /** A recorder for the scheduler of that name. */
  recorder: (schedulerName: string) => NoteEvent;
  clock: Clock;
  random: Random;
  scope: Scope;
  report: (failure: unknown) => void;
  /** Profiles and their plugins; kube-scheduler's defaults unless given. */
  configuration?: SchedulerConfiguration | undefined;
  stopwatch?: Stopwatch | undefined;
}

/** A scheduler at work. */
export interface RunningScheduler {
  /** What was found out when the Pod was tried, the latest last; empty when it is not remembered. */
  attempts(pod: { namespace: string; name: string }): SchedulingAttempt[];
}

/** Decisions are made in slices of this length, so that a thousand new Pods do not hold up the cluster. */
const SLICE_MS = 8;

/** Gives every Pod that waits a node, until the scope closes. Resolves when its caches are filled. */
export async function startScheduler(deps: SchedulerDeps): Promise<RunningScheduler> {
  const scheduler = new Scheduler(deps);
  await scheduler.start();
  return scheduler;
}

class Scheduler implements RunningScheduler {
  readonly #deps: SchedulerDeps;
  readonly #scope: Scope;
  readonly #pods: Informer<Pod>;
  readonly #view: InformedView;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #recorders: ReadonlyMap<string, NoteEvent>;
  readonly #cursor: Cursor = { start: 0 };
  readonly #pulse = new Pulse();
  readonly #queue: SchedulingQueue;
  readonly #watch: ClusterWatch;
  readonly #binder: VolumeBinder;
  readonly #eviction: Eviction;
  readonly #log = new AttemptLog();
  readonly #working = new Set<Promise<void>>();
  readonly #slice: Slice;

  constructor(deps: SchedulerDeps) {
    const { client, clock, informers, random, configuration = {} } = deps;
    this.#deps = deps;
    this.#slice = new Slice(SLICE_MS, deps.stopwatch);
    this.#scope = deps.scope.child('scheduler');
    this.#view = new InformedView({ informers, clock, scope: this.#scope });
    const settings = profilesOf(configuration);
    this.#profiles = new Map(settings.map((one) => [one.schedulerName, new Profile(one, random)]));
    this.#recorders = new Map(settings.map(({ schedulerName }) => [schedulerName, deps.recorder(schedulerName)]));
    this.#pods = this.#scope.add(informers.open(Pods)).informer;
    this.#queue = this.#scope.add(
      new SchedulingQueue({
        clock,
        wake: () => this.#pulse.set(),
        hintsOf: (name, plugin) => this.#profiles.get(name)?.hints.get(plugin),
        podOf: ({ key }) => this.#pods.cache.get(key),
        ...backoffOf(configuration),
      }),
    );
    this.#watch = new ClusterWatch({
      informers,
      pods: this.#pods,
      view: this.#view,
      queue: this.#queue,
      scope: this.#scope,
      isOurs: ({ spec }) => this.#profiles.has(spec.schedulerName ?? ''),
      gone: (uid) => this.#log.forget(uid),
    });
    this.#binder = new VolumeBinder({ client, clock, ledger: this.#view.storage });
    this.#eviction = new Eviction({ client, clock, signal: this.#scope.signal, nominations: this.#view.nominations });
  }

  async start(): Promise<void> {
    const { signal } = this.#scope;
    await Promise.all([this.#pods.synced(signal), this.#view.synced(signal), this.#watch.synced(signal)]);
    this.#watch.begin();
    const running = this.#run();
    this.#scope.add(() => running);
  }

  attempts({ namespace, name }: { namespace: string; name: string }): SchedulingAttempt[] {
    const pod = this.#pods.cache.get(`${namespace}/${name}`);
    return pod ? this.#log.of(pod.metadata.uid) : [];
  }

  async #run(): Promise<void> {
    const { signal } = this.#scope;
    while (!signal.aborted) {
      await this.#pulse.taken(signal);
      this.#slice.begin();
      for (let next = this.#queue.take(); next && !signal.aborted; next = this.#queue.take()) {
        this.#schedule(next);
        const pause = this.#slice.pause();
        if (pause) await pause;
      }
    }
    await Promise.allSettled(this.#working);
  }

  #schedule(queued: QueuedPod): void {
    const pod = this.#pods.cache.get(queued.key);
    const profile = this.#profiles.get(queued.schedulerName);
    if (!profile || pod?.metadata.uid !== queued.uid || pod.spec.nodeName) {
      this.#queue.remove(queued.uid);
      return;
    }
    if (pod.metadata.deletionTimestamp) {
      this.#queue.remove(queued.uid);
      const message = `skip schedule deleting pod: ${pod.metadata.namespace}/${pod.metadata.name}`;
      this.#note(pod, { type: 'Warning', reason: 'FailedScheduling', message, action: 'Scheduling' });
      return;
    }
    const decision = decide(pod, this.#view, { profile, cursor: this.#cursor });
    this.#log.record(pod, profile, { atMs: this.#view.now(), decision });
    if (decision.nodeName === undefined) this.#refuse(queued, pod, decision);
    else this.#place(queued, pod, decision.nodeName);
  }

  #refuse(queued: QueuedPod, pod: Pod, refusal: Refusal): void {
    const { uid } = pod.metadata;
    const { nominated, victims = [], rejectors } = refusal;
    if (rejectors.size === 0) this.#queue.failed(queued);
    else this.#queue.refused(queued, rejectors);
    if (nominated) this.#view.nominations.set(pod, nominated);
    else if (nominated === '') this.#view.nominations.remove(uid);
    if (nominated && victims.length > 0) this.#inBackground(this.#evict(pod, nominated, victims));
    this.#inBackground(this.#tell(pod, { reason: 'Unschedulable', message: refusal.message, nominated }));
  }

  /** The Pod is not tried again before its victims were told to go. */
  async #evict(pod: Pod, nodeName: string, victims: readonly Pod[]): Promise<void> {
    const { uid } = pod.metadata;
    this.#queue.hold(uid);
    let retry = true;
    try {
      await this.#eviction.makeRoom(pod, nodeName, { victims, note: (victim, note) => this.#note(victim, note, pod) });
      retry = false;
    } finally {
      this.#queue.letGo(uid, { retry });
    }
  }

  #place(queued: QueuedPod, pod: Pod, nodeName: string): void {
    const node = this.#view.node(nodeName)?.node;
    if (!node) return;
    const reservation = this.#binder.reserve(pod, node);
    // Counted at once: the next Pod must not take the same room before the binding is seen.
    this.#view.states.place(pod, nodeName);
    this.#view.nominations.remove(pod.metadata.uid);
    this.#inBackground(this.#bind(queued, pod, { nodeName, reservation }));
  }

  async #bind(
    queued: QueuedPod,
    pod: Pod,
    { nodeName, reservation }: { nodeName: string; reservation: Reservation | undefined },
  ): Promise<void> {
    const { signal } = this.#scope;
    const { name, namespace = '', uid } = pod.metadata;
    let step = 'PreBind plugin "VolumeBinding"';
    try {
      if (reservation) {
        await this.#tell(pod, { nominated: nodeName });
        await reservation.fulfil(signal);
      }
      step = 'Bind plugin "DefaultBinder"';
      const target = { apiVersion: 'v1', kind: 'Node', name: nodeName };
      const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target };
      await this.#deps.client.createSubresource(Pods, { name, namespace }, 'binding', body, { signal });
    } catch (failure) {
      reservation?.revert();
      if (isAbort(failure)) return;
      this.#undo(pod);
      this.#queue.failed(queued);
      if (isNotFound(failure)) return;
      const message = `running ${step}: ${messageOf(failure)}`;
      await this.#tell(pod, { reason: 'SchedulerError', message, nominated: '' });
      return;
    }
    const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
    this.#note(pod, { type: 'Normal', reason: 'Scheduled', message, action: 'Binding' });
  }

  /** The room is free again: who waits for room may have it. */
  #undo(pod: Pod): void {
    if (this.#view.states.remove(pod.metadata.uid)) this.#watch.left(pod);
  }

  async #tell(pod: Pod, refusal: { reason?: string; message?: string; nominated?: string | undefined }): Promise<void> {
    const { client, clock } = this.#deps;
    const { reason, message } = refusal;
    if (message !== undefined)
      this.#note(pod, {
        type: 'Warning',
        reason: 'FailedScheduling',
        message: shortened(message),
        action: 'Scheduling',
      });
    await writeRefusal(
      pod,
      { reason, message, nominated: refusal.nominated },
      { client, clock, signal: this.#scope.signal },
    );
  }

  #note(about: Pod, note: SchedulingNote, decidedFor: Pod = about): void {
    this.#recorders.get(decidedFor.spec.schedulerName ?? '')?.(about, note);
  }

  #inBackground(work: Promise<void>): void {
    const done = work.catch((failure) => {
      if (!this.#scope.closed && !isAbort(failure)) this.#deps.report(failure);
    });
    this.#working.add(done);
    void done.then(() => this.#working.delete(done));
  }
}

function backoffOf({ podInitialBackoffSeconds, podMaxBackoffSeconds }: SchedulerConfiguration) {
  return {
    ...(podInitialBackoffSeconds === undefined ? {} : { initialBackoffMs: podInitialBackoffSeconds * 1000 }),
    ...(podMaxBackoffSeconds === undefined ? {} : { maxBackoffMs: podMaxBackoffSeconds * 1000 }),
  };
}

/** The longest note an Event may have (NoteLengthLimit). */
const LONGEST_NOTE = 1024;

function shortened(message: string): string {
  return message.length <= LONGEST_NOTE ? message : `${message.slice(0, LONGEST_NOTE - 4)} ...`;
}
