import type { Node, Pod } from '#common/kube/types';
import { PlacedPods } from './placed-pods';
import { allocatableOf, requestsOf, sum, type Amounts } from './resources';

/** A port of a node that a Pod holds. */
export interface HostPort {
  ip: string;
  protocol: string;
  port: number;
}

/** One node as the scheduler sees it: the node, and what the Pods on it take. */
export interface NodeState {
  readonly node: Node;
  readonly allocatable: Amounts;
  readonly requested: Amounts;
  readonly podCount: number;
  readonly hostPorts: readonly HostPort[];
  /** Another number whenever anything of this has changed. */
  readonly version: number;
}

/** What the Pods of one node take; there before the node is, when its Pods are seen first. */
interface Load {
  requested: Amounts;
  podCount: number;
  hostPorts: HostPort[];
  version: number;
}

/** Nodes and the Pods on them, kept up to date change by change. */
export class NodeStates {
  readonly pods = new PlacedPods((nodeName, key) => this.get(nodeName)?.node.metadata.labels?.[key]);
  readonly #nodes = new Map<string, NodeState>();
  readonly #loads = new Map<string, Load>();
  readonly #domains = new Map<string, ReadonlySet<string>>();
  #order: readonly NodeState[] | undefined;
  #version = 0;

  /** The same array until a node comes, goes or changes. */
  get nodes(): readonly NodeState[] {
    this.#order ??= [...this.#nodes.values()];
    return this.#order;
  }

  get(name: string): NodeState | undefined {
    return this.#nodes.get(name);
  }

  /** The values of a label among the nodes. */
  domains(topologyKey: string): ReadonlySet<string> {
    let values = this.#domains.get(topologyKey);
    if (!values) {
      values = new Set(this.nodes.flatMap(({ node }) => node.metadata.labels?.[topologyKey] ?? []));
      this.#domains.set(topologyKey, values);
    }
    return values;
  }

  setNode(node: Node): void {
    const { name, labels } = node.metadata;
    const known = this.#nodes.get(name);
    const load = this.#loadOf(name);
    this.#touch(load);
    this.#nodes.set(name, new LoadedNode(node, load));
    this.#order = undefined;
    if (JSON.stringify(known?.node.metadata.labels) !== JSON.stringify(labels)) this.#forgetDomains();
  }

  removeNode(name: string): void {
    if (!this.#nodes.delete(name)) return;
    this.#order = undefined;
    this.#forgetDomains();
    this.#forgetEmpty(name);
  }

  /** Counts the Pod on `nodeName`, and there only. */
  place(pod: Pod, nodeName: string): void {
    this.remove(pod.metadata.uid);
    this.pods.add({ pod, nodeName });
    const load = this.#loadOf(nodeName);
    load.requested = sum(load.requested, requestsOf(pod));
    load.podCount++;
    load.hostPorts.push(...hostPortsOf(pod));
    this.#touch(load);
  }

  /** True when the Pod took room until now. */
  remove(uid: string): boolean {
    const placed = this.pods.remove(uid);
    if (!placed) return false;
    const { pod, nodeName } = placed;
    const load = this.#loadOf(nodeName);
    load.requested = sum(load.requested, requestsOf(pod), -1);
    load.podCount--;
    for (const port of hostPortsOf(pod)) {
      load.hostPorts.splice(
        load.hostPorts.findIndex((held) => isSame(held, port)),
        1,
      );
    }
    this.#touch(load);
    this.#forgetEmpty(nodeName);
    return true;
  }

  #touch(load: Load): void {
    this.#version++;
    load.version = this.#version;
  }

  #forgetDomains(): void {
    this.#domains.clear();
    this.pods.forgetDomains();
  }

  #loadOf(nodeName: string): Load {
    let load = this.#loads.get(nodeName);
    if (!load) this.#loads.set(nodeName, (load = { requested: {}, podCount: 0, hostPorts: [], version: 0 }));
    return load;
  }

  #forgetEmpty(nodeName: string): void {
    if (!this.#nodes.has(nodeName) && this.#loads.get(nodeName)?.podCount === 0) this.#loads.delete(nodeName);
  }
}

class LoadedNode implements NodeState {
  readonly node: Node;
  readonly allocatable: Amounts;
  readonly #load: Load;

  constructor(node: Node, load: Load) {
    this.node = node;
    this.allocatable = allocatableOf(node);
    this.#load = load;
  }

  get requested(): Amounts {
    return this.#load.requested;
  }

  get version(): number {
    return this.#load.version;
  }

  get podCount(): number {
    return this.#load.podCount;
  }

  get hostPorts(): readonly HostPort[] {
    return this.#load.hostPorts;
  }
}

const ANY_IP = '0.0.0.0';

/** Ports of the node that the Pod's containers ask for. */
export function hostPortsOf({ spec }: Pod): HostPort[] {
  return spec.containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, hostIP, protocol = 'TCP' }) =>
      hostPort ? [{ ip: hostIP || ANY_IP, protocol, port: hostPort }] : [],
    ),
  );
}

function isSame(left: HostPort, right: HostPort): boolean {
  return left.port === right.port && left.protocol === right.protocol && left.ip === right.ip;
}

export function conflicts(left: HostPort, right: HostPort): boolean {
  if (left.port !== right.port || left.protocol !== right.protocol) return false;
  return left.ip === right.ip || left.ip === ANY_IP || right.ip === ANY_IP;
}
