import type { Clock } from '#common/base/clock';

export interface QueuedPod {
  key: string;
  uid: string;
  priority: number;
  /** When it came in, epoch milliseconds. */
  sinceMs: number;
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
  readonly #active = new Map<string, QueuedPod>();
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

  get size(): number {
    return this.#active.size;
  }

  add(pod: QueuedPod): void {
    if (this.#active.has(pod.uid) || this.#waiting.has(pod.uid)) return;
    this.#active.set(pod.uid, pod);
    this.#wake();
  }

  /** The Pod changed in a way that may matter: it is tried again. */
  refresh(pod: QueuedPod): void {
    const waiting = this.#waiting.get(pod.uid);
    if (waiting) this.#readyAfterBackoff(waiting);
    else this.add(pod);
  }

  remove(uid: string): void {
    this.#active.delete(uid);
    this.#waiting.get(uid)?.timer?.[Symbol.dispose]();
    this.#waiting.delete(uid);
    this.#attempts.delete(uid);
  }

  /** Highest priority first, then who came first. */
  take(): QueuedPod | undefined {
    let first: QueuedPod | undefined;
    for (const pod of this.#active.values()) {
      if (!first || pod.priority > first.priority || (pod.priority === first.priority && pod.sinceMs < first.sinceMs))
        first = pod;
    }
    if (first) this.#active.delete(first.uid);
    return first;
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
    this.#moves++;
    for (const waiting of this.#waiting.values()) this.#readyAfterBackoff(waiting);
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
    this.#active.set(pod.uid, pod);
    this.#wake();
  }
}
