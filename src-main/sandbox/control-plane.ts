/** What lives in a cluster: controllers, scheduler and kubelets, each an ordinary client of its API server. */
import type { Duplex } from 'node:stream';
import type { Clock } from '#common/base/clock';
import type { Random } from '#common/base/random';
import type { Scope } from '#common/base/scope';
import type { Pod } from '#common/kube/types';
import type { NodeDirectory } from '#main/base/node-api';
import type { KubeClient } from '#main/client/client';
import { createClient } from '#main/client/kube-client';
import { createInformers, type Informers } from '#main/informer/informers';
import type { ApiServer } from './apiserver/server';
import { builtInControllers } from './controllers/built-in-controllers';
import { collectableKinds } from './controllers/core/collectable-kinds';
import { startGarbageCollector } from './controllers/core/garbage-collector';
import { EventWriter } from './controllers/runtime/event-recorder';
import { startControllers } from './controllers/runtime/start-controllers';
import { Fairness } from './fair-carrier';
import { createKubelets, type Kubelets } from './kubelet/kubelets';
import type { UsageReader } from './kubelet/usage/usage-reader';
import type { ServicePort } from './network/cluster-network';
import { controllerManager, MANAGER, operator, scheduler, userOfController } from './component-users';
import { GARBAGE_COLLECTOR, makeAccounts } from './controllers/controller-accounts';
import type { User } from './authn/user';
import { loopback } from './loopback';
import type { SchedulingAttempt } from './scheduler/attempts';
import type { SchedulerConfiguration } from './scheduler/configuration';
import { startScheduler, type RunningScheduler } from './scheduler/scheduler';

export interface ControlPlaneOptions {
  server: ApiServer;
  clock: Clock;
  random: Random;
  scope: Scope;
  /** Nodes of a new cluster. */
  nodes: number;
  /** Manifests that the first node runs by itself. */
  staticPods: readonly Pod[];
  /** Where the API server listens on this computer. */
  apiServerPort: number;
  /** Node ports are opened on this computer too. */
  localPorts: boolean;
  /** The scheduler's profiles; its defaults unless given. */
  scheduling?: SchedulerConfiguration | undefined;
  /** Failures that only a developer can do something about. */
  report: (text: string) => void;
}

interface ClientOptions {
  clock: Clock;
  fairness: Fairness;
  scope: Scope;
  /** What it owns fields as. */
  fieldManager: string;
}

/** A client of `server` in the same process. */
export function clientAs(server: ApiServer, user: User, options: ClientOptions): KubeClient {
  const carrier = options.fairness.carrier(loopback(server, user));
  options.scope.add(() => carrier.close());
  return createClient(carrier, { clock: options.clock, fieldManager: options.fieldManager });
}

/** The clients of the controllers of one cluster, by the names of these. */
export function controllerClients(
  server: ApiServer,
  options: Omit<ClientOptions, 'fieldManager'>,
): (controller: string) => KubeClient {
  const known = new Map<string, KubeClient>();
  return (controller) => {
    const user = userOfController(controller);
    let client = known.get(user.name);
    if (!client) known.set(user.name, (client = clientAs(server, user, { ...options, fieldManager: MANAGER })));
    return client;
  };
}

/** The life of one cluster; it ends with its scope. */
export class ControlPlane {
  readonly informers: Informers;
  readonly #options: ControlPlaneOptions;
  readonly #fairness = new Fairness();
  readonly #events: EventWriter;
  #kubelets: Kubelets | undefined;
  #scheduler: RunningScheduler | undefined;

  constructor(options: ControlPlaneOptions) {
    const { clock, random, scope } = options;
    this.#options = options;
    this.informers = createInformers(this.#clientAs(controllerManager, MANAGER), { clock, random, scope, graceMs: 0 });
    this.#events = new EventWriter({
      client: this.client('events'),
      clock,
      scope,
      report: (failure) => this.#report('events', failure),
    });
  }

  /** A client of whoever runs the cluster. */
  client(name: string): KubeClient {
    return this.#clientAs(operator(name), name);
  }

  #clientAs(user: User, fieldManager: string): KubeClient {
    const { server, clock, scope } = this.#options;
    return clientAs(server, user, { clock, scope, fairness: this.#fairness, fieldManager });
  }

  /** Finds kubelets; there are none before the start. */
  readonly directory: NodeDirectory = (nodeName) => this.#kubelets?.directory(nodeName);

  /** What nodes and Pods use; nothing is known before the start. */
  get usage(): UsageReader | undefined {
    return this.#kubelets?.usage;
  }

  /** What was found out when the Pod was tried; nothing is known before the start. */
  schedulingAttempts(pod: { namespace: string; name: string }): readonly SchedulingAttempt[] {
    return this.#scheduler?.attempts(pod) ?? [];
  }

  /** Connects the API server to a Service; nobody answers before the start. */
  connectService(service: ServicePort, signal: AbortSignal): Promise<Duplex> {
    return (
      this.#kubelets?.connectService(service, signal) ?? Promise.reject(new Error('the cluster has not started yet'))
    );
  }

  /** Resolves when every part works and the nodes are Ready. Nodes come first: they are what people wait for. */
  async start(): Promise<void> {
    const { clock, random, scope, nodes, staticPods, apiServerPort, localPorts } = this.#options;
    const kubelets = createKubelets({
      client: this.client('kubelet'),
      informers: this.informers,
      clock,
      random,
      scope,
      nodes,
      staticPods,
      apiServerPort,
      localPorts,
      report: (failure) => this.#report('kubelet', failure),
    });
    this.#kubelets = kubelets;
    await kubelets.ready(scope.signal);
    await this.#startScheduler();
    await this.#startControllers();
  }

  async #startScheduler(): Promise<void> {
    const { clock, random, scope, scheduling } = this.#options;
    const client = this.#clientAs(scheduler, 'kube-scheduler');
    this.#scheduler = await startScheduler({
      client,
      informers: this.informers,
      recorder: (component) => this.#events.recorder({ component, style: 'events.k8s.io', client }),
      configuration: scheduling,
      clock,
      random,
      scope,
      report: (failure) => this.#report('scheduler', failure),
    });
  }

  async #startControllers(): Promise<void> {
    const { clock, scope, server } = this.#options;
    const clientOf = controllerClients(server, { clock, scope, fairness: this.#fairness });
    const client = clientOf(GARBAGE_COLLECTOR);
    const report = (controller: string, key: string, failure: unknown) => this.#report(`${controller} ${key}`, failure);
    const deps = { client, clientOf, informers: this.informers, events: this.#events, clock, scope, report };
    const controllers = builtInControllers(server.certificates);
    const names = [...controllers.map(({ name }) => name), GARBAGE_COLLECTOR];
    await makeAccounts(this.#clientAs(controllerManager, MANAGER), names, scope.signal);
    await startControllers(controllers, deps);
    await startGarbageCollector({
      ...deps,
      discover: (signal) => collectableKinds(client, signal),
    });
  }

  #report(where: string, failure: unknown): void {
    const what = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
    this.#options.report(`${where}: ${what}`);
  }
}
