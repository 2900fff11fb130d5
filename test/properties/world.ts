import { nodeLease } from '#common/kinds/node-lease';
import type { AnyObject, KubeObject } from '#common/kube/object';
import { groupResource, type TypedResource } from '#common/kube/resource';
import { Leases, Nodes } from '#common/kube/resources';
import { isNotFound } from '#common/kube/status-error';
import { formatTime } from '#common/base/clock';
import { builtInControllers } from '#main/sandbox/controllers/built-in-controllers';
import { collectableKinds } from '#main/sandbox/controllers/core/collectable-kinds';
import { pretendKubelet } from '#test/harness/pretend-kubelet';
import { TestSandbox } from '#test/harness/test-sandbox';

/** Everything a cluster holds, by the name of its kind: `pods`, `deployments.apps`. */
export type ClusterState = ReadonlyMap<string, readonly AnyObject[]>;

/** A whole cluster on a clock of its own, with kubelets that only pretend, made to be mistreated. */
export class World implements AsyncDisposable {
  readonly sandbox: TestSandbox;
  #manager: AsyncDisposable | undefined;

  private constructor(sandbox: TestSandbox) {
    this.sandbox = sandbox;
  }

  static async open(seed: number, nodes: number): Promise<World> {
    const sandbox = await TestSandbox.open({ controllers: [pretendKubelet()], scheduler: true, seed });
    const world = new World(sandbox);
    await world.startManager();
    for (let number = 1; number <= nodes; number++) await world.addNode(`node-${number}`);
    await sandbox.settle();
    return world;
  }

  async startManager(): Promise<void> {
    const controllers = builtInControllers(this.sandbox.certificates);
    this.#manager = await this.sandbox.startManager({ controllers, garbageCollector: true });
  }

  /** Controllers are stopped as they are, and others begin with what they find. */
  async restartManager(): Promise<void> {
    await this.#manager?.[Symbol.asyncDispose]();
    await this.startManager();
  }

  async addNode(name: string): Promise<void> {
    const node = await this.sandbox.node(name);
    await this.#keepLease(node);
  }

  /** The kubelet stops: nothing is heard of it, and its Pods are left as they are. */
  async loseNode(name: string): Promise<void> {
    const { clock, client } = this.sandbox;
    const lease = await this.sandbox.get(Leases, name, 'kube-node-lease');
    const { spec } = nodeLease(await this.sandbox.get(Nodes, name), clock.now(), 'no longer');
    await client.update(Leases, { ...lease, metadata: { ...lease.metadata, annotations: {} }, spec });
  }

  async returnNode(name: string): Promise<void> {
    const node = await this.sandbox.get(Nodes, name);
    const now = formatTime(this.sandbox.clock.now());
    const conditions = (node.status?.conditions ?? []).map((condition) => ({
      ...condition,
      status: condition.type === 'Ready' ? 'True' : 'False',
      reason: 'Kubelet',
      lastHeartbeatTime: now,
      lastTransitionTime: now,
    }));
    await this.sandbox.client.updateStatus(Nodes, { ...node, status: { ...node.status, conditions } });
    await this.#keepLease(node);
  }

  async #keepLease(node: KubeObject): Promise<void> {
    const { client, clock } = this.sandbox;
    const lease = nodeLease(node as never, clock.now(), 'continuously');
    try {
      const current = await client.get(Leases, { name: lease.metadata.name, namespace: lease.metadata.namespace });
      const metadata = { ...current.metadata, ...lease.metadata };
      await client.update(Leases, { ...current, metadata, spec: lease.spec });
    } catch (failure) {
      if (!isNotFound(failure)) throw failure;
      await client.create(Leases, lease);
    }
  }

  async state(): Promise<ClusterState> {
    const { client } = this.sandbox;
    const kinds = await collectableKinds(client, new AbortController().signal);
    const state = new Map<string, AnyObject[]>();
    for (const kind of kinds) {
      const { items } = await client.list(kind as TypedResource<AnyObject>);
      if (items.length > 0) state.set(groupResource(kind), items);
    }
    return state;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sandbox[Symbol.asyncDispose]();
  }
}
