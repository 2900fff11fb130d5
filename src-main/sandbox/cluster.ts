import { randomInt as cryptoRandomInt } from 'node:crypto';
import { seededRandom } from '#common/base/random';
import { Scope } from '#common/base/scope';
import type { AnyObject } from '#common/kube/object';
import { ConfigMaps } from '#common/kube/resources';
import { isNotFound } from '#common/kube/status-error';
import { orAborted } from '#main/base/linked-abort';
import { systemClock } from '#main/base/system-clock';
import type { KubeClient } from '#main/client/client';
import { createApiServer, type ApiServer } from './apiserver/server';
import type { Listening } from './apiserver/listener';
import { ControlPlane } from './control-plane';
import { kubeconfigText } from './kubeconfig-text';
import { applyScenario, checkScenario, DEFAULT_SCENARIO, scenarioObjects, scenarioPods } from './scenario';
import type { SandboxCluster, SandboxOptions } from './index';

const DEFAULT_NODES = 3;

/**
 * Opens a cluster: resolves when its API answers; its nodes and first content follow, see `ready`. Throws Problem
 * `port-in-use`, `sandbox-damaged`, `scenario-unknown`.
 */
export async function openCluster(options: SandboxOptions): Promise<Cluster> {
  const scenario = options.scenario ?? DEFAULT_SCENARIO;
  checkScenario(scenario);
  const { clock = systemClock, folder, port = 0, seed = cryptoRandomInt(2 ** 32) } = options;
  const random = seededRandom(seed);
  const onMessage = options.onMessage ?? ignore;
  const scope = new Scope(`sandbox ${options.name}`);
  let plane: ControlPlane | undefined;
  try {
    const server = await createApiServer({
      clock,
      random,
      folder,
      oidc: options.oidc,
      nodes: (nodeName) => plane?.directory(nodeName),
      services: {
        dial: (service, signal) =>
          plane?.connectService(service, signal) ?? Promise.reject(new Error('the cluster has not started yet')),
      },
      schedulingAttempts: (pod) => plane?.schedulingAttempts(pod) ?? [],
      metrics: {
        nodes: async () => (await plane?.usage?.nodes()) ?? [],
        pods: async (namespace) => (await plane?.usage?.pods(namespace)) ?? [],
      },
      onMessage,
    });
    scope.add(server);
    const listening = await server.listen(port);
    const living = scope.child('control plane');
    plane = new ControlPlane({
      server,
      clock,
      random,
      scope: living,
      nodes: options.nodes ?? DEFAULT_NODES,
      staticPods: scenarioPods(scenario, options.name),
      apiServerPort: listening.port,
      localPorts: options.localPorts === true,
      scheduling: options.scheduling,
      report: onMessage,
    });
    return new Cluster({ name: options.name, scenario, server, listening, plane, scope });
  } catch (failure) {
    await scope.close();
    throw failure;
  }
}

function ignore(): void {}

interface ClusterParts {
  name: string;
  scenario: string;
  server: ApiServer;
  listening: Listening;
  plane: ControlPlane;
  scope: Scope;
}

export class Cluster implements SandboxCluster {
  readonly name: string;
  readonly #parts: ClusterParts;
  readonly #started: Promise<void>;

  constructor(parts: ClusterParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#started = this.#start();
    // Whoever waits for `ready` is told; that nobody waits is no failure.
    this.#started.catch(() => undefined);
  }

  get url(): string {
    return this.#parts.listening.url;
  }

  /** A client of the cluster with an administrator's rights, in this process. */
  client(name = 'admin'): KubeClient {
    return this.#parts.plane.client(name);
  }

  get plane(): ControlPlane {
    return this.#parts.plane;
  }

  kubeconfig(): string {
    return kubeconfigText(this.name, this.url, this.#parts.server.certificates);
  }

  ready(signal?: AbortSignal): Promise<void> {
    return orAborted(this.#started, signal);
  }

  close(): Promise<void> {
    return this.#parts.scope.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #start(): Promise<void> {
    const { plane, scope, scenario, server } = this.#parts;
    await plane.start();
    const ca = Buffer.from(server.certificates.authority.certificate).toString('base64');
    const objects = () => scenarioObjects(scenario, { cluster: this.name, ca });
    await furnishOnce(plane.client('pilothouse'), { scenario, objects }, scope.signal);
  }
}

const MARK = { name: 'pilothouse-scenario', namespace: 'kube-public' };

/** A cluster is furnished once: what people take away later does not come back with the next start. */
async function furnishOnce(
  client: KubeClient,
  { scenario, objects }: { scenario: string; objects: () => AnyObject[] },
  signal: AbortSignal,
): Promise<void> {
  try {
    await client.get(ConfigMaps, MARK, { signal });
    return;
  } catch (failure) {
    if (!isNotFound(failure)) throw failure;
  }
  await applyScenario(client, objects(), signal);
  await client.create(ConfigMaps, { metadata: { ...MARK }, data: { scenario } }, { signal });
}
