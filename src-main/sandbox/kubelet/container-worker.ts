import { formatTime, sleep } from '#common/base/clock';
import { messageOf } from '#common/base/errors';
import { randomInt } from '#common/base/random';
import { quantityNumber } from '#common/kube/quantity';
import type { Container as ContainerSpecObject, ContainerState, ContainerStatus, Pod } from '#common/kube/types';
import { Container, type ContainerExit } from '../containers/container';
import type { ContainerMount } from '../containers/container-files';
import type { ImageProfile } from '../containers/image-profile';
import { ContainerConfigError, expand } from './container-config';
import { ContainerProbes } from './container-probes';
import { imageCredentials } from './image-credentials';
import { imageIdentity, type PullResult } from './image-puller';
import { recordPodEvent, type NodeContext } from './pod-context';
import { failuresAfter, goMillis, goSeconds, pullDelayMs, restartDelayMs, restarts } from './restart-policy';

/** Everything of a container that is known only when it starts. */
export interface ContainerSetting {
  env: Record<string, string>;
  files: Record<string, string>;
  mounts: ContainerMount[];
  hostname: string;
  ip: string;
}

export interface ContainerWorkerOptions {
  node: NodeContext;
  pod: () => Pod;
  container: ContainerSpecObject;
  role: 'init' | 'main' | 'ephemeral';
  restartPolicy: string;
  setting: () => Promise<ContainerSetting>;
  onChange: () => void;
  previous: ContainerStatus | undefined;
  signal: AbortSignal;
}

/** How long a kubelet waits before it looks again for what a container lacked. */
const CONFIG_RETRY_MS = 10_000;

/** One container of a Pod through all its runs. */
export class ContainerWorker {
  readonly name: string;
  readonly #options: ContainerWorkerOptions;
  readonly #probes: ContainerProbes;
  #state: ContainerState;
  #lastState: ContainerState = {};
  #restartCount = 0;
  #failures = 0;
  #pullFailures = 0;
  #containerID: string | undefined;
  #hasImage = false;
  #current: Container | undefined;
  #before: Container | undefined;
  #onStarted: () => void = () => undefined;

  /** Resolves when the container has started for the first time (and its startup probe succeeded). */
  readonly started: Promise<void>;

