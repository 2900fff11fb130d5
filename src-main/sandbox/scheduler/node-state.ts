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

interface Load {
  requested: Amounts;
  podCount: number;
  hostPorts: HostPort[];
}

/** Nodes and the Pods on them, kept up to date change by change. */
export class NodeStates {
  readonly #nodes = new Map<string, { node: Node; allocatable: Amounts }>();
  readonly #placed = new Map<string, Placed>();
  readonly #loads = new Map<string, Load>();

  get size(): number {
    return this.#nodes.size;
  }

  setNode(node: Node): void {
    this.#nodes.set(node.metadata.name, { node, allocatable: allocatableOf(node) });
  }

  removeNode(name: string): void {
    this.#nodes.delete(name);
  }

  /** Counts the Pod on `nodeName`; the same Pod again changes nothing. */
  place(pod: Pod, nodeName: string): void {
    const known = this.#placed.get(pod.metadata.uid);
    const next = { nodeName, requests: requestsOf(pod), hostPorts: hostPortsOf(pod) };
    if (known) this.#unload(known);
    this.#placed.set(pod.metadata.uid, next);
    const load = this.#loads.get(nodeName) ?? { requested: {}, podCount: 0, hostPorts: [] };
    load.requested = sum(load.requested, next.requests);
    load.podCount++;
    load.hostPorts.push(...next.hostPorts);
    this.#loads.set(nodeName, load);
  }

  /** True when the Pod took room until now. */
  remove(uid: string): boolean {
    const known = this.#placed.get(uid);
    if (!known) return false;
    this.#placed.delete(uid);
    this.#unload(known);
    return true;
  }

  isPlaced(uid: string): boolean {
    return this.#placed.has(uid);
  }

  *values(): Generator<NodeState> {
    for (const { node, allocatable } of this.#nodes.values()) {
      const { requested = {}, podCount = 0, hostPorts = [] } = this.#loads.get(node.metadata.name) ?? {};
      yield { node, allocatable, requested, podCount, hostPorts };
    }
  }

  #unload({ nodeName, requests, hostPorts }: Placed): void {
    const load = this.#loads.get(nodeName);
    if (!load) return;
    load.requested = sum(load.requested, requests, -1);
    load.podCount--;
    for (const port of hostPorts) {
      const at = load.hostPorts.findIndex((held) => conflicts(held, port));
      if (at >= 0) load.hostPorts.splice(at, 1);
    }
    if (load.podCount === 0) this.#loads.delete(nodeName);
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
