import { formatTime, type Clock } from '#common/base/clock';
import { isAbort, messageOf } from '#common/base/errors';
import type { Random } from '#common/base/random';
import type { Scope } from '#common/base/scope';
import { keyOf, type KubeObject } from '#common/kube/object';
import { Nodes, Pods } from '#common/kube/resources';
import { isNotFound } from '#common/kube/status-error';
import type { Node, Pod } from '#common/kube/types';
import { Pulse } from '#main/base/pulse';
import type { KubeClient } from '#main/client/client';
import type { Delta, Informer } from '#main/informer/informer';
import type { Informers } from '#main/informer/informers';
import { decide, rulesOf, type Rules } from './cycle';
import { InformedView } from './informed-view';
import { NodeStates } from './node-state';
import { defaultPlugins } from './plugins/scheduling-plugins';
import { SchedulingQueue, type QueuedPod } from './scheduling-queue';

export interface SchedulerDeps {
  client: KubeClient;
  informers: Informers;
  /** Notes an event in the way of events.k8s.io. */
  record: (
    about: KubeObject,
    note: { type: 'Normal' | 'Warning'; reason: string; message: string; action: string },
  ) => void;
  clock: Clock;
  random: Random;
  scope: Scope;
  report: (failure: unknown) => void;
}

const SCHEDULER_NAME = 'default-scheduler';
/** Decisions are made in slices of this length, so that a thousand new Pods do not hold up the cluster. */
const SLICE_MS = 8;

/** Gives every Pod that waits a node, until the scope closes. Resolves when its caches are filled. */
export async function startScheduler(deps: SchedulerDeps): Promise<void> {
  await new Scheduler(deps).start();
}

class Scheduler {
  readonly #deps: SchedulerDeps;
  readonly #scope: Scope;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #states = new NodeStates();
  readonly #view: InformedView;
  readonly #rules: Rules;
  readonly #pulse = new Pulse();
  readonly #queue: SchedulingQueue;
  readonly #binding = new Set<Promise<void>>();

  constructor(deps: SchedulerDeps) {
    this.#deps = deps;
    this.#scope = deps.scope.child('scheduler');
    this.#pods = this.#scope.add(deps.informers.open(Pods)).informer;
    this.#nodes = this.#scope.add(deps.informers.open(Nodes)).informer;
    this.#view = new InformedView(this.#states, deps.informers, this.#scope);
    this.#rules = rulesOf(defaultPlugins, deps.random);
    this.#queue = this.#scope.add(new SchedulingQueue(deps.clock, () => this.#pulse.set()));
  }

