import { timestamp, type Clock } from '#common/base/clock';
import { randomUuid } from '#common/base/random';
import { Nodes } from '#common/kube/resources';
import { isNotFound } from '#common/kube/status-error';
import type { ContainerImage, Node, NodeCondition, Pod } from '#common/kube/types';
import { EvictionManager } from './eviction-manager';
import type { EventNote } from './event-writer';
import { ImagePuller } from './image-puller';
import { ImageReport, knownImages, reportedImages } from './image-report';
import { NodeDoor } from './node-door';
import { dropLease, keepLease } from './node-leases';
import { nodeConditions } from './node-object';
import { NodeConsole } from './node-console';
import { NodePower } from './node-power';
import { refusalOf, shortageOf, type PodRefusal } from './pod-admission';
import type { NodeContext } from './pod-context';
import { PodWorker } from './pod-worker';
import type { Found } from './container-worker';
import { VolumesInUse } from './volumes-in-use';
import type { NodeReading } from './usage/reading';

/** What all kubelets of a cluster have in common. */
export type SharedContext = Pick<
  NodeContext,
  'client' | 'clock' | 'random' | 'events' | 'statuses' | 'network' | 'volumes' | 'csiDriver' | 'follow' | 'report'
>;

export interface KubeletOptions {
  shared: SharedContext;
  name: string;
  ip: string;
  addresses: NodeContext['addresses'];
  node: () => Node | undefined;
  pods: () => readonly Pod[];
  read: () => Promise<NodeReading | undefined>;
  /** The images that are on the node already. */
  images: ContainerImage[] | undefined;
  /** What became of the containers that ran before this kubelet. */
  found: Found;
  /** The console of another node. */
  other: (name: string) => NodeConsole | undefined;
  /** Aborts when the cluster ends. */
  signal: AbortSignal;
}

/** The kubelet of one node. */
export class Kubelet {
  readonly context: NodeContext;
  readonly door: NodeDoor;
  readonly eviction: EvictionManager;
  readonly console: NodeConsole;
  readonly #options: KubeletOptions;
  readonly #workers = new Map<string, PodWorker>();
  readonly #imageReport: ImageReport;
  #startedAtMs: number;
  #found: Found;
  /** Pods that went away while the kubelet was down. */
  readonly #missed = new Map<string, Pod>();

