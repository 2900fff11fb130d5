import type { Clock } from '#common/base/clock';
import { keyOf } from '#common/kube/object';
import type { Pod } from '#common/kube/types';
import type { ClusterEvent, QueueingHints } from './cluster-event';
import { PriorityHeap } from './priority-heap';

export interface QueueSettings {
  clock: Clock;
  /** Called when a Pod becomes ready to be taken. */
  wake: () => void;
  /** What may help Pods of the scheduler name that the plugin kept away. */
  hintsOf: (schedulerName: string, plugin: string) => QueueingHints | undefined;
  /** The Pod as it is now. */
  podOf: (waiting: QueuedPod) => Pod | undefined;
  initialBackoffMs?: number;
  maxBackoffMs?: number;
}

/** Back-off of Pods that found no place: kube-scheduler's podInitialBackoffSeconds and podMaxBackoffSeconds. */
const INITIAL_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 10_000;
/** A Pod that nothing happens for is tried again after this long (DefaultPodMaxInUnschedulablePodsDuration). */
const LONGEST_WAIT_MS = 300_000;

/** A Pod on its way through the queue. */
export interface QueuedPod {
  readonly key: string;
  readonly uid: string;
  readonly schedulerName: string;
  readonly attempts: number;
}

type Place =
  /** Ready; taken by importance, then by who came first. */
  | 'active'
  /** Worth another try, but not at once; taken early when nobody else waits. */
  | 'backoff'
  /** Something went wrong; left alone until its back-off is over. */
  | 'recovering'
  /** Nothing has happened that would help. */
  | 'parked'
  /** Being tried, or bound. */
  | 'taken';

interface Waiting extends QueuedPod {
  place: Place;
  priority: number;
  /** When it came, or last failed; epoch milliseconds. */
  sinceMs: number;
  order: number;
  attempts: number;
  refusals: number;
  failures: number;
  readyMs: number;
  rejectors: ReadonlySet<string>;
  /** Something it asked for is being done; whatever happens meanwhile is looked at afterwards. */
  isHeld: boolean;
  isMissed: boolean;
}

/** What was in a heap is only believed as long as the Pod has not moved on. */
interface Ticket {
  pod: Waiting;
  order: number;
}

/** Parked Pods that the same plugins keep away. */
interface Group {
  schedulerName: string;
  rejectors: ReadonlySet<string>;
  pods: Set<Waiting>;
}

/** Pods that wait for a node: the most important first, those that found no place when something happens that may help them. */
export class SchedulingQueue implements Disposable {
  readonly #settings: QueueSettings;
  readonly #pods = new Map<string, Waiting>();
  readonly #active = new PriorityHeap<Ticket>(({ pod: left }, { pod: right }) => isBefore(left, right));
  readonly #backoff = new PriorityHeap<Ticket>(({ pod: left }, { pod: right }) => isReadyBefore(left, right));
  readonly #recovering = new PriorityHeap<Ticket>(({ pod: left }, { pod: right }) => isReadyBefore(left, right));
  /** Who was parked first comes first. */
  readonly #parked = new Set<Waiting>();
  readonly #groups = new Map<string, Group>();
  #order = 0;
  #timer: { atMs: number; handle: Disposable } | undefined;

  constructor(settings: QueueSettings) {
    this.#settings = settings;
  }

