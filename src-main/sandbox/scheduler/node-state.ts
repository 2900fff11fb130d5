import type { Node, Pod } from '#common/kube/types';
import { hostPortsOf, isSamePort, type HostPort } from './host-ports';
import { NodeImages } from './node-images';
import { inZoneOrder } from './node-order';
import { add, allocatableOf, takenBy, type Amounts } from './resources';
import { Tallies } from './tallies';

/** One node as the scheduler sees it: the node, and what the Pods on it take. */
export interface NodeState {
  readonly node: Node;
  readonly allocatable: Amounts;
  readonly requested: Amounts;
  /** Of cpu and memory, with something for containers that ask for none. */
  readonly nonZero: Amounts;
  /** By uid. */
  readonly pods: ReadonlyMap<string, Pod>;
  readonly hostPorts: readonly HostPort[];
}

/** A node that is there, beside those one only imagines. */
export interface KnownNode extends NodeState {
  /** A small number of its own for as long as the node is there. */
  readonly slot: number;
  /** Another number whenever anything of this has changed. */
  readonly version: number;
}

/** What the Pods of one node take. */
class NodeLoad {
  readonly requested: Record<string, number> = {};
  readonly nonZero: Record<string, number> = { cpu: 0, memory: 0 };
  readonly pods = new Map<string, Pod>();
  readonly hostPorts: HostPort[] = [];
  version = 0;

  take(pod: Pod): void {
    const { requests, nonZero } = takenBy(pod);
    add(this.requested, requests);
    add(this.nonZero, nonZero);
    this.pods.set(pod.metadata.uid, pod);
    this.hostPorts.push(...hostPortsOf(pod));
  }

  free(pod: Pod): void {
    const { requests, nonZero } = takenBy(pod);
    add(this.requested, requests, -1);
    add(this.nonZero, nonZero, -1);
    this.pods.delete(pod.metadata.uid);
    for (const port of hostPortsOf(pod)) {
      const at = this.hostPorts.findIndex((held) => isSamePort(held, port));
      if (at !== -1) this.hostPorts.splice(at, 1);
    }
  }
}

interface PlacedPod {
  pod: Pod;
  nodeName: string;
}

/** Nodes and the Pods on them, kept up to date change by change. */
export class NodeStates {
  /** Which Pods are where, counted for rules that look beyond one node. */
  readonly tallies = new Tallies();
  readonly images = new NodeImages();
  readonly #nodes = new Map<string, LoadedNode>();
  /** There before the node is, when its Pods are seen first. */
  readonly #loads = new Map<string, NodeLoad>();
  readonly #placed = new Map<string, PlacedPod>();
  readonly #freeSlots: number[] = [];
  #order: readonly KnownNode[] | undefined;
  #version = 0;

  /** Zone by zone in turn; the same array until a node comes, goes or changes. */
  get nodes(): readonly KnownNode[] {
    this.#order ??= inZoneOrder([...this.#nodes.values()]);
    return this.#order;
  }

  get(name: string): KnownNode | undefined {
    return this.#nodes.get(name);
  }

  setNode(node: Node): void {
    const { name } = node.metadata;
    const known = this.#nodes.get(name);
    const load = this.#loadOf(name);
    if (known && countsAlike(known.node, node)) {
      this.tallies.nodeRefreshed(node);
    } else {
      if (known) this.tallies.nodeLeft(known.node);
      this.tallies.nodeCame(node, load.pods);
    }
    this.images.set(node);
    this.#touch(load);
    this.#nodes.set(name, new LoadedNode(node, load, known?.slot ?? this.#freeSlot()));
    this.#order = undefined;
  }

  removeNode(name: string): void {
    const known = this.#nodes.get(name);
    if (!known) return;
    this.tallies.nodeLeft(known.node);
    this.images.remove(name);
    this.#nodes.delete(name);
    this.#freeSlots.push(known.slot);
    this.#order = undefined;
    this.#forgetEmpty(name);
  }

  /** The Pod as it was placed; undefined for one without a node. */
  placed(uid: string): Readonly<PlacedPod> | undefined {
    return this.#placed.get(uid);
  }

