import type { Scope } from '#common/base/scope';
import { Nodes } from '#common/kube/resources';
import type { Node, Pod } from '#common/kube/types';
import type { Delta, Informer } from '#main/informer/informer';
import type { Informers } from '#main/informer/informers';
import { nodeEvents, podEvents, type ClusterEvent } from './cluster-event';
import { waitsForClaims } from './device-ledger';
import type { InformedView } from './informed-view';
import { takenBy } from './resources';
import type { SchedulingQueue } from './scheduling-queue';

export interface ClusterWatchDeps {
  informers: Informers;
  pods: Informer<Pod>;
  view: InformedView;
  queue: SchedulingQueue;
  scope: Scope;
  /** Whether the Pod names a scheduler that this one is. */
  isOurs: (pod: Pod) => boolean;
  /** A Pod is no more. */
  gone: (uid: string) => void;
}

/** Keeps the scheduler's picture of the cluster up to date, and tells the queue what may help whom. */
export class ClusterWatch {
  readonly #deps: ClusterWatchDeps;
  readonly #nodes: Informer<Node>;
  /** Pods that wait for their claims before they are looked at. */
  readonly #unclaimed = new Map<string, Pod>();

  constructor(deps: ClusterWatchDeps) {
    this.#deps = deps;
    this.#nodes = deps.scope.add(deps.informers.open(Nodes)).informer;
  }

  synced(signal: AbortSignal): Promise<void> {
    return this.#nodes.synced(signal);
  }

  /** To be called when everything is synced. */
  begin(): void {
    const { scope, pods, view, queue } = this.#deps;
    scope.add(this.#nodes.subscribe((deltas) => this.#onNodes(deltas)));
    scope.add(pods.subscribe((deltas) => this.#onPods(deltas)));
    view.storage.subscribe((event) => queue.happened(event));
    view.devices.subscribe((event) => {
      this.#offerUnclaimed();
      queue.happened(event);
    });
    for (const node of this.#nodes.cache.values()) view.states.setNode(node);
    for (const pod of pods.cache.values()) this.#onPod({ type: 'added', object: pod });
  }

  /** A Pod that had a node has left it, or never got there. */
  left(pod: Pod): void {
    const before = pod.spec.nodeName ? pod : { ...pod, spec: { ...pod.spec, nodeName: '-' } };
    this.#tell(podEvents(before, undefined));
  }

  #onNodes(deltas: readonly Delta<Node>[]): void {
    const { states } = this.#deps.view;
    for (const { type, object, previous } of deltas) {
      if (type === 'removed') states.removeNode(object.metadata.name);
      else states.setNode(object);
      this.#tell(type === 'removed' ? nodeEvents(object, undefined) : nodeEvents(previous, object));
    }
  }

  #onPods(deltas: readonly Delta<Pod>[]): void {
    for (const delta of deltas) this.#onPod(delta);
  }

  #onPod({ type, object: pod, previous }: Delta<Pod>): void {
    const { view, queue, gone } = this.#deps;
    const { uid } = pod.metadata;
    if (type === 'removed' || isFinished(pod)) {
      queue.remove(uid);
      this.#unclaimed.delete(uid);
      const waitedFor = view.nominations.nodeOf(uid);
      view.nominations.remove(uid);
      if (type === 'removed') gone(uid);
      if (view.states.remove(uid) || waitedFor) this.left(pod);
    } else if (pod.spec.nodeName) {
      this.#onPlaced(pod, pod.spec.nodeName);
    } else {
      this.#onWaiting(pod, previous);
    }
  }

  #onPlaced(pod: Pod, nodeName: string): void {
    const { view, queue } = this.#deps;
    const { uid } = pod.metadata;
    const known = view.states.placed(uid);
    if (known?.pod.spec.nodeName === nodeName && countsAlike(known.pod, pod)) {
      view.states.refresh(pod);
      return;
    }
    queue.remove(uid);
    this.#unclaimed.delete(uid);
    view.nominations.remove(uid);
    view.states.place(pod, nodeName);
    this.#tell(podEvents(known?.pod.spec.nodeName ? known.pod : undefined, pod));
  }

  #onWaiting(pod: Pod, previous: Pod | undefined): void {
    const { view, queue, isOurs } = this.#deps;
    const { uid } = pod.metadata;
    this.#nominate(pod, previous);
    if (!isOurs(pod) || pod.spec.schedulingGates?.length) return;
    if (pod.spec.resourceClaims?.length && !queue.has(uid) && waitsForClaims(pod, view.devices)) {
      this.#unclaimed.set(uid, pod);
      return;
    }
    this.#unclaimed.delete(uid);
    // It has a place, only its binding is not seen yet.
    if (view.states.placed(uid)) return;
    if (queue.has(uid)) queue.changed(uid, podEvents(previous, pod));
    else queue.add(pod);
  }

  /** Pods whose claims have come at last. */
  #offerUnclaimed(): void {
    for (const pod of this.#unclaimed.values()) this.#onWaiting(pod, pod);
  }

  /** Somebody else may nominate a node too, or take the nomination back. */
  #nominate(pod: Pod, previous: Pod | undefined): void {
    const { nominations, states } = this.#deps.view;
    const { uid } = pod.metadata;
    const now = pod.status?.nominatedNodeName;
    const before = previous?.status?.nominatedNodeName;
    if (now && now !== before && !states.placed(uid)) nominations.set(pod, now);
    if (!before || now === before) return;
    if (!now) nominations.remove(uid);
    this.left({ ...pod, status: { ...pod.status, nominatedNodeName: before } });
  }

  #tell(events: readonly ClusterEvent[]): void {
    for (const event of events) this.#deps.queue.happened(event);
  }
}

const isFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** Nothing that the scheduler counts by is different. */
function countsAlike(before: Pod, after: Pod): boolean {
  if (!before.metadata.deletionTimestamp !== !after.metadata.deletionTimestamp) return false;
  if (before.metadata.generation !== after.metadata.generation) return false;
  if (JSON.stringify(before.metadata.labels) !== JSON.stringify(after.metadata.labels)) return false;
  // Only a Pod whose spec was changed is ever resized.
  return (after.metadata.generation ?? 0) < 2 || takesAlike(before, after);
}

function takesAlike(before: Pod, after: Pod): boolean {
  return JSON.stringify(takenBy(before)) === JSON.stringify(takenBy(after));
}
