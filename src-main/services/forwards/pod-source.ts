import { Problem } from '#common/base/errors';
import type { ForwardRequest } from '#common/contract/forwards';
import { matchesSelector, selects, type LabelSelector } from '#common/kinds/selector';
import { controllerOf, type AnyObject } from '#common/kube/object';
import type { Resource } from '#common/kube/resource';
import { DaemonSets, Deployments, Pods, ReplicaSets, Services, StatefulSets } from '#common/kube/resources';
import type { Pod, Service } from '#common/kube/types';
import type { InformerLease } from '#main/informer/informers';
import type { ClusterSession } from '#main/session/session';
import { servicePort, type PortWanted } from './target';

const workloads: Readonly<Record<Exclude<ForwardRequest['kind'], 'Pod' | 'Service'>, Resource>> = {
  Deployment: Deployments,
  ReplicaSet: ReplicaSets,
  StatefulSet: StatefulSets,
  DaemonSet: DaemonSets,
};

/** The Pods a forward may lead to, kept up to date: one by name, or those a Service or workload selects. */
export class PodSource implements Disposable {
  readonly wanted: PortWanted;
  readonly #lease: InformerLease<Pod>;
  readonly #accepts: (pod: Pod) => boolean;
  #listening: Disposable | undefined;

  private constructor(wanted: PortWanted, lease: InformerLease<Pod>, accepts: (pod: Pod) => boolean) {
    this.wanted = wanted;
    this.#lease = lease;
    this.#accepts = accepts;
  }

  /** Resolves when the Pods are known; rejects when the object is not there. */
  static async open(session: ClusterSession, request: ForwardRequest, signal: AbortSignal): Promise<PodSource> {
    const { wanted, accepts, fieldSelector } = await resolve(session, request, signal);
    const lease = session.informers.open(Pods, { namespace: request.namespace, fieldSelector, trim: true });
    try {
      await lease.informer.synced(signal);
      return new PodSource(wanted, lease, accepts);
    } catch (failure) {
      lease[Symbol.dispose]();
      throw failure;
    }
  }

  list(): Pod[] {
    return [...this.#lease.informer.cache.values()].filter(this.#accepts);
  }

  subscribe(listener: () => void): void {
    this.#listening = this.#lease.informer.subscribe(listener);
  }

  [Symbol.dispose](): void {
    this.#listening?.[Symbol.dispose]();
    this.#lease[Symbol.dispose]();
  }
}

interface Resolved {
  wanted: PortWanted;
  accepts: (pod: Pod) => boolean;
  fieldSelector?: string;
}

async function resolve(session: ClusterSession, request: ForwardRequest, signal: AbortSignal): Promise<Resolved> {
  const { kind, namespace, name, port } = request;
  if (kind === 'Pod') {
    // A Pod of a workload is replaced under another name: the forward follows to the next one of the same controller.
    const pod = await session.client.get<Pod>(Pods, { namespace, name }, { signal });
    const owner = controllerOf(pod);
    const wanted = { port, hint: String(port) };
    if (!owner)
      return { wanted, accepts: ({ metadata }) => metadata.name === name, fieldSelector: `metadata.name=${name}` };
    return { wanted, accepts: (other) => other.metadata.name === name || controllerOf(other)?.uid === owner.uid };
  }
  if (kind === 'Service') {
    const service = await session.client.get<Service>(Services, { namespace, name }, { signal });
    const selector = service.spec?.selector;
    if (!selector) {
      throw new Problem('service-without-selector', `Service ${name} selects no Pods, so there is none to forward to.`);
    }
    return { wanted: servicePort(service, port), accepts: (pod) => selects(selector, pod) };
  }
  const workload = await session.client.get<AnyObject>(workloads[kind], { namespace, name }, { signal });
  const { selector } = workload.spec as { selector?: LabelSelector };
  return { wanted: { port, hint: String(port) }, accepts: (pod) => matchesSelector(selector, pod) };
}
