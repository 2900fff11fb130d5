import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import { timestamp } from '#common/base/clock';
import { isAbort } from '#common/base/errors';
import { Pods } from '#common/kube/resources';
import { isConflict, isNotFound } from '#common/kube/status-error';
import type { Container, ContainerStatus, Pod } from '#common/kube/types';
import { containerEnv, kubeletFiles, PodSources, type PodFacts } from './container-config';
import { ContainerWorker, type ContainerSetting, type Found } from './container-worker';
import { recordPodEvent, type NodeContext } from './pod-context';
import { PodResizer } from './pod-resizer';
import { podStatusOf, type PodView } from './pod-status';
import { PodVolumes } from './pod-volumes';
import { stopOrder } from './stop-order';
import type { RunningContainer } from './usage/reading';

const isEnded = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** Why a Pod ends before its containers do. */
export interface PodFailure {
  reason: string;
  message: string;
  /** How long its containers may take; their Pod's own time when absent. */
  graceMs?: number;
  /** Budgets and controllers are told that the node did it. */
  isDisruption?: boolean;
}

/** Takes one Pod that is bound to a node through its life, and reports what happens to the API server. */
export class PodWorker {
  readonly #node: NodeContext;
  readonly #found: Found;
  readonly #startTime: string;
  readonly #volumes: PodVolumes;
  readonly #resizer: PodResizer;
  /** Anew each time all containers start again. */
  #abort = new AbortController();
  #init: ContainerWorker[] = [];
  #main: ContainerWorker[] = [];
  readonly #ephemeral: ContainerWorker[] = [];
  #running: Promise<void>;
  #pod: Pod;
  #ip: string | undefined;
  #failure: PodFailure | undefined;
  #following: Disposable | undefined;
  #deadline: { seconds: number; timer: Disposable } | undefined;
  /** The end of the Pod: how long its containers still have. */
  #ending: { byMs: number } | undefined;
  #isClosed = false;
  #isOver = false;
  #reporting = false;