  async start(): Promise<void> {
    const { signal } = this.#scope;
    await Promise.all([this.#pods.synced(signal), this.#nodes.synced(signal), this.#view.synced(signal)]);
    this.#scope.add(this.#nodes.subscribe((deltas) => this.#onNodes(deltas)));
    this.#scope.add(this.#pods.subscribe((deltas) => this.#onPods(deltas)));
    for (const node of this.#nodes.cache.values()) this.#states.setNode(node);
    for (const pod of this.#pods.cache.values()) this.#onPod({ type: 'added', object: pod });
    const running = this.#run();
    this.#scope.add(() => running);
  }

  #onNodes(deltas: readonly Delta<Node>[]): void {
    let helps = false;
    for (const { type, object, previous } of deltas) {
      if (type === 'removed') {
        this.#states.removeNode(object.metadata.name);
        continue;
      }
      this.#states.setNode(object);
      helps ||= !previous || mayHelp(previous, object);
    }
    if (helps) this.#queue.moveAll();
  }

  #onPods(deltas: readonly Delta<Pod>[]): void {
    for (const delta of deltas) this.#onPod(delta);
  }

  #onPod({ type, object: pod, previous }: Delta<Pod>): void {
    const { uid } = pod.metadata;
    if (type === 'removed' || isFinished(pod)) {
      this.#queue.remove(uid);
      if (this.#states.remove(uid)) this.#queue.moveAll();
      return;
    }
    if (pod.spec.nodeName) {
      this.#queue.remove(uid);
      this.#place(pod, pod.spec.nodeName);
      return;
    }
    if (!isWaiting(pod)) this.#queue.remove(uid);
    else if (!this.#states.pods.get(uid)) this.#enqueue(pod, previous);
  }

  /** Counts the Pod anew where that could say something else than before. */
  #place(pod: Pod, nodeName: string): void {
    const known = this.#states.pods.get(pod.metadata.uid);
    const isLeaving = !!pod.metadata.deletionTimestamp && !known?.pod.metadata.deletionTimestamp;
    if (known?.nodeName === nodeName && !isLeaving && known.pod.metadata.generation === pod.metadata.generation) {
      if (sameLabels(known.pod, pod)) return;
    }
    this.#states.place(pod, nodeName);
    this.#queue.podCame();
  }

  #enqueue(pod: Pod, previous: Pod | undefined): void {
    const { priority = 0 } = pod.spec;
    const queued = { key: keyOf(pod), uid: pod.metadata.uid, priority, heedsPods: heedsPods(pod) };
    // A new status is our own word that there is no place: no reason to try again.
    const changed =
      previous && (previous.metadata.generation !== pod.metadata.generation || !sameLabels(previous, pod));
    if (changed) this.#queue.refresh(queued);
    else this.#queue.add(queued);
  }

  async #run(): Promise<void> {
    const { signal } = this.#scope;
    while (!signal.aborted) {
      await this.#pulse.taken(signal);
      let sliceEnd = performance.now() + SLICE_MS;
      for (let next = this.#queue.take(); next && !signal.aborted; next = this.#queue.take()) {
        this.#schedule(next);
        if (performance.now() < sliceEnd) continue;
        await new Promise((resolve) => setImmediate(resolve));
        sliceEnd = performance.now() + SLICE_MS;
      }
    }
    await Promise.allSettled(this.#binding);
  }

  #schedule(queued: QueuedPod): void {
    const pod = this.#pods.cache.get(queued.key);
    if (pod?.metadata.uid !== queued.uid || !isWaiting(pod)) return;
    const movesBefore = this.#queue.moves;
    const decision = decide(pod, this.#view, this.#rules);
    if (decision.nodeName === undefined) {
      this.#queue.failed(queued, movesBefore);
      this.#inBackground(this.#tellFailure(pod, decision.message));
      return;
    }
    // Counted at once: the next Pod must not take the same room before the binding is seen.
    this.#states.place(pod, decision.nodeName);
    this.#inBackground(this.#bind(queued, pod, decision.nodeName));
  }

  #inBackground(work: Promise<void>): void {
    const done = work.catch((failure) => {
      if (!this.#scope.closed && !isAbort(failure)) this.#deps.report(failure);
    });
    this.#binding.add(done);
    void done.then(() => this.#binding.delete(done));
  }

  async #bind(queued: QueuedPod, pod: Pod, nodeName: string): Promise<void> {
    const { client, record } = this.#deps;
    const { name, namespace = '', uid } = pod.metadata;
    const target = { apiVersion: 'v1', kind: 'Node', name: nodeName };
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target };
    try {
      await client.createSubresource(Pods, { name, namespace }, 'binding', body, { signal: this.#scope.signal });
    } catch (failure) {
      this.#states.remove(uid);
      if (isNotFound(failure) || this.#scope.closed) return;
      record(pod, {
        type: 'Warning',
        reason: 'FailedScheduling',
        message: `binding rejected: ${messageOf(failure)}`,
        action: 'Scheduling',
      });
      // Someone else may have bound it: the next look at the cache shows it.
      this.#queue.failed(queued, -1);
      return;
    }
    const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
    record(pod, { type: 'Normal', reason: 'Scheduled', message, action: 'Binding' });
  }

  async #tellFailure(pod: Pod, message: string): Promise<void> {
    const { client, clock, record } = this.#deps;
    record(pod, { type: 'Warning', reason: 'FailedScheduling', message, action: 'Scheduling' });
    const known = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    if (known?.status === 'False' && known.reason === 'Unschedulable' && known.message === message) return;
    const lastTransitionTime = known?.status === 'False' ? known.lastTransitionTime : formatTime(clock.now());
    const condition = {
      type: 'PodScheduled',
      observedGeneration: pod.metadata.generation,
      status: 'False',
      lastTransitionTime,
      reason: 'Unschedulable',
      message,
    };
    const { name, namespace } = pod.metadata;
    const patch = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } };
    const options = { subresource: 'status', signal: this.#scope.signal };
    try {
      await client.patch(Pods, { name, namespace }, { type: 'strategic', patch }, options);
    } catch (failure) {
      if (!isNotFound(failure)) throw failure;
    }
  }
}

const isFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

const heedsPods = ({ spec }: Pod): boolean =>
  !!spec.affinity?.podAffinity || !!spec.affinity?.podAntiAffinity || !!spec.topologySpreadConstraints?.length;

/** Ours to schedule, and not held back. */
function isWaiting({ metadata, spec }: Pod): boolean {
  const isOurs = (spec.schedulerName || SCHEDULER_NAME) === SCHEDULER_NAME;
  return isOurs && !spec.nodeName && !metadata.deletionTimestamp && !spec.schedulingGates?.length;
}

function sameLabels(left: Pod, right: Pod): boolean {
  return JSON.stringify(left.metadata.labels) === JSON.stringify(right.metadata.labels);
}

/** Heartbeats change a node without making room. */
function mayHelp(before: Node, after: Node): boolean {
  const facts = ({ metadata, spec, status }: Node) =>
    JSON.stringify([metadata.labels, spec.unschedulable, spec.taints, status?.allocatable]);
  return facts(before) !== facts(after);
}