  /** Counts the Pod on `nodeName`, and there only. */
  place(pod: Pod, nodeName: string): void {
    this.remove(pod.metadata.uid);
    this.#placed.set(pod.metadata.uid, { pod, nodeName });
    const load = this.#loadOf(nodeName);
    load.take(pod);
    this.#touch(load);
    const known = this.#nodes.get(nodeName);
    if (known) this.tallies.podCame(pod, known.node);
  }

  /** The same Pod with other facts, none of which decides where it counts or what it takes. */
  refresh(pod: Pod): void {
    const { uid } = pod.metadata;
    const placed = this.#placed.get(uid);
    if (!placed) return;
    placed.pod = pod;
    this.#loads.get(placed.nodeName)?.pods.set(uid, pod);
  }

  /** The Pod as it took room until now; undefined when it took none. */
  remove(uid: string): Pod | undefined {
    const placed = this.#placed.get(uid);
    if (!placed) return undefined;
    const { pod, nodeName } = placed;
    this.#placed.delete(uid);
    const load = this.#loadOf(nodeName);
    load.free(pod);
    this.#touch(load);
    const known = this.#nodes.get(nodeName);
    if (known) this.tallies.podLeft(pod, known.node);
    this.#forgetEmpty(nodeName);
    return pod;
  }

  #freeSlot(): number {
    return this.#freeSlots.pop() ?? this.#nodes.size;
  }

  #touch(load: NodeLoad): void {
    this.#version++;
    load.version = this.#version;
  }

  #loadOf(nodeName: string): NodeLoad {
    let load = this.#loads.get(nodeName);
    if (!load) this.#loads.set(nodeName, (load = new NodeLoad()));
    return load;
  }

  #forgetEmpty(nodeName: string): void {
    if (!this.#nodes.has(nodeName) && this.#loads.get(nodeName)?.pods.size === 0) this.#loads.delete(nodeName);
  }
}

class LoadedNode implements KnownNode {
  readonly node: Node;
  readonly slot: number;
  readonly allocatable: Amounts;
  readonly #load: NodeLoad;

  constructor(node: Node, load: NodeLoad, slot: number) {
    this.node = node;
    this.slot = slot;
    this.allocatable = allocatableOf(node);
    this.#load = load;
  }

  get requested(): Amounts {
    return this.#load.requested;
  }

  get nonZero(): Amounts {
    return this.#load.nonZero;
  }

  get pods(): ReadonlyMap<string, Pod> {
    return this.#load.pods;
  }

  get hostPorts(): readonly HostPort[] {
    return this.#load.hostPorts;
  }

  get version(): number {
    return this.#load.version;
  }
}

/** A node as it would be with other Pods on it; the real one is not touched. */
export class ImaginedNode implements NodeState {
  readonly node: Node;
  readonly allocatable: Amounts;
  readonly #load = new NodeLoad();

  constructor(state: NodeState) {
    this.node = state.node;
    this.allocatable = state.allocatable;
    Object.assign(this.#load.requested, state.requested);
    Object.assign(this.#load.nonZero, state.nonZero);
    for (const [uid, pod] of state.pods) this.#load.pods.set(uid, pod);
    this.#load.hostPorts.push(...state.hostPorts);
  }

  add(pod: Pod): void {
    this.#load.take(pod);
  }

  remove(pod: Pod): void {
    this.#load.free(pod);
  }

  get requested(): Amounts {
    return this.#load.requested;
  }

  get nonZero(): Amounts {
    return this.#load.nonZero;
  }

  get pods(): ReadonlyMap<string, Pod> {
    return this.#load.pods;
  }

  get hostPorts(): readonly HostPort[] {
    return this.#load.hostPorts;
  }
}

/** Nothing has changed that decides to which group of nodes it belongs. */
function countsAlike(before: Node, after: Node): boolean {
  const facts = ({ metadata, spec }: Node) => JSON.stringify([metadata.labels, spec.taints]);
  return before.metadata.uid === after.metadata.uid && facts(before) === facts(after);
}
