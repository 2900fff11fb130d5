import type { Clock } from '#common/base/clock';

export interface QueuedPod {
  key: string;
  uid: string;
  priority: number;
  /** Other Pods' coming may find it a place: it wants to be near some, or evenly spread among them. */
  heedsPods: boolean;
}

/** Back-off of Pods that found no place: kube-scheduler's podInitialBackoffSeconds and podMaxBackoffSeconds. */
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 10_000;
/** A Pod that nothing happens for is tried again after this long (DefaultPodMaxInUnschedulablePodsDuration). */
const LONGEST_WAIT_MS = 300_000;

interface Waiting {
  pod: QueuedPod;
  attempts: number;
  /** Not before this time. */
  readyMs: number;
  timer?: Disposable | undefined;
}

/** Pods that wait for a node: the most important first, those that found no place when something has changed. */
export class SchedulingQueue implements Disposable {
  readonly #clock: Clock;
  readonly #wake: () => void;
  /** By priority, then in the order in which they came. */
  readonly #active = new Map<number, Map<string, QueuedPod>>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #attempts = new Map<string, number>();
  #moves = 0;

  /** `wake` is called when a Pod becomes ready to be taken. */
  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Rises with every change that may help a Pod: one that happens during a try must not be missed. */
  get moves(): number {
    return this.#moves;
  }

  add(pod: QueuedPod): void {
    if (!this.#waiting.has(pod.uid)) this.#enter(pod);
  }

  /** The Pod changed in a way that may matter: it is tried again. */
  refresh(pod: QueuedPod): void {
    const waiting = this.#waiting.get(pod.uid);
    if (waiting) this.#readyAfterBackoff(waiting);
    else this.add(pod);
  }

  remove(uid: string): void {
    for (const pods of this.#active.values()) pods.delete(uid);
    this.#waiting.get(uid)?.timer?.[Symbol.dispose]();
    this.#waiting.delete(uid);
    this.#attempts.delete(uid);
  }

  /** Highest priority first, then who came first. */
  take(): QueuedPod | undefined {
    let highest = -Infinity;
    for (const [priority, pods] of this.#active) {
      if (pods.size === 0) this.#active.delete(priority);
      else highest = Math.max(highest, priority);
    }
    const pods = this.#active.get(highest);
    for (const pod of pods?.values() ?? []) {
      pods?.delete(pod.uid);
      return pod;
    }
    return undefined;
  }

  /** No place was found; `movesBefore` is `moves` as the try began. */
  failed(pod: QueuedPod, movesBefore: number): void {
    const attempts = (this.#attempts.get(pod.uid) ?? 0) + 1;
    this.#attempts.set(pod.uid, attempts);
    const backoffMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempts - 1));
    const waiting: Waiting = { pod, attempts, readyMs: this.#clock.now() + backoffMs };
    this.#waiting.set(pod.uid, waiting);
    if (this.#moves !== movesBefore) this.#readyAfterBackoff(waiting);
    else this.#wakeAfter(waiting, LONGEST_WAIT_MS);
  }

  /** Something changed that may make room: everyone who waits is tried again, each after its back-off. */
  moveAll(): void {
    this.#move(() => true);
  }

  /** A Pod came somewhere: those who heed Pods are tried again. */
  podCame(): void {
    this.#move(({ heedsPods }) => heedsPods);
  }

  #move(concerns: (pod: QueuedPod) => boolean): void {
    this.#moves++;
    for (const waiting of this.#waiting.values()) if (concerns(waiting.pod)) this.#readyAfterBackoff(waiting);
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#waiting.values()) timer?.[Symbol.dispose]();
    this.#waiting.clear();
    this.#active.clear();
  }

  #readyAfterBackoff(waiting: Waiting): void {
    this.#wakeAfter(waiting, waiting.readyMs - this.#clock.now());
  }

  #wakeAfter(waiting: Waiting, delayMs: number): void {
    waiting.timer?.[Symbol.dispose]();
    if (delayMs <= 0) this.#activate(waiting);
    else waiting.timer = this.#clock.after(delayMs, () => this.#activate(waiting));
  }

  #activate({ pod }: Waiting): void {
    this.#waiting.delete(pod.uid);
    this.#enter(pod);
  }

  #enter(pod: QueuedPod): void {
    const pods = this.#active.get(pod.priority) ?? new Map<string, QueuedPod>();
    this.#active.set(pod.priority, pods);
    if (!pods.has(pod.uid)) pods.set(pod.uid, pod);
    this.#wake();
  }
}