  constructor(options: KubeletOptions) {
    const { shared, name, ip, addresses, node } = options;
    this.#options = options;
    this.#found = options.found;
    this.#startedAtMs = shared.clock.now();
    const { other, signal } = options;
    this.#imageReport = new ImageReport(shared.clock, () => void this.#postImages());
    this.console = new NodeConsole({ kubelet: this, other, clock: shared.clock, signal, report: shared.report });
    this.context = {
      ...shared,
      name,
      ip,
      addresses,
      node,
      images: new ImagePuller({
        ...shared,
        present: knownImages(options.images),
        changed: () => this.#imageReport.changed(),
      }),
      power: new NodePower(),
      admits: (pod) => this.#refusal(pod),
      pressure: () => this.eviction.wake(),
      console: this.console,
      volumesInUse: new VolumesInUse({
        nodeName: name,
        client: shared.client,
        reported: () => node()?.status?.volumesInUse ?? [],
        isOn: () => this.isOn,
        signal,
      }),
    };
    this.eviction = new EvictionManager({
      context: this.context,
      workers: () => this.#workers.values(),
      read: options.read,
      pressed: (pressures) => this.#pressed(pressures),
    });
    this.door = new NodeDoor(({ uid }) => this.#workers.get(uid), {
      node: { ip, isOn: () => this.context.power.isOn },
      pages: { read: options.read, pods: options.pods, now: () => shared.clock.now() },
    });
  }

  get startedAtMs(): number {
    return this.#startedAtMs;
  }

  get isOn(): boolean {
    return this.context.power.isOn;
  }

  worker(uid: string): PodWorker | undefined {
    return this.#workers.get(uid);
  }

  /** Tells a Pod's worker, or takes the Pod on. */
  changed(pod: Pod): void {
    if (!this.isOn) return;
    const { uid } = pod.metadata;
    const worker = this.#workers.get(uid);
    if (worker) worker.update(pod);
    else this.#workers.set(uid, new PodWorker(this.context, pod, this.#found));
    this.eviction.consider(pod);
  }

  /** The Pod runs on under another name of its mirror. */
  adopt(uid: string, worker: PodWorker): void {
    this.#workers.set(uid, worker);
  }

  /** The worker of a Pod that is gone; a kubelet that is down does not know yet. */
  removed(pod: Pod): PodWorker | undefined {
    const { uid } = pod.metadata;
    const worker = this.#workers.get(uid);
    if (worker && !this.isOn) {
      this.#missed.set(uid, pod);
      return undefined;
    }
    this.#workers.delete(uid);
    for (const other of this.#workers.values()) other.reconsider();
    return worker;
  }

  /** The process of the kubelet ends; its containers go on. */
  async stop(): Promise<void> {
    if (!this.isOn) return;
    this.context.power.off();
    await this.#lease(dropLease);
  }

  /** The kubelet comes back: finds its containers, and what it has missed. */
  async start(): Promise<void> {
    if (this.isOn) return;
    this.#startedAtMs = this.context.clock.now();
    this.context.power.on();
    await this.#lease(keepLease);
    this.#event({ type: 'Normal', reason: 'Starting', message: 'Starting kubelet.' });
    for (const uid of this.#missed.keys()) {
      this.#workers
        .get(uid)
        ?.close()
        .catch((failure) => this.context.report(failure));
      this.#workers.delete(uid);
    }
    this.#missed.clear();
    for (const pod of this.#options.pods()) {
      const worker = this.#workers.get(pod.metadata.uid);
      if (worker) worker.resume(pod);
      else this.changed(pod);
    }
    this.#found = 'nothing';
    await this.context.volumesInUse.publish();
    await this.#isReady();
    this.#imageReport.changed();
  }

  /** What the runtime of the node runs: id, image, state, name, Pod. */
  containers(): string[][] {
    return [...this.#workers.values()].flatMap(({ pod }) => {
      const statuses = pod.status?.containerStatuses ?? [];
      return statuses.flatMap(({ name, containerID = '', image, state }) =>
        state?.running ? [[containerID.slice(13, 26), image, 'Running', name, pod.metadata.name]] : [],
      );
    });
  }

  /** The runtime loses what it ran: the kubelet finds nothing when it comes back. */
  async forgetContainers(): Promise<void> {
    const workers = [...this.#workers.values()];
    this.#workers.clear();
    await Promise.all(workers.map((worker) => worker.close()));
    this.#found = 'lost';
    if (!this.isOn) return;
    for (const pod of this.#options.pods()) this.changed(pod);
    this.#found = 'nothing';
  }

  /** The machine goes down: nothing runs any more, and nobody is told. */
  async crash(): Promise<void> {
    await this.stop();
    const workers = [...this.#workers.values()];
    this.#workers.clear();
    this.#missed.clear();
    await Promise.all(workers.map((worker) => worker.close()));
  }

  /** The machine starts anew after a crash; a lost runtime knows none of the containers of before. */
  async boot(found: Found = 'rebooted'): Promise<void> {
    const { client, random, name } = this.context;
    this.#found = found;
    const bootID = randomUuid(random);
    await this.start();
    const status = { nodeInfo: { bootID } };
    await client.patch(Nodes, { name }, { type: 'strategic', patch: { status } }, { subresource: 'status' });
    const message = `Node ${name} has been rebooted, boot id: ${bootID}`;
    this.#event({ type: 'Warning', reason: 'Rebooted', message });
    this.#found = 'nothing';
  }

  async close(): Promise<void> {
    this.eviction.close();
    this.#imageReport[Symbol.dispose]();
    const workers = [...this.#workers.values()];
    this.#workers.clear();
    await Promise.all(workers.map((worker) => worker.close()));
  }

  /** From now on the Pods it meets are new ones. */
  settle(): void {
    this.#found = 'nothing';
    this.context.volumesInUse.publish().catch(this.context.report);
  }

  /** What this kubelet says of its node. */
  conditions(now: string): NodeCondition[] {
    return nodeConditions(now, this.eviction.pressures);
  }

  async #lease(write: typeof keepLease): Promise<void> {
    const { client, clock } = this.context;
    const node = this.#options.node();
    if (node) await write(node, { client, clock, signal: this.#options.signal });
  }

  async #isReady(): Promise<void> {
    const { clock, name } = this.context;
    const node = this.#options.node();
    const wasReady = node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
    await this.#postConditions(clock);
    if (!wasReady)
      this.#event({ type: 'Normal', reason: 'NodeReady', message: `Node ${name} status is now: NodeReady` });
  }

  async #pressed(pressures: ReadonlySet<string>): Promise<void> {
    for (const type of PRESSURES) {
      const isUnder = pressures.has(type);
      const had = this.#options.node()?.status?.conditions?.find((one) => one.type === type)?.status === 'True';
      if (isUnder === had) continue;
      const reason = `NodeHas${isUnder ? UNDER[type] : OVER[type]}`;
      const message = `Node ${this.context.name} status is now: ${reason}`;
      this.#event({ type: 'Normal', reason, message });
    }
    await this.#postConditions(this.context.clock);
  }

  async #postConditions(clock: Clock): Promise<void> {
    const now = timestamp(clock);
    const before = this.#options.node()?.status?.conditions ?? [];
    const conditions = this.conditions(now).map((condition) => {
      const same = before.find(({ type, status }) => type === condition.type && status === condition.status);
      return { ...condition, lastTransitionTime: same?.lastTransitionTime ?? now };
    });
    await this.#postStatus({ conditions });
  }

  /** A kubelet that is down says it when it is back. */
  async #postImages(): Promise<void> {
    const images = reportedImages(this.context.images.list());
    if (this.isOn) await this.#postStatus({ images: images.length > 0 ? images : null });
  }

  async #postStatus(status: object): Promise<void> {
    const { client, name } = this.context;
    try {
      await client.patch(Nodes, { name }, { type: 'strategic', patch: { status } }, { subresource: 'status' });
    } catch (failure) {
      if (!isNotFound(failure) && !this.#options.signal.aborted) this.context.report(failure);
    }
  }

  #refusal(pod: Pod): PodRefusal | undefined {
    const node = this.#options.node();
    if (!node) return undefined;
    const others: Pod[] = [];
    for (const worker of this.#workers.values()) {
      if (worker.pod.metadata.uid !== pod.metadata.uid && !worker.isOver) others.push(worker.allotted);
    }
    const isKnown = this.#workers.has(pod.metadata.uid);
    const refusal = isKnown ? shortageOf(pod, node, others) : refusalOf(pod, node, others);
    return refusal ?? (isKnown ? undefined : this.eviction.refusalOf(pod));
  }

  #event(note: EventNote): void {
    const { events, name } = this.context;
    events.record(name, { kind: 'Node', name, uid: name, apiVersion: 'v1' }, note);
  }
}

const PRESSURES = ['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;
const UNDER = {
  MemoryPressure: 'InsufficientMemory',
  DiskPressure: 'DiskPressure',
  PIDPressure: 'InsufficientPID',
} as const;
const OVER = {
  MemoryPressure: 'SufficientMemory',
  DiskPressure: 'NoDiskPressure',
  PIDPressure: 'SufficientPID',
} as const;