  /** Makes the Pod ready, unless it waits or is being tried already. */
  add(pod: Pod): void {
    const { uid } = pod.metadata;
    if (this.#pods.has(uid)) return;
    const waiting: Waiting = {
      key: keyOf(pod),
      uid,
      schedulerName: pod.spec.schedulerName ?? '',
      place: 'taken',
      priority: pod.spec.priority ?? 0,
      sinceMs: this.#now(),
      order: 0,
      attempts: 0,
      refusals: 0,
      failures: 0,
      readyMs: 0,
      rejectors: new Set(),
      isHeld: false,
      isMissed: false,
    };
    this.#pods.set(uid, waiting);
    this.#activate(waiting);
  }

  /** The Pod itself changed, as these events say. */
  changed(uid: string, events: readonly ClusterEvent[]): void {
    const waiting = this.#pods.get(uid);
    if (waiting?.place === 'parked' && events.some((event) => this.#helps(waiting, event))) this.#requeue(waiting);
  }

  has(uid: string): boolean {
    return this.#pods.has(uid);
  }

  remove(uid: string): void {
    const waiting = this.#pods.get(uid);
    if (!waiting) return;
    this.#leave(waiting);
    this.#pods.delete(uid);
    if (this.#pods.size === 0) this.#setTimer(undefined);
  }

  /** Highest priority first, then who came first. */
  take(): QueuedPod | undefined {
    this.#ripen(this.#backoff, 'backoff');
    this.#ripen(this.#recovering, 'recovering');
    const waiting = pop(this.#active, 'active') ?? pop(this.#backoff, 'backoff');
    if (!waiting) return undefined;
    this.#leave(waiting);
    waiting.attempts++;
    return waiting;
  }

  /** No place was found because of these plugins. */
  refused({ uid }: QueuedPod, rejectors: ReadonlySet<string>): void {
    const waiting = this.#pods.get(uid);
    if (waiting?.place !== 'taken') return;
    waiting.refusals++;
    waiting.failures = 0;
    waiting.rejectors = rejectors;
    this.#back(waiting, waiting.refusals);
    this.#park(waiting);
  }

  /** Something else went wrong: the Pod is tried again after a while, whatever happens. */
  failed({ uid }: QueuedPod): void {
    const waiting = this.#pods.get(uid);
    if (waiting?.place !== 'taken') return;
    waiting.failures++;
    this.#back(waiting, waiting.failures);
    this.#enter(waiting, 'recovering', this.#recovering);
    this.#wakeAt(waiting.readyMs);
  }

  /** Something that the Pod asked for is being done: it is not tried before it is let go. */
  hold(uid: string): void {
    const waiting = this.#pods.get(uid);
    if (waiting) waiting.isHeld = true;
  }

  /** `retry` when what was done failed. */
  letGo(uid: string, { retry }: { retry: boolean }): void {
    const waiting = this.#pods.get(uid);
    if (!waiting?.isHeld) return;
    waiting.isHeld = false;
    const isDue = retry || waiting.isMissed;
    waiting.isMissed = false;
    if (isDue && waiting.place === 'parked') this.#requeue(waiting);
  }

  /** Pods that it may help are tried again, each after its back-off. */
  happened(event: ClusterEvent): void {
    for (const group of this.#groups.values()) {
      if (!this.#concerns(group, event)) continue;
      for (const waiting of group.pods) if (this.#helps(waiting, event)) this.#requeue(waiting);
    }
  }

  [Symbol.dispose](): void {
    this.#setTimer(undefined);
    this.#pods.clear();
    this.#groups.clear();
    this.#parked.clear();
    for (const heap of [this.#active, this.#backoff, this.#recovering]) heap.clear();
  }

  #now(): number {
    return this.#settings.clock.now();
  }

  #concerns({ schedulerName, rejectors }: Group, { on }: ClusterEvent): boolean {
    for (const plugin of rejectors) if (this.#settings.hintsOf(schedulerName, plugin)?.[on]) return true;
    return false;
  }

  #helps(waiting: Waiting, event: ClusterEvent): boolean {
    const pod = this.#settings.podOf(waiting);
    if (!pod) return false;
    for (const plugin of waiting.rejectors) {
      const hint = this.#settings.hintsOf(waiting.schedulerName, plugin)?.[event.on] as Hint | undefined;
      if (hint?.(pod, event)) return true;
    }
    return false;
  }

  #requeue(waiting: Waiting): void {
    if (waiting.isHeld) {
      waiting.isMissed = true;
      return;
    }
    this.#leave(waiting);
    if (this.#now() >= waiting.readyMs) this.#activate(waiting);
    else this.#enter(waiting, 'backoff', this.#backoff);
    this.#settings.wake();
  }

  #activate(waiting: Waiting): void {
    this.#enter(waiting, 'active', this.#active);
    this.#settings.wake();
  }

  #enter(waiting: Waiting, place: Place, heap: PriorityHeap<Ticket>): void {
    this.#order++;
    waiting.place = place;
    waiting.order = this.#order;
    heap.push({ pod: waiting, order: waiting.order });
  }

  #leave(waiting: Waiting): void {
    if (waiting.place === 'parked') {
      this.#parked.delete(waiting);
      const key = groupKey(waiting);
      const group = this.#groups.get(key);
      group?.pods.delete(waiting);
      if (group?.pods.size === 0) this.#groups.delete(key);
    }
    waiting.place = 'taken';
  }

  #park(waiting: Waiting): void {
    waiting.place = 'parked';
    this.#parked.add(waiting);
    const key = groupKey(waiting);
    const { schedulerName, rejectors } = waiting;
    const group = this.#groups.get(key) ?? { schedulerName, rejectors, pods: new Set() };
    group.pods.add(waiting);
    this.#groups.set(key, group);
    this.#wakeAt(waiting.sinceMs + LONGEST_WAIT_MS);
  }

  #back(waiting: Waiting, times: number): void {
    const { initialBackoffMs = INITIAL_BACKOFF_MS, maxBackoffMs = MAX_BACKOFF_MS } = this.#settings;
    waiting.sinceMs = this.#now();
    waiting.readyMs = waiting.sinceMs + Math.min(maxBackoffMs, initialBackoffMs * 2 ** (times - 1));
  }

  /** Those whose back-off is over become ready. */
  #ripen(heap: PriorityHeap<Ticket>, place: Place): void {
    const nowMs = this.#now();
    for (let { first } = heap; first; { first } = heap) {
      const isStale = first.pod.place !== place || first.pod.order !== first.order;
      if (!isStale && first.pod.readyMs > nowMs) return;
      heap.pop();
      if (!isStale) this.#enter(first.pod, 'active', this.#active);
    }
  }

  #wakeAt(atMs: number): void {
    if (this.#timer && this.#timer.atMs <= atMs) return;
    this.#setTimer(atMs);
  }

  #setTimer(atMs: number | undefined): void {
    this.#timer?.handle[Symbol.dispose]();
    this.#timer = undefined;
    if (atMs === undefined) return;
    const handle = this.#settings.clock.after(Math.max(0, atMs - this.#now()), () => this.#onTime());
    this.#timer = { atMs, handle };
  }