  constructor(options: ContainerWorkerOptions) {
    this.#options = options;
    this.name = options.container.name;
    const waits = options.role === 'main' && (options.pod().spec.initContainers ?? []).length > 0;
    this.#state = { waiting: { reason: waits ? 'PodInitializing' : 'ContainerCreating' } };
    if (options.previous?.containerID) this.#restartCount = options.previous.restartCount + 1;
    this.started = new Promise((resolve) => {
      this.#onStarted = resolve;
    });
    this.#probes = new ContainerProbes({
      clock: options.node.clock,
      container: options.container,
      onChange: () => this.#probed(),
      onFailure: (kind, message) => this.#unhealthy(kind, message),
      onKill: (kind) => this.#kill(kind),
    });
  }

  get current(): Container | undefined {
    return this.#current;
  }

  get probeResults(): ReadonlyMap<string, number> {
    return this.#probes.results;
  }

  get memoryLimit(): string | undefined {
    return this.#options.container.resources?.limits?.['memory'];
  }

  get before(): Container | undefined {
    return this.#before;
  }

  get status(): ContainerStatus {
    const { container, role } = this.#options;
    const running = this.#state.running !== undefined;
    const done = role === 'init' && this.#state.terminated?.exitCode === 0;
    const identity = this.#hasImage
      ? imageIdentity(container.image ?? '')
      : { image: container.image ?? '', imageID: '' };
    const status: ContainerStatus = {
      name: this.name,
      state: this.#state,
      lastState: this.#lastState,
      ready: done || (running && this.#probes.ready),
      restartCount: this.#restartCount,
      ...identity,
      started: running && this.#probes.started,
    };
    if (this.#containerID) status.containerID = this.#containerID;
    return status;
  }

  /** Runs the container as often as its policy says; resolves when it will not run again. */
  async run(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      const profile = await this.#image();
      if (!profile) continue;
      const container = await this.#create(profile);
      if (!container) continue;
      if (!(await this.#runOnce(container))) return;
    }
  }

  /** Ends the process now. */
  stop(): void {
    this.#probes.stop();
    this.#current?.stop();
  }

  /** Says so when a running container is about to be ended. */
  announceStop(): void {
    if (this.#state.running) this.#event('Normal', 'Killing', `Stopping container ${this.name}`);
  }

  async #image(): Promise<ImageProfile | undefined> {
    const { node, container, signal } = this.#options;
    const image = container.image ?? '';
    const result = await node.images.ensure(image, container.imagePullPolicy ?? 'IfNotPresent', {
      signal,
      credentials: () => imageCredentials(node.client, this.#options.pod(), signal),
      onPull: () => this.#event('Normal', 'Pulling', `Pulling image "${image}"`),
    });
    if (result.outcome === 'refused') {
      await this.#refused(image, result);
      return undefined;
    }
    this.#pullFailures = 0;
    this.#hasImage = true;
    this.#event('Normal', 'Pulled', pulledText(image, result));
    return result.profile;
  }

  async #refused(image: string, { reason, message }: Extract<PullResult, { outcome: 'refused' }>): Promise<void> {
    const { node, signal } = this.#options;
    this.#pullFailures++;
    if (reason === 'ErrImagePull') {
      this.#event('Warning', 'Failed', `Failed to pull image "${image}": ${message}`);
      this.#event('Warning', 'Failed', 'Error: ErrImagePull');
    } else {
      this.#event('Warning', reason === 'InvalidImageName' ? 'InspectFailed' : reason, message);
      this.#event('Warning', 'Failed', `Error: ${reason}`);
    }
    this.#become({ waiting: { reason, message } });
    const delayMs = pullDelayMs(this.#pullFailures);
    if (reason === 'ErrImagePull') {
      await sleep(node.clock, 1500, signal);
      this.#event('Normal', 'BackOff', `Back-off pulling image "${image}"`);
      this.#event('Warning', 'Failed', 'Error: ImagePullBackOff');
      this.#become({
        waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}": ${reason}: ${message}` },
      });
    }
    await sleep(node.clock, delayMs, signal);
  }

  async #create(profile: ImageProfile): Promise<Container | undefined> {
    const { node, signal } = this.#options;
    try {
      return new Container(this.#containerSpec(profile, await this.#options.setting()));
    } catch (failure) {
      if (!(failure instanceof ContainerConfigError)) throw failure;
      this.#event('Warning', 'Failed', `Error: ${failure.message}`);
      this.#become({ waiting: { reason: 'CreateContainerConfigError', message: failure.message } });
      await sleep(node.clock, CONFIG_RETRY_MS, signal);
      return undefined;
    }
  }

  #containerSpec(profile: ImageProfile, setting: ContainerSetting) {
    const { node, container } = this.#options;
    const { cpu } = container.resources?.limits ?? {};
    return {
      ...setting,
      profile,
      command: container.command?.map((word) => expand(word, setting.env)),
      args: container.args?.map((word) => expand(word, setting.env)),
      workingDir: container.workingDir,
      stdin: container.stdin === true,
      tty: container.tty === true,
      clock: node.clock,
      network: node.network.of(setting.ip, this.#options.pod),
      ...(cpu === undefined ? {} : { cpuLimit: quantityNumber(cpu) }),
    };
  }

  /** One run; true when another follows. */
  async #runOnce(container: Container): Promise<boolean> {
    const { node, signal } = this.#options;
    if (this.#current) {
      this.#before = this.#current;
      this.#restartCount++;
    }
    this.#current = container;
    this.#containerID = `containerd://${hexId(node)}`;
    this.#event('Normal', 'Created', 'Container created');
    const startedAtMs = node.clock.now();
    const exit = await this.#process(container, startedAtMs);
    this.#probes.stop();
    if (signal.aborted && !this.#options.pod().metadata.deletionTimestamp) return false;
    const finishedAtMs = node.clock.now();
    const terminated = this.#terminatedState(exit, startedAtMs, finishedAtMs);
    this.#failures = failuresAfter(this.#failures, finishedAtMs - startedAtMs);
    this.#become(terminated);
    if (signal.aborted || !restarts(this.#options.restartPolicy, exit.exitCode)) return false;
    this.#lastState = terminated;
    await this.#backOff();
    return !signal.aborted;
  }

  async #process(container: Container, startedAtMs: number): Promise<ContainerExit> {
    const startError = await container.startError();
    if (startError !== undefined) {
      this.#event('Warning', 'Failed', `Error: ${startError}`);
      container.log.close();
      return { exitCode: 128, startError };
    }
    this.#event('Normal', 'Started', 'Container started');
    this.#state = { running: { startedAt: formatTime(startedAtMs) } };
    const running = container.run();
    this.#probes.start(container);
    this.#probed();
    if (this.#options.signal.aborted) container.stop();
    return running.catch((failure) => {
      this.#options.node.report(failure);
      return { exitCode: 255, startError: messageOf(failure) };
    });
  }

  #terminatedState({ exitCode, startError }: ContainerExit, startedAtMs: number, finishedAtMs: number): ContainerState {
    const reason = startError === undefined ? (exitCode === 0 ? 'Completed' : 'Error') : 'StartError';
    const startedAt = startError === undefined ? formatTime(startedAtMs) : formatTime(0);
    const terminated = { exitCode, reason, startedAt, finishedAt: formatTime(finishedAtMs) };
    const message = startError === undefined ? {} : { message: startError };
    return {
      terminated: { ...terminated, ...message, ...(this.#containerID ? { containerID: this.#containerID } : {}) },
    };
  }

  async #backOff(): Promise<void> {
    const { node, signal } = this.#options;
    const delayMs = restartDelayMs(this.#failures);
    if (delayMs === 0) return;
    const { name, namespace = 'default', uid } = this.#options.pod().metadata;
    const what = `restarting failed container=${this.name} pod=${name}_${namespace}(${uid})`;
    this.#event('Warning', 'BackOff', `Back-off ${what}`);
    this.#become({ waiting: { reason: 'CrashLoopBackOff', message: `back-off ${goSeconds(delayMs)} ${what}` } });
    await sleep(node.clock, delayMs, signal).catch(() => undefined);
  }

  #probed(): void {
    if (this.#state.running && this.#probes.started) this.#onStarted();
    this.#options.onChange();
  }

  #unhealthy(kind: string, message: string): void {
    this.#event('Warning', 'Unhealthy', `${kind} probe failed: ${message}`);
  }

  #kill(kind: string): void {
    this.#event('Normal', 'Killing', `Container ${this.name} failed ${kind} probe, will be restarted`);
    this.#current?.stop();
  }

  #become(state: ContainerState): void {
    this.#state = state;
    if (state.terminated) this.#onStarted();
    this.#options.onChange();
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    const part = { init: 'initContainers', main: 'containers', ephemeral: 'ephemeralContainers' }[this.#options.role];
    const fieldPath = `spec.${part}{${this.name}}`;
    recordPodEvent(this.#options.node, this.#options.pod(), { type, reason, message, fieldPath });
  }
}

function pulledText(image: string, result: Exclude<PullResult, { outcome: 'refused' }>): string {
  if (result.outcome === 'present') return `Container image "${image}" already present on machine`;
  const took = goMillis(result.tookMs);
  const { sizeBytes } = result.profile;
  return `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${sizeBytes} bytes.`;
}

function hexId({ random }: NodeContext): string {
  return Array.from({ length: 8 }, () =>
    randomInt(random, 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
}
