import type { Duplex } from 'node:stream';
import type { Pod } from '#common/kube/types';
import type { DnsAnswer, DnsType, IngressView, PodNetwork } from '#main/base/pod-network';
import type { ClusterNetwork } from './cluster-network';

/** The network as one Pod sees it. A class, because there is one of each container: closures would take half a kilobyte. */
export class NetworkOfPod implements PodNetwork {
  readonly #cluster: ClusterNetwork;
  readonly #address: string;
  readonly #pod: () => Pod;

  /** `pod` is asked each time, because labels change. */
  constructor(cluster: ClusterNetwork, { address, pod }: { address: string; pod: () => Pod }) {
    this.#cluster = cluster;
    this.#address = address;
    this.#pod = pod;
  }

  connect(to: string, port: number, signal?: AbortSignal): Promise<Duplex> {
    return this.#cluster.connect(this.#sender(), { address: to, port }, signal);
  }

  query(server: string, name: string, type: DnsType, signal?: AbortSignal): Promise<DnsAnswer> {
    return this.#cluster.query(this.#sender(), server, { name, type }, signal);
  }

  reaches(to: string): boolean {
    return this.#cluster.reaches(this.#sender(), to);
  }

  ingresses(ingressClass: string): IngressView {
    return this.#cluster.ingresses(ingressClass);
  }

  #sender() {
    return { address: this.#address, pod: this.#pod() };
  }
}