  #onTime(): void {
    this.#timer = undefined;
    const overdue = this.#now() - LONGEST_WAIT_MS;
    for (const waiting of this.#parked) {
      if (waiting.sinceMs > overdue) break;
      this.#requeue(waiting);
    }
    this.#ripen(this.#recovering, 'recovering');
    if (this.#active.first) this.#settings.wake();
    const [oldest] = this.#parked;
    const next = [oldest && oldest.sinceMs + LONGEST_WAIT_MS, this.#recovering.first?.pod.readyMs];
    const nextMs = Math.min(...next.map((atMs) => atMs ?? Infinity));
    // A held Pod that is overdue is looked at again when it is let go.
    if (nextMs > this.#now() && nextMs < Infinity) this.#wakeAt(nextMs);
  }
}

type Hint = (pod: Pod, event: ClusterEvent) => boolean;

const groupKey = ({ schedulerName, rejectors }: Waiting): string =>
  [schedulerName, ...[...rejectors].sort()].join('\n');

function isBefore(left: Waiting, right: Waiting): boolean {
  if (left.priority !== right.priority) return left.priority > right.priority;
  return left.sinceMs === right.sinceMs ? left.order < right.order : left.sinceMs < right.sinceMs;
}

function isReadyBefore(left: Waiting, right: Waiting): boolean {
  return left.readyMs === right.readyMs ? isBefore(left, right) : left.readyMs < right.readyMs;
}

function pop(heap: PriorityHeap<Ticket>, place: Place): Waiting | undefined {
  for (let ticket = heap.pop(); ticket; ticket = heap.pop()) {
    if (ticket.pod.place === place && ticket.pod.order === ticket.order) return ticket.pod;
  }
  return undefined;
}