  constructor(node: NodeContext, pod: Pod, found: Found = 'nothing') {
    this.#node = node;
    this.#pod = pod;
    this.#found = pod.status?.startTime ? found : 'nothing';
    this.#startTime = pod.status?.startTime ?? timestamp(node.clock);
    this.#volumes = new PodVolumes({
      node,
      pod: () => this.#pod,
      facts: () => this.#facts(),
      signal: this.#abort.signal,
    });
    this.#resizer = new PodResizer({
      node,
      pod: () => this.#pod,
      container: (name) => this.container(name),
      onChange: () => this.#report(),
    });
    this.#makeWorkers(this.#found);
    this.#running = this.#watched(this.#run());
  }

  get pod(): Pod {
    return this.#pod;
  }

  get ip(): string | undefined {
    return this.#ip;
  }

  get volumes(): PodVolumes {
    return this.#volumes;
  }

  /** True when nothing of it takes room on the node any more. */
  get isOver(): boolean {
    return this.#isOver || isEnded(this.#pod);
  }

  /** The Pod with the resources that its node has agreed to. */
  get allotted(): Pod {
    return this.#resizer.allotted;
  }

  container(name: string): ContainerWorker | undefined {
    return this.#all.find((worker) => worker.name === name);
  }

  /** The containers that run now, for those who measure. */
  running(): Omit<RunningContainer, 'pod' | 'extra'>[] {
    return this.#all.flatMap(({ name, current, status, memoryLimit, probeResults }) => {
      const startedAt = status.state?.running?.startedAt;
      if (!current || !startedAt) return [];
      return [{ name, container: current, startedAtMs: Date.parse(startedAt), memoryLimit, probeResults }];
    });
  }

  /** A connection to whichever container listens on the port. */
  dial(port: number, from?: string): Duplex | undefined {
    for (const { current } of this.#all) {
      const connection = current?.dial(port, from);
      if (connection) return connection;
    }
    return undefined;
  }

  update(pod: Pod): void {
    const before = this.#pod;
    this.#pod = pod;
    // A mirror that was made anew knows nothing yet.
    if (pod.metadata.uid !== before.metadata.uid) this.#report();
    if (pod.metadata.deletionTimestamp) {
      this.#terminate();
      return;
    }
    if (isEnded(pod) && !this.#isOver && !this.#failure) this.#endedByOthers(pod);
    if (pod.spec === before.spec || pod.metadata.generation === before.metadata.generation) return;
    this.#startEphemeral();
    this.#armDeadline();
    this.#resizer.consider();
    for (const container of pod.spec.containers) this.container(container.name)?.change(container);
    this.#report();
  }

  /** Takes another look at what had no room before. */
  reconsider(): void {
    this.#resizer.consider();
  }

  /** The kubelet is back: says how things are, and does what it missed. */
  resume(pod: Pod): void {
    this.update(pod);
    this.#report();
    void this.#watched(this.#volumes.catchUp());
  }

  /** Ends the Pod for a reason of its own; it stays, as Failed. */
  fail(failure: PodFailure): void {
    if (this.#failure || this.#isOver) return;
    this.#failure = failure;
    const { graceMs = this.#graceMs() } = failure;
    this.#report();
    void this.#watched(this.#stopAll(graceMs).then(() => this.#settle()));
  }

  /** Ends everything without a word to the server: the Pod is gone, or the kubelet stops. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#abort.abort();
    for (const worker of this.#all) worker.kill();
    this.#release();
    await this.#running;
    await this.#volumes.unmount();
  }

  get #all(): ContainerWorker[] {
    return [...this.#main, ...this.#init, ...this.#ephemeral];
  }

  async #run(): Promise<void> {
    if (isEnded(this.#pod)) {
      this.#isOver = true;
      if (this.#pod.metadata.deletionTimestamp) this.#terminate();
      return;
    }
    if (this.#pod.metadata.deletionTimestamp) {
      this.#terminate();
      return;
    }
    if (this.#reject()) return;
    this.#armDeadline();
    this.#report();
    await this.#volumes.mount();
    if (this.#abort.signal.aborted) return;
    if (this.#found !== 'nothing') this.#event('Normal', 'SandboxChanged', SANDBOX_CHANGED);
    this.#takeAddress();
    this.#following = this.#node.follow(this.#pod, (kind, name) => this.#volumes.refresh(kind, name));
    this.#report();
    this.#startEphemeral();
    await this.#runContainers();
  }

  async #runContainers(): Promise<void> {
    const { signal } = this.#abort;
    for (const worker of this.#init) {
      const running = worker.run();
      if (this.#isSidecar(worker)) {
        running.catch(() => undefined);
        await Promise.race([worker.started, running]);
      } else await running;
      if (signal.aborted) return;
      if (worker.sequel === 'restart-all') return this.#restartAll();
      if (!this.#isSidecar(worker) && worker.status.state?.terminated?.exitCode !== 0) return this.#over();
    }
    await Promise.all(this.#main.map((worker) => worker.run()));
    if (signal.aborted) return;
    if (this.#main.some(({ sequel }) => sequel === 'restart-all')) return this.#restartAll();
    return this.#over();
  }

  /** All containers are through; those that ran beside them end after them, the last that started first. */
  async #over(): Promise<void> {
    await this.#stopAll(this.#graceMs());
    this.#settle();
  }

  async #restartAll(): Promise<void> {
    await this.#stopAll(this.#graceMs());
    if (this.#ending || this.#failure || this.#isClosed) return;
    this.#abort = new AbortController();
    this.#makeWorkers('restarted');
    this.#report();
    await this.#runContainers();
  }

  /** Says at once that the node does not take the Pod. */
  #reject(): boolean {
    // What ran here before was taken before.
    const refusal = this.#pod.status?.startTime ? undefined : this.#node.admits(this.#pod);
    if (!refusal) return false;
    this.#isOver = true;
    this.#event('Warning', refusal.reason, refusal.message);
    const { qosClass } = this.#pod.status ?? {};
    const status = { phase: 'Failed', reason: refusal.reason, message: `Pod was rejected: ${refusal.message}` };
    const generation = this.#pod.metadata.generation;
    void this.#node.statuses.write(this.#pod, {
      ...status,
      ...(qosClass ? { qosClass } : {}),
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      startTime: this.#startTime,
    });
    return true;
  }

  #takeAddress(): void {
    const known = this.#found === 'nothing' ? this.#pod.status?.podIP : undefined;
    if (this.#pod.spec.hostNetwork) this.#ip = this.#node.ip;
    else if (known) {
      this.#node.addresses.claim(known);
      this.#ip = known;
    } else this.#ip = this.#node.addresses.take();
  }

  #release(): void {
    if (this.#ip && !this.#pod.spec.hostNetwork) this.#node.addresses.release(this.#ip);
    this.#ip = undefined;
    this.#following?.[Symbol.dispose]();
    this.#deadline?.timer[Symbol.dispose]();
  }

  /** The Pod is being deleted: with less time than before perhaps. */
  #terminate(): void {
    if (this.#isClosed) return;
    const byMs = this.#node.clock.now() + this.#deletionGraceMs();
    if (this.#ending) {
      if (byMs < this.#ending.byMs) void this.#watched(this.#stopAll(this.#deletionGraceMs()));
      this.#ending.byMs = Math.min(byMs, this.#ending.byMs);
      return;
    }
    this.#ending = { byMs };
    void this.#watched(this.#end());
  }

  async #end(): Promise<void> {
    await this.#stopAll(this.#deletionGraceMs());
    await this.#node.power.untilOn(new AbortController().signal);
    if (this.#isClosed) return;
    if (!isEnded(this.#pod)) await this.#node.statuses.write(this.#pod, this.#status());
    this.#isClosed = true;
    this.#release();
    await this.#volumes.unmount();
    const { name, namespace, uid } = this.#pod.metadata;
    try {
      await this.#node.client.remove(Pods, { name, namespace }, { gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (failure) {
      // Gone already, or another Pod has taken the name.
      if (!isNotFound(failure) && !isConflict(failure)) this.#node.report(failure);
    }
  }

  /** Stops what runs, each in its turn, and lets nothing start again. */
  async #stopAll(graceMs: number): Promise<void> {
    this.#abort.abort();
    const running = this.#all.filter(({ isRunning }) => isRunning);
    const order = stopOrder(
      this.#pod,
      running.map(({ name }) => name),
    );
    await Promise.all(
      running.map(async (worker) => {
        await worker.stop({ graceMs, turn: order.turnOf(worker.name) });
        order.hasEnded(worker.name);
      }),
    );
    for (const worker of this.#all) worker.kill();
    if (!this.#ending) await this.#node.power.untilOn(new AbortController().signal);
  }

  /** Someone else has ended the Pod: its containers follow. */
  #endedByOthers({ status }: Pod): void {
    this.#isOver = true;
    this.#failure = { reason: status?.reason ?? '', message: status?.message ?? '' };
    const stopped = this.#stopAll(this.#graceMs()).then(() => this.#release());
    void this.#watched(stopped.then(() => this.#volumes.unmount()));
  }

  /** Nothing of it will run again. */
  #settle(): void {
    this.#isOver = true;
    this.#report();
    this.#deadline?.timer[Symbol.dispose]();
    if (this.#ending) return;
    this.#release();
    void this.#watched(this.#volumes.unmount());
  }

  #armDeadline(): void {
    const { activeDeadlineSeconds: seconds } = this.#pod.spec;
    if (seconds === undefined || this.#deadline?.seconds === seconds) return;
    this.#deadline?.timer[Symbol.dispose]();
    const leftMs = Date.parse(this.#startTime) + seconds * 1000 - this.#node.clock.now();
    const timer = this.#node.clock.after(Math.max(0, leftMs), () => {
      this.#event('Normal', 'DeadlineExceeded', DEADLINE_EXCEEDED);
      this.fail({ reason: 'DeadlineExceeded', message: DEADLINE_EXCEEDED });
    });
    this.#deadline = { seconds, timer };
  }

  /** Posts the status at the end of this turn: what changes together is written once. */
  #report(): void {
    if (this.#reporting || this.#isClosed) return;
    this.#reporting = true;
    setImmediate(() => {
      this.#reporting = false;
      if (this.#isClosed || !this.#node.power.isOn) return;
      void this.#node.statuses.write(this.#pod, this.#status());
    });
  }

  #status() {
    const view: PodView = {
      hostIP: this.#node.ip,
      podIP: this.#ip,
      startTime: this.#startTime,
      initContainers: this.#init.map((worker) => worker.status),
      containers: this.#main.map((worker) => worker.status),
      ephemeralContainers: this.#ephemeral.map((worker) => worker.status),
      isTerminal: this.#ending !== undefined || this.#failure !== undefined,
      resize: this.#resizer.state,
      ...(this.#failure ? { failure: this.#failure } : {}),
    };
    return podStatusOf(this.#pod, view, timestamp(this.#node.clock));
  }

  #makeWorkers(found: Found): void {
    setMaxListeners(0, this.#abort.signal);
    const { initContainers = [], containers } = this.#pod.spec;
    const status = this.#pod.status ?? {};
    const before = found === 'restarted' ? this.#status() : status;
    this.#init = initContainers.map((each) =>
      this.#worker(each, 'init', { found, statuses: before.initContainerStatuses }),
    );
    this.#main = containers.map((each) => this.#worker(each, 'main', { found, statuses: before.containerStatuses }));
  }

  #worker(
    container: Container,
    role: 'init' | 'main' | 'ephemeral',
    { found, statuses }: { found: Found; statuses: ContainerStatus[] | undefined },
  ): ContainerWorker {
    return new ContainerWorker({
      node: this.#node,
      pod: () => this.#pod,
      container,
      role,
      found,
      setting: () => this.#setting(container),
      onChange: () => this.#report(),
      previous: statuses?.find(({ name }) => name === container.name),
      signal: this.#abort.signal,
    });
  }

  /** Containers for looking around start when they are added, once. */
  #startEphemeral(): void {
    if (this.#ip === undefined) return;
    for (const spec of this.#pod.spec.ephemeralContainers ?? []) {
      if (this.#ephemeral.some(({ name }) => name === spec.name)) continue;
      const statuses = this.#pod.status?.ephemeralContainerStatuses;
      const worker = this.#worker(spec, 'ephemeral', { found: this.#found, statuses });
      this.#ephemeral.push(worker);
      void this.#watched(worker.run());
    }
  }

  #isSidecar({ name }: ContainerWorker): boolean {
    return this.#pod.spec.initContainers?.find((each) => each.name === name)?.restartPolicy === 'Always';
  }

  #graceMs(): number {
    return (this.#pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
  }

  #deletionGraceMs(): number {
    return (this.#pod.metadata.deletionGracePeriodSeconds ?? 30) * 1000;
  }

  #facts(): PodFacts {
    const { ip: hostIP, name: nodeName } = this.#node;
    const namespace = this.#pod.metadata.namespace ?? 'default';
    return {
      pod: this.#pod,
      podIP: this.#ip ?? '',
      hostIP,
      nodeName,
      allocatable: this.#node.node()?.status?.allocatable,
      services: this.#node.network.serviceEnvironment(namespace, this.#pod.spec.enableServiceLinks !== false),
      fileOf: (volume, path) => this.#fileOf(volume, path),
    };
  }

  async #fileOf(name: string, path: string): Promise<string | undefined> {
    const mounted = this.#volumes.mounted.get(name);
    const fs = await mounted?.volume.fs();
    const place = `/${path}`;
    return fs && (await fs.exists(place)) ? fs.readFile(place) : undefined;
  }

  async #setting(container: Container): Promise<ContainerSetting> {
    const facts = this.#facts();
    const sources = new PodSources(this.#node.client, this.#pod.metadata.namespace ?? 'default', this.#abort.signal);
    const hostname = this.#pod.spec.hostname ?? this.#pod.metadata.name;
    const env = await containerEnv(container, sources, facts);
    const { podIP } = facts;
    return {
      env,
      files: () => kubeletFiles({ pod: this.#pod, podIP }, hostname),
      mounts: this.#volumes.mountsOf(container, env),
      hostname,
      ip: facts.podIP,
    };
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    recordPodEvent(this.#node, this.#pod, { type, reason, message });
  }

  /** Lets what goes on be followed without anybody waiting for it. */
  #watched(work: Promise<void>): Promise<void> {
    return work.catch((failure) => {
      if (!isAbort(failure) && !this.#abort.signal.aborted) this.#node.report(failure);
    });
  }
}

const SANDBOX_CHANGED = 'Pod sandbox changed, it will be killed and re-created.';
const DEADLINE_EXCEEDED = 'Pod was active on the node longer than the specified deadline';
