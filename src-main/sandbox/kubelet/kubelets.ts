import type { Duplex } from 'node:stream';
import type { Clock } from '#common/base/clock';
import type { Random } from '#common/base/random';
import type { Scope } from '#common/base/scope';
import { CSIDrivers, Nodes, PersistentVolumes, Pods } from '#common/kube/resources';
import { isAlreadyExists } from '#common/kube/status-error';
import type { Node, NodeSpec, Pod, Service } from '#common/kube/types';
import type { NodeDirectory } from '#main/base/node-api';
import { orAborted } from '#main/base/linked-abort';
import type { KubeClient } from '#main/client/client';
import type { Delta, Informer } from '#main/informer/informer';
import type { Informers } from '#main/informer/informers';
import { VolumeStore } from '../containers/volume-store';
import { ClusterNetwork, type ServicePort } from '../network/cluster-network';
import { PodAddresses, podCidr } from '../network/pod-addresses';
import { LocalPorts } from '../network/local-ports';
import { keepCsiNode } from './csi-node';
import { EventWriter } from './event-writer';
import { isMachine, JoiningNodes } from './joining-nodes';
import { Kubelet, type SharedContext } from './kubelet';
import { keepLease } from './node-leases';
import { nodeDraft, nodeStatus } from './node-object';
import type { PodWorker } from './pod-worker';
import { SourceWatch } from './source-watch';
import { isMirror, StaticPods } from './static-pods';
import { StatusWriter } from './status-writer';
import { UsageReader } from './usage/usage-reader';
import { WorkLimit } from './work-limit';

export interface KubeletsOptions {
  client: KubeClient;
  informers: Informers;
  clock: Clock;
  random: Random;
  /** Everything stops with it. */
  scope: Scope;
  /** Nodes to register when the cluster has none yet. */
  nodes: number;
  /** Manifests that the kubelet of the first node runs by itself: the control plane of kubeadm. */
  staticPods?: readonly Pod[] | undefined;
  /** Where the API server listens on this computer, for what Pods ask of it. */
  apiServerPort?: number | undefined;
  /** Node ports are opened on this computer too. */
  localPorts?: boolean | undefined;
  /** Told of failures nobody waits for; by default they are dropped. */
  report?: (failure: unknown) => void;
}

/** The kubelets of all nodes of one cluster. */
export interface Kubelets {
  /** Finds the door of a node by its name. */
  directory: NodeDirectory;
  /** For the API server's own calls to Services of the cluster. */
  connectService(service: ServicePort, signal: AbortSignal): Promise<Duplex>;
  /** The kubelet of a node, to stop, start or reboot it. */
  kubelet(nodeName: string): Kubelet | undefined;
  /** What nodes and Pods use. */
  usage: UsageReader;
  /** Resolves when every node is registered and Ready. */
  ready(signal?: AbortSignal): Promise<void>;
}

type Taint = NonNullable<NodeSpec['taints']>[number];

/** Nodes that are registered at once. */
const CONCURRENT_REGISTRATIONS = 16;
const CONCURRENT_ANNOUNCEMENTS = 4;
const CONTROL_PLANE: Taint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };
/** The place of the index that finds the Pods of a node. */
const BY_NODE = 'spec.nodeName';

const isControlPlane = ({ metadata }: Node): boolean =>
  metadata.labels?.['node-role.kubernetes.io/control-plane'] !== undefined;

export function createKubelets(options: KubeletsOptions): Kubelets {
  return new AllKubelets(options);
}

class AllKubelets implements Kubelets {
  readonly #options: KubeletsOptions;
  readonly #kubelets = new Map<string, Kubelet>();
  readonly #shared: SharedContext;
  /** Workers of mirror Pods that are about to be made anew, by the name of the Pod. */
  readonly #unmirrored = new Map<string, PodWorker>();
  readonly #events: EventWriter;
  readonly #statuses: StatusWriter;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #network: ClusterNetwork;
  readonly #volumes = new VolumeStore();
  readonly #ready: Promise<void>;
  #static: StaticPods | undefined;
  readonly usage: UsageReader;

