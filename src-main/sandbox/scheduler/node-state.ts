import type { Node, Pod } from '#common/kube/types';
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
}

interface Placed {
  nodeName: string;
  requests: Amounts;
  hostPorts: readonly HostPort[];
}

/** What the Pods of one node take; there before the node is, when its Pods are seen first. */
interface Load {
  requested: Amounts;
  podCount: number;
  hostPorts: HostPort[];
}

/** Nodes and the Pods on them, kept up to date change by change. */
export class NodeStates {
  readonly #nodes = new Map<string, NodeState>();
  readonly #placed = new Map<string, Placed>();
  readonly #loads = new Map<string, Load>();

  get size(): number {
    return this.#nodes.size;
  }

  setNode(node: Node): void {
    const load = this.#loadOf(node.metadata.name);
    this.#nodes.set(node.metadata.name, new LoadedNode(node, load));
  }

  removeNode(name: string): void {
    this.#nodes.delete(name);
    this.#forgetEmpty(name);
  }

  /** Counts the Pod on `nodeName`, and there only. */
  place(pod: Pod, nodeName: string): void {
    this.remove(pod.metadata.uid);
    const requests = requestsOf(pod);
    const hostPorts = hostPortsOf(pod);
    this.#placed.set(pod.metadata.uid, { nodeName, requests, hostPorts });
    const load = this.#loadOf(nodeName);
    load.requested = sum(load.requested, requests);
    load.podCount++;
    load.hostPorts.push(...hostPorts);
  }

  /** True when the Pod took room until now. */
  remove(uid: string): boolean {
    const known = this.#placed.get(uid);
    if (!known) return false;
    this.#placed.delete(uid);
    const load = this.#loadOf(known.nodeName);
    load.requested = sum(load.requested, known.requests, -1);
    load.podCount--;
    for (const port of known.hostPorts) load.hostPorts.splice(load.hostPorts.indexOf(port), 1);
    this.#forgetEmpty(known.nodeName);
    return true;
  }

  isPlaced(uid: string): boolean {
    return this.#placed.has(uid);
  }

  values(): Iterable<NodeState> {
    return this.#nodes.values();
  }

  #loadOf(nodeName: string): Load {
    let load = this.#loads.get(nodeName);
    if (!load) this.#loads.set(nodeName, (load = { requested: {}, podCount: 0, hostPorts: [] }));
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

export function conflicts(left: HostPort, right: HostPort): boolean {
  if (left.port !== right.port || left.protocol !== right.protocol) return false;
  return left.ip === right.ip || left.ip === ANY_IP || right.ip === ANY_IP;
}
