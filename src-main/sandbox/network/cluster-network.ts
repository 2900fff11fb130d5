import { connect as connectSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { sleep, type Clock } from '#common/base/clock';
import { randomInt, type Random } from '#common/base/random';
import type { Scope } from '#common/base/scope';
import type { Pod, Service } from '#common/kube/types';
import { onAbort } from '#main/base/on-abort';
import { ConnectError, type DnsAnswer, type DnsType, type IngressView, type PodNetwork } from '#main/base/pod-network';
import type { Informers } from '#main/informer/informers';
import { dnsAnswer } from './cluster-dns';
import { ingressRoute } from './ingress-routes';
import { ingressCertificate, missingSecrets } from './ingress-tls';
import { InformedObjects } from './network-objects';
import { isAllowed } from './network-policy';
import { NetworkOfPod } from './network-of-pod';
import { DNS_ADDRESS } from './resolver-files';
import { serviceEnvironment } from './service-environment';
import { isServiceAddress, serviceRoute, type Protocol, type Target } from './service-routing';

export interface ClusterNetworkOptions {
  informers: Informers;
  clock: Clock;
  random: Random;
  scope: Scope;
  /** A connection to a port of a running Pod; nothing when none of its containers listens there. */
  dial: (pod: Pod, port: number, from: string) => Duplex | undefined;
  /** Where the API server of this cluster listens on this computer. */
  apiServerPort?: number | undefined;
}

/** How long Linux tries to connect to someone who does not answer (tcp_syn_retries 6). */
const CONNECT_TIMEOUT_MS = 130_000;
/** Where kubeadm's API server is bound: the address of the first control plane node. */
const API_SERVER = { address: '172.18.0.2', port: 6443 };
/** A port of a Service by its names. */
export interface ServicePort {
  namespace: string;
  name: string;
  port: number;
}

/** The gateway of the nodes' network is the computer that runs them. */
const THIS_COMPUTER = '172.18.0.1';

interface Sender {
  address: string;
  pod?: Pod | undefined;
}

interface Sticky {
  target: Target;
  untilMs: number;
}

/** The network of one cluster: Pods, Services, names and policies, for everything that runs in its containers. */
export class ClusterNetwork {
  readonly #options: ClusterNetworkOptions;
  readonly #objects: InformedObjects;
  readonly #sticky = new Map<string, Sticky>();

  constructor(options: ClusterNetworkOptions) {
    this.#options = options;
    this.#objects = new InformedObjects(options.informers, options.scope);
  }

  /** Resolves when Services and Pods that existed before are known. */
  synced(signal: AbortSignal): Promise<void> {
    return this.#objects.synced(signal);
  }

  /** The variables of the Services that a container finds when it starts. */
  serviceEnvironment(namespace: string, links = true): Record<string, string> {
    return serviceEnvironment(this.#objects, namespace, links);
  }

  /** The network as one Pod sees it; `pod` is asked each time, because labels change. */
  of(address: string, pod: () => Pod): PodNetwork {
    return new NetworkOfPod(this, { address, pod });
  }

  /** What an Ingress controller of that class serves. */
  ingresses(ingressClass: string): IngressView {
    const objects = this.#objects;
    return {
      route: (request) => ingressRoute(objects, ingressClass, request),
      certificate: (host) => ingressCertificate(objects, ingressClass, host),
      missingSecrets: () => missingSecrets(objects, ingressClass),
      onChange: (changed) => objects.onIngresses(changed),
    };
  }

  /** Connects the API server to a port of a Service, as for its webhooks; rejects where there is no such Service. */
  connectService({ namespace, name, port }: ServicePort, signal: AbortSignal): Promise<Duplex> {
    const address = this.#objects.service(namespace, name)?.spec.clusterIP;
    if (!address || address === 'None') return Promise.reject(new Error(`service "${name}" not found`));
    return this.connect({ address: THIS_COMPUTER }, { address, port }, signal);
  }

  /** Connects a sender to an address of the cluster. */
  async connect(from: Sender, to: Target, signal?: AbortSignal): Promise<Duplex> {
    const target = this.#targetOf(from, to, 'TCP');
    if (target === 'refused') throw new ConnectError('refused');
    if (target === 'silent') return this.#timeOut(signal);
    if (target.address === API_SERVER.address && target.port === API_SERVER.port) return this.#apiServer(signal);
    if (target.address === THIS_COMPUTER && target !== to) return socketTo(target.port, signal);
    const pods = this.#podsBehind(target);
    if (pods.length === 0) return this.#nobody(target, signal);
    const open = pods.filter((pod) => this.#isAllowed(from, pod, target.port));
    if (open.length === 0) return this.#timeOut(signal);
    for (const pod of open) {
      const connection = this.#options.dial(pod, hostPort(pod, target.port) ?? target.port, from.address);
      if (connection) return connection;
    }
    throw new ConnectError('refused');
  }

  #targetOf(from: Sender, to: Target, protocol: Protocol): Target | 'refused' | 'silent' {
    const destination = { ...to, protocol, fromNode: from.pod?.spec.nodeName };
    const route = serviceRoute(this.#objects, destination);
    if (!route) return isServiceAddress(this.#objects, to.address) ? 'silent' : to;
    const [first] = route.targets;
    if (!first) return 'refused';
    return this.#chosen(route.service, route.targets, from.address);
  }

  /** A random endpoint, or the one this client had before when the Service keeps clients with theirs. */
  #chosen(service: Service, targets: readonly Target[], client: string): Target {
    const { clock, random } = this.#options;
    const any = targets[randomInt(random, targets.length)] ?? { address: '', port: 0 };
    const { sessionAffinity, sessionAffinityConfig } = service.spec;
    if (sessionAffinity !== 'ClientIP') return any;
    const key = `${service.metadata.uid} ${client} ${any.port}`;
    const known = this.#sticky.get(key);
    const isKept =
      known && known.untilMs > clock.now() && targets.some(({ address }) => address === known.target.address);
    const target = isKept ? known.target : any;
    const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800;
    this.#sticky.set(key, { target, untilMs: clock.now() + seconds * 1000 });
    return target;
  }

  #podsBehind({ address, port }: Target): Pod[] {
    const pods = this.#objects.podsAt(address).filter(isAlive);
    const node = this.#objects.nodeAt(address);
    if (!node) return pods;
    const published = this.#objects.podsOn(node.metadata.name).filter((pod) => hostPort(pod, port) !== undefined);
    return [...published, ...pods];
  }

  #isAllowed(from: Sender, pod: Pod, port: number, protocol: Protocol = 'TCP'): boolean {
    const to = { address: pod.status?.podIP ?? '', pod };
    return isAllowed(this.#objects, { from, to, port, protocol });
  }

  /** Nodes refuse what nothing listens for; other addresses never answer. */
  #nobody({ address }: Target, signal: AbortSignal | undefined): Promise<Duplex> {
    const exists = this.#objects.nodeAt(address) !== undefined;
    return exists ? Promise.reject(new ConnectError('refused')) : this.#timeOut(signal);
  }

  async #timeOut(signal: AbortSignal | undefined): Promise<never> {
    const ending = [this.#options.scope.signal, ...(signal ? [signal] : [])];
    await sleep(this.#options.clock, CONNECT_TIMEOUT_MS, AbortSignal.any(ending));
    throw new ConnectError('timed-out');
  }

  #apiServer(signal: AbortSignal | undefined): Promise<Duplex> {
    const { apiServerPort } = this.#options;
    return apiServerPort === undefined ? Promise.reject(new ConnectError('refused')) : socketTo(apiServerPort, signal);
  }

  async query(
    from: Sender,
    server: string,
    question: { name: string; type: DnsType },
    signal: AbortSignal | undefined,
  ): Promise<DnsAnswer> {
    if (!this.#hasNameServer(from, server)) return this.#timeOut(signal);
    return dnsAnswer(this.#objects, question.name, question.type);
  }

  /** A cluster without a DNS Service of its own is answered at the usual address. */
  #hasNameServer(from: Sender, server: string): boolean {
    if (server === DNS_ADDRESS && this.#objects.servicesAt(server).length === 0) return true;
    if (server === THIS_COMPUTER) return true;
    const target = this.#targetOf(from, { address: server, port: 53 }, 'UDP');
    if (target === 'refused' || target === 'silent') return false;
    return this.#podsBehind(target).some((pod) => isNameServer(pod) && this.#isAllowed(from, pod, target.port, 'UDP'));
  }

  reaches(from: Sender, address: string): boolean {
    if (address === from.address || address.startsWith('127.')) return true;
    if (this.#objects.nodeAt(address) || address === THIS_COMPUTER) return true;
    return this.#objects.podsAt(address).filter(isAlive).length > 0;
  }
}

const isAlive = ({ status }: Pod): boolean => status?.phase !== 'Succeeded' && status?.phase !== 'Failed';

/** CoreDNS and its like say that they serve port 53. */
const isNameServer = ({ spec }: Pod): boolean =>
  spec.containers.some(({ ports = [] }) => ports.some(({ containerPort }) => containerPort === 53));

/** The container port that a node's port leads to. */
function hostPort({ spec }: Pod, port: number): number | undefined {
  if (spec.hostNetwork) return undefined;
  for (const { ports = [] } of spec.containers) {
    const found = ports.find((each) => each.hostPort === port);
    if (found) return found.containerPort;
  }
  return undefined;
}

function socketTo(port: number, signal: AbortSignal | undefined): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ host: '127.0.0.1', port });
    const ending = onAbort(signal, () => socket.destroy());
    socket.once('connect', () => {
      ending[Symbol.dispose]();
      resolve(socket);
    });
    socket.once('error', () => {
      ending[Symbol.dispose]();
      reject(new ConnectError('refused'));
    });
    socket.once('close', () => reject(new ConnectError('refused')));
  });
}