  constructor(options: KubeletsOptions) {
    this.#options = options;
    const { client, clock, random, scope, informers } = options;
    const { signal } = scope;
    this.#events = new EventWriter({ client, clock, random, signal });
    this.#statuses = new StatusWriter(client, { signal, report: (failure) => this.#report(failure) });
    const lease = informers.open(Pods, {
      indexes: { [BY_NODE]: ({ spec }) => (spec.nodeName ? [spec.nodeName] : []) },
    });
    scope.add(lease);
    this.#pods = lease.informer;
    const nodes = informers.open(Nodes);
    scope.add(nodes);
    this.#nodes = nodes.informer;
    this.#network = new ClusterNetwork({
      informers,
      clock,
      random,
      scope,
      apiServerPort: options.apiServerPort,
      dial: (pod, port, from) => this.#workerOf(pod)?.dial(port, from),
    });
    const report = (failure: unknown) => this.#report(failure);
    const drivers = scope.add(informers.open(CSIDrivers));
    const sources = new SourceWatch({ informers, clock, scope, report });
    this.#shared = {
      client,
      clock,
      random,
      events: this.#events,
      statuses: this.#statuses,
      network: this.#network,
      volumes: this.#volumes,
      csiDriver: (name) => drivers.informer.cache.get(name),
      follow: (pod, refresh) => sources.follow(pod, refresh),
      report,
    };
    if (options.localPorts) {
      scope.add(
        new LocalPorts({
          informers,
          scope,
          connect: (service, signal) => this.#network.connectService(service, signal),
          onTaken: (service, port) => this.#portTaken(service, port),
        }),
      );
    }
    const persistent = informers.open(PersistentVolumes);
    scope.add(persistent);
    scope.add(
      persistent.informer.subscribe((deltas) => {
        for (const { type, object } of deltas) if (type === 'removed') this.#volumes.forget(object.metadata.name);
      }),
    );
    this.usage = new UsageReader({
      clock,
      nodes: () => this.#running(),
      podsOn: (nodeName) => this.#podsOn(nodeName),
    });
    this.#ready = this.#start();
    this.#ready.catch(() => undefined);
    scope.add(() => this.#close());
  }

  readonly directory: NodeDirectory = (nodeName) => this.#kubelets.get(nodeName)?.door;

  kubelet(nodeName: string): Kubelet | undefined {
    return this.#kubelets.get(nodeName);
  }

  connectService(service: ServicePort, signal: AbortSignal): Promise<Duplex> {
    return this.#network.connectService(service, signal);
  }

  ready(signal?: AbortSignal): Promise<void> {
    return orAborted(this.#ready, signal);
  }

  async #start(): Promise<void> {
    const { client, scope } = this.#options;
    const { signal } = scope;
    const { items } = await client.list(Nodes, { signal });
    const nodes = items.length > 0 ? items.filter(isMachine) : await this.#registerAll();
    await this.#keepLeases(nodes);
    for (const [index, node] of nodes.entries()) this.#adopt(node, index + 1);
    scope.add(this.#pods.subscribe((deltas) => this.#apply(deltas)));
    await Promise.all([this.#pods.synced(signal), this.#network.synced(signal)]);
    for (const pod of this.#pods.cache.values()) this.#changed(pod);
    // Whatever comes from now on has not run before.
    for (const kubelet of this.#kubelets.values()) kubelet.settle();
    const first = nodes.find(isControlPlane) ?? nodes[0];
    if (first) this.#startStatic(first);
    void this.#announceDrivers(nodes).catch((failure) => this.#report(failure));
    this.#followNodes();
  }

  /** Nodes that people add from now on, and those that they take away. */
  #followNodes(): void {
    new JoiningNodes({
      ...this.#options,
      nodes: this.#nodes,
      isKnown: (name) => this.#kubelets.has(name),
      joined: (node, number) => this.#joined(node, number),
      left: (name) => this.#left(name),
      report: (failure) => this.#report(failure),
    }).start();
  }

  async #joined(node: Node, number: number): Promise<void> {
    await this.#keepLeases([node]);
    const { name } = node.metadata;
    this.#adopt(node, number).settle();
    for (const pod of this.#pods.cache.indexed(BY_NODE, name)) this.#changed(pod);
    await this.#announceDrivers([node]);
  }

  /** Nobody knows the machine any more: what runs there ends, and its manifests are nobody's business. */
  #left(name: string): void {
    const kubelet = this.#kubelets.get(name);
    this.#kubelets.delete(name);
    if (this.#static?.nodeName === name) this.#static = undefined;
    this.#volumes.wipe(name);
    kubelet?.close().catch((failure) => this.#report(failure));
  }

  /** After everything that people wait for. */
  async #announceDrivers(nodes: readonly Node[]): Promise<void> {
    const { client, scope } = this.#options;
    const limit = new WorkLimit(CONCURRENT_ANNOUNCEMENTS);
    const deps = { client, signal: scope.signal };
    await Promise.all(nodes.map((node) => limit.run(() => keepCsiNode(node, deps))));
  }

  #startStatic(node: Node): void {
    const { client, clock, scope, staticPods: manifests = [] } = this.#options;
    const report = (failure: unknown) => this.#report(failure);
    this.#static = new StaticPods(node, { client, clock, signal: scope.signal, manifests, report });
    this.#static.start((key) => this.#pods.cache.get(key));
  }

  async #registerAll(): Promise<Node[]> {
    const limit = new WorkLimit(CONCURRENT_REGISTRATIONS);
    const numbers = Array.from({ length: this.#options.nodes }, (_, index) => index + 1);
    return Promise.all(numbers.map((number) => limit.run(() => this.#register(number))));
  }

  async #keepLeases(nodes: readonly Node[]): Promise<void> {
    const { client, clock, scope } = this.#options;
    const limit = new WorkLimit(CONCURRENT_REGISTRATIONS);
    const deps = { client, clock, signal: scope.signal };
    await Promise.all(nodes.map((node) => limit.run(() => keepLease(node, deps))));
  }

  async #register(number: number): Promise<Node> {
    const { client, scope } = this.#options;
    const { signal } = scope;
    const draft = nodeDraft(number, this.#taints(number));
    const name = `node-${number}`;
    try {
      await client.create(Nodes, draft, { signal });
    } catch (failure) {
      if (!isAlreadyExists(failure)) throw failure;
    }
    const status = nodeStatus(name, number, this.#options);
    const options = { subresource: 'status', signal };
    return client.patch(Nodes, { name }, { type: 'strategic', patch: { status } }, options);
  }

  /** As kubeadm does it, the control plane keeps its node to itself where there are others. */
  #taints(number: number): Taint[] {
    const { nodes, staticPods = [] } = this.#options;
    return number === 1 && nodes > 1 && staticPods.length > 0 ? [CONTROL_PLANE] : [];
  }

  #adopt(node: Node, number: number): Kubelet {
    const { name } = node.metadata;
    const kubelet = new Kubelet({
      shared: this.#shared,
      name,
      ip: node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
      addresses: new PodAddresses(node.spec.podCIDR ?? podCidr(number)),
      node: () => this.#nodes.cache.get(name),
      pods: () => this.#pods.cache.indexed(BY_NODE, name),
      read: () => this.usage.read(name),
      images: node.status?.images,
      found: 'rebooted',
      signal: this.#options.scope.signal,
      other: (other) => this.#kubelets.get(other)?.console,
    });
    this.#kubelets.set(name, kubelet);
    return kubelet;
  }

  #workerOf({ metadata: { uid }, spec }: Pod): PodWorker | undefined {
    return this.#kubelets.get(spec.nodeName ?? '')?.worker(uid);
  }

  *#running(): Generator<{ node: Node; startedAtMs: number }> {
    for (const [name, { startedAtMs, isOn }] of this.#kubelets) {
      const node = isOn ? this.#nodes.cache.get(name) : undefined;
      if (node) yield { node, startedAtMs };
    }
  }

  *#podsOn(nodeName: string) {
    for (const pod of this.#pods.cache.indexed(BY_NODE, nodeName)) {
      const containers = this.#workerOf(pod)?.running() ?? [];
      if (containers.length > 0) yield { pod, containers };
    }
  }

  #apply(deltas: readonly Delta<Pod>[]): void {
    for (const { type, object } of deltas) {
      if (type === 'removed') this.#removed(object);
      else this.#changed(object);
    }
  }

  #changed(pod: Pod): void {
    if (isMirror(pod) && pod.metadata.deletionTimestamp) {
      this.#static?.release(pod);
      return;
    }
    const kubelet = this.#kubelets.get(pod.spec.nodeName ?? '');
    if (!kubelet) return;
    this.#remirror(pod, kubelet);
    kubelet.changed(pod);
  }

  /** What a mirror Pod stands for goes on running while the mirror is made anew. */
  #remirror({ metadata }: Pod, kubelet: Kubelet): void {
    const worker = this.#unmirrored.get(metadata.name);
    if (!worker || kubelet.worker(metadata.uid)) return;
    this.#unmirrored.delete(metadata.name);
    kubelet.adopt(metadata.uid, worker);
  }

  #removed(pod: Pod): void {
    const worker = this.#kubelets.get(pod.spec.nodeName ?? '')?.removed(pod);
    if (worker && isMirror(pod) && this.#static?.renew(pod)) {
      this.#unmirrored.set(pod.metadata.name, worker);
      return;
    }
    worker?.close().catch((failure) => this.#report(failure));
  }

  async #close(): Promise<void> {
    const unmirrored = [...this.#unmirrored.values()];
    this.#unmirrored.clear();
    await Promise.all([...this.#kubelets.values(), ...unmirrored].map((each) => each.close()));
  }

  #portTaken({ metadata: { name, namespace = '', uid } }: Service, port: number): void {
    const about = { kind: 'Service', apiVersion: 'v1', name, namespace, uid };
    const message = `Port ${port} of this computer is taken: the node port answers inside of the cluster only`;
    this.#events.record('localhost', about, { type: 'Warning', reason: 'LocalPortTaken', message });
  }

  #report(failure: unknown): void {
    if (!this.#options.scope.closed) this.#options.report?.(failure);
  }
}
