import { seededRandom } from '#common/base/random';
import { Scope } from '#common/base/scope';
import { controllerOf, type AnyObject, type KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import { Events, Namespaces, Nodes, Pods, ServiceAccounts } from '#common/kube/resources';
import { isAlreadyExists } from '#common/kube/status-error';
import type { Event, Pod } from '#common/kube/types';
import type { Draft, KubeClient } from '#main/client/client';
import { createClient } from '#main/client/kube-client';
import { createInformers, type Informers } from '#main/informer/informers';
import { outsideWorkDone } from '#main/base/outside-work';
import type { Requester } from '#main/sandbox/registry/registry-context';
import type { ClusterCertificates } from '#main/sandbox/authn/certificates';
import * as users from '#main/sandbox/component-users';
import { builtInControllers } from '#main/sandbox/controllers/built-in-controllers';
import { GARBAGE_COLLECTOR } from '#main/sandbox/controllers/controller-accounts';
import { createApiServer, type ApiServer } from '#main/sandbox/apiserver/server';
import { collectableKinds } from '#main/sandbox/controllers/core/collectable-kinds';
import { startGarbageCollector } from '#main/sandbox/controllers/core/garbage-collector';
import type { Controller } from '#main/sandbox/controllers/runtime/define-controller';
import { EventWriter } from '#main/sandbox/controllers/runtime/event-recorder';
import { startControllers } from '#main/sandbox/controllers/runtime/start-controllers';
import { createKubelets, type Kubelets } from '#main/sandbox/kubelet/kubelets';
import { loopback } from '#main/sandbox/loopback';
import type { SchedulingAttempt } from '#main/sandbox/scheduler/attempts';
import type { SchedulerConfiguration } from '#main/sandbox/scheduler/configuration';
import { startScheduler, type RunningScheduler } from '#main/sandbox/scheduler/scheduler';
import { SettlingClock } from './settling-clock';

export interface TestSandboxOptions {
  /** A function for those that need the cluster's keys. */
  controllers?: readonly Controller[] | ((keys: ClusterCertificates) => readonly Controller[]);
  scheduler?: boolean;
  /** The scheduler's profiles. */
  scheduling?: SchedulerConfiguration | undefined;
  /** Nodes whose kubelets run the Pods. */
  nodes?: number;
  /** Makes names and uids of its own. */
  seed?: number;
}

/** Controllers that are started and stopped together, as those of a kube-controller-manager. */
export interface ControllerManagerOptions {
  controllers: readonly Controller[];
  garbageCollector?: boolean;
}

/** Turns of the event loop after which what runs without a clock has come to its end. */
const QUIET_TURNS = 12;
/** Turns with writes after which a cluster whose clock stands still is taken to write for ever. */
const MAX_CHANGES = 20_000;
/** Nothing was written for this long of the cluster's time: the cluster has settled. */
const QUIET_MS = 3000;
/** What has not come after this much of the cluster's time does not come. */
const WAIT_MS = 3_600_000;

/** Work is never cut into slices by how fast this computer is: one seed makes one history, to the last revision. */
const stopwatch = () => 0;

/** An API server with the chosen components in this process, on a clock that only `settle` and `advance` move. */
export class TestSandbox implements AsyncDisposable {
  readonly clock = new SettlingClock();
  readonly client: KubeClient;
  readonly informers: Informers;
  /** What components reported as unexpected; a test that does not expect any checks that it is empty. */
  readonly reports: string[] = [];
  /** The kubelets, when there are nodes. */
  kubelets: Kubelets | undefined;
  readonly #server: ApiServer;
  readonly #scope: Scope;

  private constructor(server: ApiServer, scope: Scope, clock: SettlingClock) {
    this.clock = clock;
    this.#server = server;
    this.#scope = scope;
    this.client = this.clientOf('admin');
    const random = seededRandom(1);
    this.informers = createInformers(this.clientAs(users.controllerManager, users.MANAGER), {
      clock,
      random,
      scope,
      graceMs: 0,
    });
  }

  static async open({
    controllers = [],
    scheduler = false,
    scheduling,
    nodes = 0,
    seed = 7,
  }: TestSandboxOptions = {}): Promise<TestSandbox> {
    const clock = new SettlingClock();
    const scope = new Scope('test sandbox');
    const random = seededRandom(seed);
    let running: RunningScheduler | undefined;
    const server = scope.add(
      await createApiServer({
        clock,
        wallClock: clock,
        random,
        nodes: (name) => sandbox.kubelets?.directory(name),
        schedulingAttempts: (pod) => running?.attempts(pod) ?? [],
        frozen: true,
      }),
    );
    const sandbox: TestSandbox = new TestSandbox(server, scope, clock);
    // Pods are refused without it; with the controller of accounts it would be there a moment later.
    await sandbox.create(ServiceAccounts, { metadata: { name: 'default' } });
    if (nodes > 0) await sandbox.#startKubelets(nodes);
    const chosen = typeof controllers === 'function' ? controllers(server.certificates) : controllers;
    running = await sandbox.#run({ controllers: chosen ?? [], scheduler, scheduling });
    return sandbox;
  }

  async #startKubelets(nodes: number): Promise<void> {
    const { clock, informers } = this;
    // What is loaded when it is first needed would be late on a clock that does not wait.
    await import('just-bash');
    this.kubelets = createKubelets({
      client: this.clientOf('kubelet'),
      informers,
      clock,
      random: seededRandom(5),
      scope: this.#scope.child('kubelets'),
      nodes,
      report: (failure) => void this.reports.push(String(failure)),
    });
    await this.kubelets.ready();
  }

  async #run({ controllers, scheduler, scheduling }: TestSandboxOptions & { controllers: readonly Controller[] }) {
    const { clock, informers } = this;
    const scope = this.#scope.child('components');
    const report = (...words: unknown[]) => void this.reports.push(words.map(String).join(' '));
    const events = new EventWriter({ client: this.clientOf('events'), clock, scope, report, stopwatch });
    await startControllers(controllers, { ...this.#controllerClients(), informers, events, clock, scope, report });
    if (!scheduler) return undefined;
    const client = this.clientAs(users.scheduler, 'kube-scheduler');
    const recorder = (component: string) => events.recorder({ component, style: 'events.k8s.io', client });
    const random = seededRandom(3);
    const deps = { informers, recorder, clock, random, scope, report, stopwatch, configuration: scheduling };
    return startScheduler({ ...deps, client });
  }

  /** The keys that the controllers of a whole cluster are given. */
  get certificates(): ApiServer['certificates'] {
    return this.#server.certificates;
  }

  /** Runs more controllers until the answer is disposed of; more may be started after that, as after a restart. */
  async startManager({ controllers, garbageCollector = false }: ControllerManagerOptions): Promise<AsyncDisposable> {
    const { clock, informers } = this;
    const scope = this.#scope.child('manager');
    const report = (...words: unknown[]) => void this.reports.push(words.map(String).join(' '));
    const events = new EventWriter({ client: this.clientOf('events'), clock, scope, report, stopwatch });
    const clients = this.#controllerClients();
    const { client } = clients;
    const deps = { ...clients, informers, events, clock, scope, report };
    await startControllers(controllers, deps);
    const discover = (signal: AbortSignal) => collectableKinds(client, signal);
    if (garbageCollector) await startGarbageCollector({ ...deps, discover });
    return { [Symbol.asyncDispose]: () => scope.close() };
  }

  /** What the scheduler found out about a Pod, the latest attempt last. */
  async schedulingAttempts(name: string, namespace = 'default'): Promise<SchedulingAttempt[]> {
    const path = `/debug/scheduler/attempts/${namespace}/${name}`;
    const answer = await this.client.request({ method: 'GET', path });
    return ((await answer.json()) as { attempts: SchedulingAttempt[] }).attempts;
  }

  clientOf(name: string): KubeClient {
    return this.clientAs({ name: `system:${name}`, groups: ['system:masters'] }, name);
  }

  /** The garbage collector's, and those of the controllers by their names. */
  #controllerClients() {
    const known = new Set([...builtInControllers(this.certificates).map(({ name }) => name), GARBAGE_COLLECTOR]);
    // Whoever plays kubelets may do what they do.
    const clientOf = (controller: string) =>
      known.has(controller)
        ? this.clientAs(users.userOfController(controller), users.MANAGER)
        : this.clientOf('kubelet');
    return { client: clientOf(GARBAGE_COLLECTOR), clientOf };
  }

  /** A client that is believed to be `user`. */
  clientAs(user: Requester, name = user.name): KubeClient {
    const carrier = loopback(this.#server, user);
    this.#scope.add(() => carrier.close());
    return createClient(carrier, { clock: this.clock, fieldManager: name });
  }

  /** Runs the cluster until nothing has been written for a while of its own time. */
  async settle({ quietMs = QUIET_MS }: { quietMs?: number } = {}): Promise<void> {
    let revision = await this.#quietRevision();
    let quietFrom = this.clock.now();
    for (let next = this.clock.nextAt; next !== undefined && next <= quietFrom + quietMs; next = this.clock.nextAt) {
      this.clock.step();
      const reached = await this.#quietRevision();
      if (reached === revision) continue;
      revision = reached;
      quietFrom = this.clock.now();
    }
    this.clock.rest(quietFrom + quietMs);
  }

  /** Moves time until `holds`; rejects when it does not within `withinMs`, or when nothing is left to happen. */
  async until(holds: () => boolean, what: string, { withinMs = WAIT_MS } = {}): Promise<void> {
    const end = this.clock.now() + withinMs;
    await this.#quietRevision();
    while (!holds()) {
      const next = this.clock.nextAt;
      if (next === undefined || next > end) throw new Error(`waited in vain until ${what}`);
      this.clock.step();
      await this.#quietRevision();
    }
  }

  /** Lets `byMs` of the cluster's time pass. */
  async advance(byMs: number): Promise<void> {
    const until = this.clock.now() + byMs;
    await this.#quietRevision();
    for (let next = this.clock.nextAt; next !== undefined && next <= until; next = this.clock.nextAt) {
      this.clock.step();
      await this.#quietRevision();
    }
    this.clock.rest(until);
  }

  /** Of the latest write. */
  async revision(): Promise<string> {
    return (await this.client.list(Namespaces, { limit: 1 })).metadata.resourceVersion ?? '';
  }

  create<T extends KubeObject>(resource: TypedResource<T>, object: Draft<T>): Promise<T> {
    const metadata = resource.namespaced ? { namespace: 'default', ...object.metadata } : object.metadata;
    return this.client.create(resource, { ...object, metadata });
  }

  async list<T extends KubeObject>(resource: TypedResource<T>, namespace?: string): Promise<T[]> {
    return (await this.client.list(resource, { namespace })).items;
  }

  get<T extends KubeObject>(resource: TypedResource<T>, name: string, namespace = 'default'): Promise<T> {
    return this.client.get(resource, { name, namespace: resource.namespaced ? namespace : undefined });
  }

  async namespace(name: string): Promise<void> {
    try {
      await this.client.create(Namespaces, { metadata: { name }, spec: {} });
    } catch (failure) {
      if (!isAlreadyExists(failure)) throw failure;
    }
  }

  /** A bare node with room for many Pods, Ready. */
  async node(
    name: string,
    { cpu = '8', memory = '32Gi', ...rest }: { cpu?: string; memory?: string } & Partial<AnyObject> = {},
  ) {
    const labels = { 'kubernetes.io/hostname': name };
    await this.client.create(Nodes, { metadata: { name, labels }, spec: {}, ...rest });
    // New nodes are tainted until somebody has seen them ready: here that is at once.
    const { taints = null } = (rest['spec'] ?? {}) as { taints?: unknown };
    const ready = { type: 'merge', patch: { spec: { taints } } } as const;
    const node = await this.client.patch(Nodes, { name }, ready);
    const amounts = { cpu, memory, pods: '110' };
    const condition = {
      type: 'Ready',
      status: 'True',
      reason: 'KubeletReady',
      message: 'kubelet is posting ready status',
    };
    return this.client.updateStatus(Nodes, {
      ...node,
      status: { ...node.status, capacity: amounts, allocatable: amounts, conditions: [condition] },
    });
  }

  async podsOf(owner: KubeObject): Promise<Pod[]> {
    const pods = await this.list(Pods, owner.metadata.namespace);
    return pods.filter((pod) => controllerOf(pod)?.uid === owner.metadata.uid);
  }

  /** Stands in for a kubelet: the Pod runs and is ready from now on. */
  async run(pod: Pod): Promise<void> {
    const time = new Date(this.clock.now()).toISOString().replace(/\.\d+/, '');
    const conditions = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
      type,
      status: 'True',
      lastTransitionTime: time,
    }));
    const { name, namespace } = pod.metadata;
    const patch = { status: { phase: 'Running', conditions, podIP: '10.244.0.9', startTime: time } };
    await this.client.patch(Pods, { name, namespace }, { type: 'strategic', patch }, { subresource: 'status' });
  }

  /** `reason: message` of the events about an object, oldest first. */
  async eventsAbout({ metadata }: KubeObject): Promise<string[]> {
    const events = await this.list(Events, metadata.namespace ?? 'default');
    return events
      .filter(({ involvedObject }: Event) => involvedObject.uid === metadata.uid)
      .sort((left, right) => Number(left.metadata.resourceVersion) - Number(right.metadata.resourceVersion))
      .map(({ reason, message }) => `${reason}: ${message}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
  }

  /** The revision of the latest write, after everything that needs no clock is done. Throws when that never comes. */
  async #quietRevision(): Promise<string> {
    let revision = '';
    let changes = 0;
    for (let turns = 0; turns < QUIET_TURNS; turns++) {
      await outsideWorkDone();
      await new Promise((resolve) => setImmediate(resolve));
      const { metadata } = await this.client.list(Namespaces, { limit: 1 });
      if (metadata.resourceVersion === revision) continue;
      turns = 0;
      revision = metadata.resourceVersion ?? '';
      if (++changes > MAX_CHANGES) throw new Error('the cluster writes without end while its clock stands still');
    }
    return revision;
  }
}
