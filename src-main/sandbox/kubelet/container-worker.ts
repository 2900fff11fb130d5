import { formatTime, sleep } from '#common/base/clock';
import { messageOf } from '#common/base/errors';
import { randomInt } from '#common/base/random';
import { quantityNumber } from '#common/kube/quantity';
import type {
  Container as ContainerSpecObject,
  ContainerState,
  ContainerStatus,
  ContainerUser,
  Pod,
  ResourceRequirements,
} from '#common/kube/types';
import { Container, type ContainerExit } from '../containers/container';
import type { ContainerMount } from '../containers/container-files';
import type { ImageProfile } from '../containers/image-profile';
import { ContainerConfigError, expand } from './container-config';
import { ContainerImage } from './container-image';
import { ContainerProbes } from './container-probes';
import { containerStatusOf, LOST_STATE } from './container-status';
import { runHook } from './lifecycle-hooks';
import { recordPodEvent, type NodeContext } from './pod-context';
import { failuresAfter, goSeconds, restartDelayMs, sequelOf, type Sequel } from './restart-policy';
import { containerUser, rootRefusal, runAsUser } from './security-context';
import { terminationMessage } from './termination-message';

/** Everything of a container that is known only when it starts. */
export interface ContainerSetting {
  env: Record<string, string>;
  files: () => Record<string, string>;
  mounts: ContainerMount[];
  hostname: string;
  ip: string;
}

/** What became of the containers of a Pod that its kubelet finds when it starts. */
export type Found = 'nothing' | 'rebooted' | 'lost' | 'restarted';

export interface ContainerWorkerOptions {
  node: NodeContext;
  pod: () => Pod;
  container: ContainerSpecObject;
  role: 'init' | 'main' | 'ephemeral';
  setting: () => Promise<ContainerSetting>;
  onChange: () => void;
  /** The status that a kubelet before this one left. */
  previous: ContainerStatus | undefined;
  found: Found;
  signal: AbortSignal;
}

/** How long a kubelet waits before it looks again for what a container lacked. */
const CONFIG_RETRY_MS = 10_000;
/** A kubelet sees that a container has ended when it next lists them. */
const RELIST_MS = 1000;
/** No container is killed without this much time to end by itself (minimumGracePeriodInSeconds). */
const SHORTEST_GRACE_MS = 2000;
/** What containerd says of a process that a reboot has taken. */
const REBOOT_EXIT = 255;

export interface StopOptions {
  graceMs: number;
  /** The words of the event. */
  message?: string;
  /** Waited for between the hook and the signal: the turn of this container among the others. */
  turn?: Promise<void> | undefined;
}

/** One container of a Pod through all its runs. */
export class ContainerWorker {
  readonly name: string;
  readonly #options: ContainerWorkerOptions;
  readonly #probes: ContainerProbes;
  readonly #image: ContainerImage;
  #spec: ContainerSpecObject;
  #state: ContainerState;
  #lastState: ContainerState = {};
  #restartCount = 0;
  #failures = 0;
  #containerID: string | undefined;
  #user: ContainerUser | undefined;
  #resources: ResourceRequirements | undefined;
  #current: Container | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #before: Container | undefined;
  #sequel: Sequel | undefined;
  #hasStarted = false;
  #started: { promise: Promise<void>; resolve: () => void } | undefined;

