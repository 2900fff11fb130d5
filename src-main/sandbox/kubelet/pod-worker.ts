import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import { timestamp } from '#common/base/clock';
import { isAbort } from '#common/base/errors';
import { Pods } from '#common/kube/resources';
import { isConflict, isNotFound } from '#common/kube/status-error';
import type { Container, ContainerStatus, Pod } from '#common/kube/types';
import type { PodVolume } from '../containers/container-files';
import { containerEnv, containerMounts, kubeletFiles, podVolumes, PodSources, type PodFacts } from './container-config';
import { ContainerWorker, type ContainerSetting } from './container-worker';
import type { NodeContext } from './pod-context';
import { podStatusOf } from './pod-status';
import type { RunningContainer } from './usage/reading';

const isEnded = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** Takes one Pod that is bound to a node through its life, and reports what happens to the API server. */
export class PodWorker {
  readonly #node: NodeContext;
  readonly #abort = new AbortController();
  readonly #startTime: string;
  readonly #init: ContainerWorker[];
  readonly #main: ContainerWorker[];
  readonly #running: Promise<void>;
  #pod: Pod;
  #ip: string | undefined;
  #volumes: Promise<Map<string, PodVolume>> | undefined;
  #closing = false;
  #reporting = false;

  constructor(node: NodeContext, pod: Pod) {
    setMaxListeners(0, this.#abort.signal);
    this.#node = node;
    this.#pod = pod;
    this.#startTime = pod.status?.startTime ?? timestamp(node.clock);
    const { initContainers = [], containers, restartPolicy = 'Always' } = pod.spec;
    const { initContainerStatuses, containerStatuses } = pod.status ?? {};
    const initPolicy = restartPolicy === 'Never' ? 'Never' : 'OnFailure';
    this.#init = initContainers.map((each) =>
      this.#worker(each, { role: 'init', policy: each.restartPolicy ?? initPolicy, statuses: initContainerStatuses }),
    );
    this.#main = containers.map((each) =>
      this.#worker(each, { role: 'main', policy: each.restartPolicy ?? restartPolicy, statuses: containerStatuses }),
    );
    this.#running = this.#run().catch((failure) => {
      if (!isAbort(failure) && !this.#abort.signal.aborted) this.#node.report(failure);
    });
  }

  get pod(): Pod {
    return this.#pod;
  }

  get ip(): string | undefined {
    return this.#ip;
  }

  container(name: string): ContainerWorker | undefined {
    return [...this.#main, ...this.#init].find((worker) => worker.name === name);
  }

  /** The containers that run now, for those who measure. */
  running(): Omit<RunningContainer, 'pod' | 'extra'>[] {
    return [...this.#main, ...this.#init].flatMap(({ name, current, status, memoryLimit, probeResults }) => {
      const startedAt = status.state?.running?.startedAt;
      if (!current || !startedAt) return [];
      return [{ name, container: current, startedAtMs: Date.parse(startedAt), memoryLimit, probeResults }];
    });
  }

  /** A connection to whichever container listens on the port. */
  dial(port: number, from?: string): Duplex | undefined {
    for (const { current } of [...this.#main, ...this.#init]) {
      const connection = current?.dial(port, from);
      if (connection) return connection;
    }
    return undefined;
  }

  update(pod: Pod): void {
    const isOther = pod.metadata.uid !== this.#pod.metadata.uid;
    this.#pod = pod;
    // A mirror that was made anew knows nothing yet.
    if (isOther) this.#report();
    if (pod.metadata.deletionTimestamp) void this.#terminate();
  }

  /** Ends everything without a word to the server: the Pod is gone, or the kubelet stops. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#stopContainers();
    await this.#running;
    if (this.#ip && !this.#pod.spec.hostNetwork) this.#node.addresses.release(this.#ip);
    this.#ip = undefined;
  }

  async #run(): Promise<void> {
    if (this.#pod.metadata.deletionTimestamp) {
      void this.#terminate();
      return;
    }
    if (isEnded(this.#pod)) return;
    this.#takeAddress();
    this.#report();
    for (const worker of this.#init) {
      const { restartPolicy } = this.#specOf(worker.name) ?? {};
      const running = worker.run();
      if (restartPolicy === 'Always') {
        running.catch(() => undefined);
        await Promise.race([worker.started, running]);
      } else await running;
      if (this.#abort.signal.aborted) return;
      if (restartPolicy !== 'Always' && worker.status.state?.terminated?.exitCode !== 0) return;
    }
    await Promise.all(this.#main.map((worker) => worker.run()));
    if (!this.#abort.signal.aborted) this.#sidecarsEnd();
  }

  /** Init containers that ran beside the main ones end after them. */
  #sidecarsEnd(): void {
    for (const worker of this.#init) worker.stop();
    this.#report();
  }

  #takeAddress(): void {
    const known = this.#pod.status?.podIP;
    if (this.#pod.spec.hostNetwork) this.#ip = this.#node.ip;
    else if (known) {
      this.#node.addresses.claim(known);
      this.#ip = known;
    } else this.#ip = this.#node.addresses.take();
  }

  async #terminate(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    for (const worker of [...this.#main, ...this.#init]) worker.announceStop();
    this.#stopContainers();
    await this.#running;
    const { name, namespace, uid } = this.#pod.metadata;
    try {
      await this.#node.client.remove(Pods, { name, namespace }, { gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (failure) {
      // Gone already, or another Pod has taken the name.
      if (!isNotFound(failure) && !isConflict(failure)) this.#node.report(failure);
    }
  }

  #stopContainers(): void {
    this.#abort.abort();
    for (const worker of [...this.#main, ...this.#init]) worker.stop();
  }

  /** Posts the status at the end of this turn: what changes together is written once. */
  #report(): void {
    if (this.#reporting || this.#closing) return;
    this.#reporting = true;
    setImmediate(() => {
      this.#reporting = false;
      if (!this.#closing) void this.#node.statuses.write(this.#pod, this.#status());
    });
  }

  #status() {
    const view = {
      hostIP: this.#node.ip,
      podIP: this.#ip,
      startTime: this.#startTime,
      initContainers: this.#init.map((worker) => worker.status),
      containers: this.#main.map((worker) => worker.status),
    };
    return podStatusOf(this.#pod, view, timestamp(this.#node.clock));
  }

  #worker(
    container: Container,
    kind: { role: 'init' | 'main'; policy: string; statuses: ContainerStatus[] | undefined },
  ): ContainerWorker {
    return new ContainerWorker({
      node: this.#node,
      pod: () => this.#pod,
      container,
      role: kind.role,
      restartPolicy: kind.policy,
      setting: () => this.#setting(container),
      onChange: () => this.#report(),
      previous: kind.statuses?.find(({ name }) => name === container.name),
      signal: this.#abort.signal,
    });
  }

  #specOf(name: string): Container | undefined {
    return this.#pod.spec.initContainers?.find((each) => each.name === name);
  }

  async #setting(container: Container): Promise<ContainerSetting> {
    const { client, ip: hostIP, name: nodeName } = this.#node;
    const namespace = this.#pod.metadata.namespace ?? 'default';
    const podIP = this.#ip ?? '';
    const services = this.#node.network.serviceEnvironment(namespace, this.#pod.spec.enableServiceLinks !== false);
    const facts: PodFacts = { pod: this.#pod, podIP, hostIP, nodeName, services };
    const sources = new PodSources(client, namespace, this.#abort.signal);
    this.#volumes ??= podVolumes(sources, facts, this.#node.volumes);
    const volumes = await this.#volumes.catch((failure) => {
      this.#volumes = undefined;
      throw failure;
    });
    const hostname = this.#pod.spec.hostname ?? this.#pod.metadata.name;
    return {
      env: await containerEnv(container, sources, facts),
      files: kubeletFiles(facts, hostname),
      mounts: containerMounts(container, volumes),
      hostname,
      ip: podIP,
    };
  }
}
