import {
  EndpointSlices,
  Ingresses,
  Namespaces,
  NetworkPolicies,
  Nodes,
  Pods,
  Secrets,
  Services,
} from '#common/kube/resources';
import type { Scope } from '#common/base/scope';
import type { KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import type { EndpointSlice, Ingress, Namespace, NetworkPolicy, Node, Pod, Secret, Service } from '#common/kube/types';
import type { Informer, InformerOptions } from '#main/informer/informer';
import type { Informers } from '#main/informer/informers';

/** What the network reads of a cluster: kube-proxy's, CoreDNS' and a policy agent's view together. */
export interface NetworkObjects {
  services(): Iterable<Service>;
  service(namespace: string, name: string): Service | undefined;
  /** Services that answer at an address: their cluster IPs, external and load balancer addresses. */
  servicesAt(address: string): readonly Service[];
  slices(namespace: string, service: string): readonly EndpointSlice[];
  /** Pods that have an address; several when they share their node's. */
  podsAt(address: string): readonly Pod[];
  podsOn(node: string): readonly Pod[];
  policies(namespace: string): readonly NetworkPolicy[];
  namespace(name: string): Namespace | undefined;
  nodeAt(address: string): Node | undefined;
  ingresses(): Iterable<Ingress>;
  secret(namespace: string, name: string): Secret | undefined;
}

const SERVICE_NAME = 'kubernetes.io/service-name';

/** Every address at which a Service is met. */
export function addressesOf({ spec, status }: Service): string[] {
  const clusterIPs = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []);
  const balanced = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip ? [ip] : []));
  return [...clusterIPs, ...(spec.externalIPs ?? []), ...balanced].filter((address) => address !== 'None');
}

/** The network's objects, kept up to date by informers. */
export class InformedObjects implements NetworkObjects {
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #pods: Informer<Pod>;
  readonly #policies: Informer<NetworkPolicy>;
  readonly #namespaces: Informer<Namespace>;
  readonly #nodes: Informer<Node>;
  readonly #ingresses: Informer<Ingress>;
  readonly #secrets: Informer<Secret>;

  constructor(informers: Informers, scope: Scope) {
    const open = <T extends KubeObject>(resource: TypedResource<T>, indexes?: InformerOptions<T>['indexes']) => {
      const lease = informers.open(resource, indexes ? { indexes } : {});
      scope.add(lease);
      return lease.informer;
    };
    this.#services = open(Services, { address: addressesOf });
    this.#slices = open(EndpointSlices, {
      service: ({ metadata: { namespace = '', labels } }) => [`${namespace}/${labels?.[SERVICE_NAME] ?? ''}`],
    });
    this.#pods = open(Pods, {
      'status.podIP': ({ status }) => (status?.podIP ? [status.podIP] : []),
      'spec.nodeName': ({ spec }) => (spec.nodeName ? [spec.nodeName] : []),
    });
    this.#policies = open(NetworkPolicies, { namespace: ({ metadata }) => [metadata.namespace ?? ''] });
    this.#namespaces = open(Namespaces);
    this.#nodes = open(Nodes, {
      address: ({ status }) => (status?.addresses ?? []).map(({ address }) => address),
    });
    this.#ingresses = open(Ingresses);
    this.#secrets = open(Secrets);
  }

  async synced(signal: AbortSignal): Promise<void> {
    const all = [this.#services, this.#slices, this.#pods, this.#policies, this.#namespaces, this.#nodes];
    await Promise.all([...all, this.#ingresses, this.#secrets].map((informer) => informer.synced(signal)));
  }

  services(): Iterable<Service> {
    return this.#services.cache.values();
  }

  service(namespace: string, name: string): Service | undefined {
    return this.#services.cache.get(`${namespace}/${name}`);
  }

  servicesAt(address: string): readonly Service[] {
    return this.#services.cache.indexed('address', address);
  }

  slices(namespace: string, service: string): readonly EndpointSlice[] {
    return this.#slices.cache.indexed('service', `${namespace}/${service}`);
  }

  podsAt(address: string): readonly Pod[] {
    return this.#pods.cache.indexed('status.podIP', address);
  }

  podsOn(node: string): readonly Pod[] {
    return this.#pods.cache.indexed('spec.nodeName', node);
  }

  policies(namespace: string): readonly NetworkPolicy[] {
    return this.#policies.cache.indexed('namespace', namespace);
  }

  namespace(name: string): Namespace | undefined {
    return this.#namespaces.cache.get(name);
  }

  nodeAt(address: string): Node | undefined {
    return this.#nodes.cache.indexed('address', address)[0];
  }

  ingresses(): Iterable<Ingress> {
    return this.#ingresses.cache.values();
  }

  secret(namespace: string, name: string): Secret | undefined {
    return this.#secrets.cache.get(`${namespace}/${name}`);
  }

  /** Told whenever Ingresses or Secrets change. */
  onIngresses(changed: () => void): Disposable {
    const followed = [this.#ingresses.subscribe(changed), this.#secrets.subscribe(changed)];
    return { [Symbol.dispose]: () => followed.forEach((one) => one[Symbol.dispose]()) };
  }
}