  constructor(options: ContainerWorkerOptions) {
    this.#options = options;
    this.#spec = options.container;
    this.name = options.container.name;
    const waits = options.role === 'main' && (options.pod().spec.initContainers ?? []).length > 0;
    this.#state = { waiting: { reason: waits ? 'PodInitializing' : 'ContainerCreating' } };
    const { node } = options;
    this.#image = new ContainerImage({
      node,
      pod: options.pod,
      container: options.container,
      signal: options.signal,
      become: (state) => this.#become(state),
      event: (type, reason, message) => this.#event(type, reason, message),
    });
    this.#probes = new ContainerProbes({
      clock: node.clock,
      container: options.container,
      isLooking: () => node.power.isOn,
      onChange: () => this.#probed(),
      onEvent: (reason, message) => this.#event('Warning', reason, message),
      onKill: (kind) => this.#unhealthy(kind),
    });
    if (options.previous?.containerID) this.#takeUp(options.previous);
  }

  /** Resolves when the container has started for the first time (and its startup probe succeeded). */
  get started(): Promise<void> {
    this.#started ??= withResolver();
    if (this.#hasStarted) this.#started.resolve();
    return this.#started.promise;
  }

  #onStarted(): void {
    this.#hasStarted = true;
    this.#started?.resolve();
  }

  get current(): Container | undefined {
    return this.#current;
  }

  get before(): Container | undefined {
    return this.#before;
  }

  get probeResults(): ReadonlyMap<string, number> {
    return this.#probes.results;
  }

  get memoryLimit(): string | undefined {
    return this.#resources?.limits?.['memory'];
  }

  get isRunning(): boolean {
    return this.#state.running !== undefined;
  }

  /** What its last end leads to; nothing while it has not ended. */
  get sequel(): Sequel | undefined {
    return this.#sequel;
  }

  get status(): ContainerStatus {
    const { role } = this.#options;
    const done = role === 'init' && this.#state.terminated?.exitCode === 0;
    return containerStatusOf({
      container: this.#spec,
      state: this.#state,
      lastState: this.#lastState,
      restartCount: this.#restartCount,
      ready: done || (this.isRunning && this.#probes.ready),
      started: this.isRunning && this.#probes.started,
      image: this.#image.identity,
      containerID: this.#containerID,
      user: this.#user,
      resources: this.#resources,
    });
  }

  /** Runs the container as often as its policy says; resolves when it will not run again. */
  async run(): Promise<void> {
    const { signal, node } = this.#options;
    while (!signal.aborted && this.#sequel !== 'end') {
      await node.power.untilOn(signal);
      const profile = await this.#image.ensure(this.#spec);
      if (!profile) continue;
      const container = await this.#create(profile);
      if (!container) continue;
      if (!(await this.#runOnce(container, profile))) return;
    }
  }

  /** Ends the process at once, without a word: the Pod is gone, or the node. */
  kill(): void {
    this.#probes.stop();
    this.#current?.kill();
  }

  /** Ends the current run as a kubelet does it: hook, signal, and after the grace the kill. Resolves when it has ended. */
  async stop({ graceMs, message, turn }: StopOptions): Promise<void> {
    const container = this.#current;
    if (!container || !this.isRunning) return;
    const { clock } = this.#options.node;
    const deadlineMs = clock.now() + graceMs;
    this.#event('Normal', 'Killing', message ?? `Stopping container ${this.name}`);
    const { preStop } = this.#spec.lifecycle ?? {};
    if (preStop && graceMs > 0) {
      const hook = this.#hook(preStop, container).then((failure) => {
        if (failure !== undefined) this.#event('Warning', 'FailedPreStopHook', 'PreStopHook failed');
      });
      await this.#within(deadlineMs - clock.now(), hook);
    }
    if (turn) await this.#within(deadlineMs - clock.now(), turn);
    const leftMs = Math.max(SHORTEST_GRACE_MS, deadlineMs - clock.now());
    container.signal(this.#spec.lifecycle?.stopSignal ?? 'SIGTERM');
    await this.#within(leftMs, this.#running);
    container.kill();
    await this.#running;
  }

  /** The spec changed while it runs: another image starts it anew, other resources count from now on. */
  change(spec: ContainerSpecObject): void {
    const isOther = spec.image !== this.#spec.image && this.isRunning;
    this.#spec = spec;
    if (isOther) void this.#restart(`Container ${this.name} definition changed, will be restarted`);
  }

  /** Gives the running container other resources; the kernel does not take less memory than it holds. */
  resize(resources: ResourceRequirements, { restarts }: { restarts: boolean }): void {
    this.#resources = resources;
    const { cpu, memory } = resources.limits ?? {};
    if (restarts) void this.#restart(`Container ${this.name} resize requires restart`);
    else this.#current?.limit({ cpu: limitOf(cpu), memory: limitOf(memory) });
    this.#options.onChange();
  }

  /** What a kubelet knows of a container that ran before: the Pod's containers start anew, if they may. */
  #takeUp(previous: ContainerStatus): void {
    const { found } = this.#options;
    const { state, lastState = {}, restartCount } = previous;
    const ended = this.#endOf(previous);
    const exitCode = ended.terminated?.exitCode ?? 0;
    if (found !== 'restarted' && sequelOf(this.#spec, this.#policy(), exitCode) === 'end') {
      this.#sequel = 'end';
      this.#state = ended;
      this.#restartCount = restartCount;
      this.#containerID = previous.containerID;
      this.#onStarted();
      return;
    }
    this.#restartCount = restartCount + 1;
    this.#lastState = state?.running || state?.terminated ? ended : lastState;
  }

  /** How the run of before has ended. */
  #endOf(previous: ContainerStatus): ContainerState {
    const { found } = this.#options;
    if (previous.state?.terminated) return { terminated: previous.state.terminated };
    if (!previous.state?.running) return previous.lastState ?? {};
    return found === 'lost' ? LOST_STATE : this.#endedByReboot(previous);
  }

  /** containerd finds the process of before gone, and does not know how it ended. */
  #endedByReboot({ state, containerID }: ContainerStatus): ContainerState {
    const now = formatTime(this.#options.node.clock.now());
    const startedAt = state?.running?.startedAt ?? now;
    const ended = { exitCode: REBOOT_EXIT, reason: 'Unknown', startedAt, finishedAt: now };
    return { terminated: containerID ? { ...ended, containerID } : ended };
  }

  async #create(profile: ImageProfile): Promise<Container | undefined> {
    const { node, pod, signal } = this.#options;
    try {
      const refusal = rootRefusal(pod(), this.#spec, profile);
      if (refusal) throw new ContainerConfigError(refusal);
      const setting = await this.#options.setting();
      const nothing = nothingToRun(this.#spec, profile);
      if (!nothing) return new Container(this.#containerSpec(profile, setting));
      this.#cannot('CreateContainerError', nothing);
    } catch (failure) {
      if (!(failure instanceof ContainerConfigError)) throw failure;
      this.#cannot('CreateContainerConfigError', failure.message);
    }
    await sleep(node.clock, CONFIG_RETRY_MS, signal);
    return undefined;
  }

  #cannot(reason: string, message: string): void {
    this.#event('Warning', 'Failed', `Error: ${message}`);
    this.#become({ waiting: { reason, message } });
  }

  #containerSpec(profile: ImageProfile, setting: ContainerSetting) {
    const { node, pod } = this.#options;
    const container = this.#spec;
    const { cpu, memory } = container.resources?.limits ?? {};
    const { hostPID, shareProcessNamespace } = pod().spec;
    // Spread out, the setting would give every container a shape of its own, of a kilobyte.
    return {
      env: setting.env,
      files: setting.files,
      mounts: setting.mounts,
      hostname: setting.hostname,
      ip: setting.ip,
      profile,
      command: container.command?.map((word) => expand(word, setting.env)),
      args: container.args?.map((word) => expand(word, setting.env)),
      workingDir: container.workingDir,
      stdin: container.stdin === true,
      tty: container.tty === true,
      clock: node.clock,
      network: node.network.of(setting.ip, pod),
      user: runAsUser(pod(), container, profile),
      readOnly: container.securityContext?.readOnlyRootFilesystem === true,
      sharesProcesses: hostPID === true || shareProcessNamespace === true,
      declaredPorts: declaredPorts(container),
      isTask: this.#isTask(),
      cpuLimit: limitOf(cpu),
      memoryLimit: limitOf(memory),
      onMuch: () => node.pressure(),
      host: hasHost(pod(), container) ? node.console : undefined,
    };
  }

  /** One run; true when another follows. */
  async #runOnce(container: Container, profile: ImageProfile): Promise<boolean> {
    const { node, signal, pod } = this.#options;
    if (this.#current) {
      this.#before = this.#current;
      this.#restartCount++;
    }
    this.#current = container;
    this.#sequel = undefined;
    this.#containerID = `containerd://${hexId(node)}`;
    this.#user = containerUser(pod(), this.#spec, profile);
    this.#resources = this.#spec.resources ?? {};
    this.#event('Normal', 'Created', 'Container created');
    const running = this.#untilOver(container);
    this.#running = running;
    const terminated = await running;
    if (signal.aborted || this.#sequel !== 'restart') return false;
    await sleep(node.clock, RELIST_MS, signal).catch(() => undefined);
    await node.power.untilOn(signal);
    if (signal.aborted) return false;
    this.#lastState = terminated;
    await this.#backOff();
    return !signal.aborted;
  }

  /** Runs the container to its end and says how it ended. */
  async #untilOver(container: Container): Promise<ContainerState> {
    const { node, signal, role } = this.#options;
    const startedAtMs = node.clock.now();
    const exit = await this.#process(container, startedAtMs);
    this.#probes.stop();
    const finishedAtMs = node.clock.now();
    const terminated = await this.#terminatedState(container, exit, { startedAtMs, finishedAtMs });
    this.#failures = failuresAfter(this.#failures, finishedAtMs - startedAtMs);
    const policy = this.#policy();
    const isDone = role === 'init' && policy !== 'Always' && exit.exitCode === 0;
    this.#sequel = isDone ? 'end' : sequelOf(this.#spec, policy, exit.exitCode);
    if (exit.startError !== undefined && !signal.aborted && this.#sequel === 'restart') {
      this.#lastState = terminated;
      this.#become({ waiting: { reason: 'RunContainerError', message: exit.startError } });
    } else this.#become(terminated);
    return terminated;
  }

  /** Init containers are tried again until they succeed, unless the Pod never tries again. */
  #policy(): string {
    const { role, pod } = this.#options;
    const { restartPolicy = 'Always' } = pod().spec;
    if (role === 'ephemeral') return 'Never';
    if (role === 'init' && restartPolicy === 'Always' && this.#spec.restartPolicy === undefined) return 'OnFailure';
    return this.#spec.restartPolicy ?? restartPolicy;
  }

  /** Nobody waits for a port of it, and somebody waits for its end: an init container, the Pod of a Job. */
  #isTask(): boolean {
    return this.#options.role !== 'ephemeral' && this.#policy() !== 'Always' && declaredPorts(this.#spec).length === 0;
  }

  async #process(container: Container, startedAtMs: number): Promise<ContainerExit> {
    const startError = await container.startError();
    if (startError !== undefined) {
      this.#event('Warning', 'Failed', `Error: ${startError}`);
      container.log.close();
      return { exitCode: 128, startError };
    }
    this.#event('Normal', 'Started', 'Container started');
    const running = container.run().catch((failure): ContainerExit => {
      this.#options.node.report(failure);
      return { exitCode: 255, startError: messageOf(failure) };
    });
    if (this.#options.signal.aborted) container.kill();
    const { postStart } = this.#spec.lifecycle ?? {};
    if (postStart && !(await this.#hooked(postStart, container))) return running;
    // It may be over before anybody has seen it run.
    this.#state = { running: { startedAt: formatTime(startedAtMs) } };
    this.#probes.start(container);
    this.#probed();
    return running;
  }

  /** Runs the hook after the start; a container whose hook fails is ended. */
  async #hooked(postStart: NonNullable<ContainerSpecObject['lifecycle']>['postStart'], container: Container) {
    const failure = postStart && (await this.#hook(postStart, container));
    if (failure === undefined || this.#options.signal.aborted) return true;
    this.#event('Warning', 'FailedPostStartHook', 'PostStartHook failed');
    this.#event('Normal', 'Killing', 'FailedPostStartHook');
    this.#become({ waiting: { reason: 'PostStartHookError', message: failure } });
    container.signal(this.#spec.lifecycle?.stopSignal ?? 'SIGTERM');
    const timer = this.#options.node.clock.after(this.#graceMs(), () => container.kill());
    void this.#running.finally(() => timer[Symbol.dispose]());
    return false;
  }

  #hook(handler: NonNullable<NonNullable<ContainerSpecObject['lifecycle']>['postStart']>, container: Container) {
    const { node, pod, signal } = this.#options;
    const { name, namespace = 'default', uid } = pod().metadata;
    // A hook before the stop runs while the Pod already ends.
    const ending = signal.aborted ? new AbortController().signal : signal;
    const target = { clock: node.clock, spec: this.#spec, container };
    return runHook(handler, target, { pod: `${name}_${namespace}(${uid})`, signal: ending });
  }

  async #terminatedState(
    container: Container,
    { exitCode, startError, outOfMemory }: ContainerExit,
    { startedAtMs, finishedAtMs }: { startedAtMs: number; finishedAtMs: number },
  ): Promise<ContainerState> {
    const reason = outOfMemory
      ? 'OOMKilled'
      : startError !== undefined
        ? 'StartError'
        : exitCode === 0
          ? 'Completed'
          : 'Error';
    const startedAt = startError === undefined ? formatTime(startedAtMs) : formatTime(0);
    const message = startError ?? (await terminationMessage(this.#spec, container, exitCode));
    const terminated = { exitCode, reason, startedAt, finishedAt: formatTime(finishedAtMs) };
    const said = message === undefined ? terminated : { ...terminated, message };
    return { terminated: this.#containerID ? { ...said, containerID: this.#containerID } : said };
  }

  async #backOff(): Promise<void> {
    const { node, signal } = this.#options;
    const delayMs = restartDelayMs(this.#failures) - RELIST_MS;
    if (delayMs <= 0) return;
    const { name, namespace = 'default', uid } = this.#options.pod().metadata;
    const pod = `${name}_${namespace}(${uid})`;
    this.#event('Warning', 'BackOff', `Back-off restarting failed container ${this.name} in pod ${pod}`);
    const message = `back-off ${goSeconds(delayMs + RELIST_MS)} restarting failed container=${this.name} pod=${pod}`;
    this.#become({ waiting: { reason: 'CrashLoopBackOff', message } });
    await sleep(node.clock, delayMs, signal).catch(() => undefined);
  }

  #probed(): void {
    if (this.isRunning && this.#probes.started) this.#onStarted();
    this.#options.onChange();
  }

  #unhealthy(kind: 'liveness' | 'startup'): void {
    const { livenessProbe, startupProbe } = this.#spec;
    const probe = kind === 'liveness' ? livenessProbe : startupProbe;
    const seconds = probe?.terminationGracePeriodSeconds;
    const name = kind === 'liveness' ? 'liveness' : 'startup';
    const message = `Container ${this.name} failed ${name} probe, will be restarted`;
    void this.#restart(message, seconds === undefined ? undefined : seconds * 1000);
  }

  async #restart(message: string, graceMs = this.#graceMs()): Promise<void> {
    await this.stop({ graceMs, message }).catch((failure) => this.#options.node.report(failure));
  }

  #graceMs(): number {
    return (this.#options.pod().spec.terminationGracePeriodSeconds ?? 30) * 1000;
  }

  /** Waits for something, but not longer than `ms` of the cluster's time. */
  async #within(ms: number, something: Promise<unknown>): Promise<void> {
    if (ms <= 0) return;
    let timer: Disposable | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = this.#options.node.clock.after(ms, resolve);
    });
    await Promise.race([something, limit]);
    timer?.[Symbol.dispose]();
  }

  #become(state: ContainerState): void {
    this.#state = state;
    if (state.terminated) this.#onStarted();
    this.#options.onChange();
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { node, pod, role } = this.#options;
    if (!node.power.isOn) return;
    const part = { init: 'initContainers', main: 'containers', ephemeral: 'ephemeralContainers' }[role];
    const fieldPath = `spec.${part}{${this.name}}`;
    recordPodEvent(node, pod(), { type, reason, message, fieldPath });
  }
}

/** A container that mounts the root of its node, or sees its processes, gets to the machine. */
function hasHost({ spec }: Pod, { volumeMounts = [], securityContext }: ContainerSpecObject): boolean {
  const roots = (spec.volumes ?? []).filter(({ hostPath }) => hostPath?.path === '/').map(({ name }) => name);
  return (
    volumeMounts.some(({ name }) => roots.includes(name)) ||
    (spec.hostPID === true && securityContext?.privileged === true)
  );
}

/** An image without a command of its own needs one from the Pod. */
function nothingToRun({ command, args }: ContainerSpecObject, { entrypoint, cmd }: ImageProfile): string | undefined {
  if ([command, args, entrypoint, cmd].some((words) => words !== undefined && words.length > 0)) return undefined;
  return 'failed to generate container spec: failed to generate spec: no command specified';
}

/** Ports that something inside is said to listen on. */
function declaredPorts({ ports = [], livenessProbe, readinessProbe, startupProbe }: ContainerSpecObject): number[] {
  const probed = [livenessProbe, readinessProbe, startupProbe].flatMap((probe) => {
    const port = probe?.httpGet?.port ?? probe?.tcpSocket?.port ?? probe?.grpc?.port;
    return typeof port === 'number' ? [port] : [];
  });
  const declared = ports.filter(({ protocol = 'TCP' }) => protocol === 'TCP').map(({ containerPort }) => containerPort);
  return [...new Set([...declared, ...probed])];
}

const limitOf = (quantity: string | undefined): number | undefined =>
  quantity === undefined ? undefined : quantityNumber(quantity);

function hexId({ random }: NodeContext): string {
  return Array.from({ length: 8 }, () =>
    randomInt(random, 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
}

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
