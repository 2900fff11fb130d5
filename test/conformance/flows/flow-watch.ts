import type { AnyObject } from '#common/kube/object';
import type { Resource } from '#common/kube/resource';
import {
  ConfigMaps,
  ControllerRevisions,
  CronJobs,
  DaemonSets,
  Deployments,
  Events,
  HorizontalPodAutoscalers,
  Jobs,
  Namespaces,
  Nodes,
  PersistentVolumeClaims,
  PersistentVolumes,
  PodDisruptionBudgets,
  Pods,
  ReplicaSets,
  ReplicationControllers,
  ResourceClaims,
  StatefulSets,
  VolumeAttachments,
} from '#common/kube/resources';
import type { Clock } from '#common/base/clock';
import type { Informer } from '#main/informer/informer';
import type { Informers } from '#main/informer/informers';

/** What a state of a namespace is made of. */
export const notedKinds: readonly Resource[] = [
  Deployments,
  ReplicaSets,
  StatefulSets,
  DaemonSets,
  ConfigMaps,
  ControllerRevisions,
  ReplicationControllers,
  Jobs,
  CronJobs,
  HorizontalPodAutoscalers,
  PodDisruptionBudgets,
  PersistentVolumeClaims,
  ResourceClaims,
  Pods,
  Events,
];

/** Followed so that flows can wait for them, but nobody's in particular. */
const ambientKinds: readonly Resource[] = [Namespaces, Nodes, PersistentVolumes, VolumeAttachments];

/** Follows the kinds that flows are about: waits read it, and it knows when a namespace changed last. */
export class FlowWatch implements Disposable {
  readonly #informers = new Map<string, Informer<AnyObject>>();
  readonly #leases: Disposable[] = [];
  readonly #changedMs = new Map<string, number>();

  readonly #clock: Clock;

  private constructor(clock: Clock) {
    this.#clock = clock;
  }

  static async open(informers: Informers, clock: Clock): Promise<FlowWatch> {
    const watch = new FlowWatch(clock);
    for (const resource of [...notedKinds, ...ambientKinds]) {
      const lease = informers.open<AnyObject>(resource);
      watch.#leases.push(lease);
      watch.#informers.set(resource.plural, lease.informer);
      const subscription = lease.informer.subscribe((deltas) => {
        for (const { object } of deltas) watch.#changedMs.set(object.metadata.namespace ?? '', clock.now());
      });
      watch.#leases.push(subscription);
    }
    await Promise.all([...watch.#informers.values()].map((informer) => informer.synced()));
    return watch;
  }

  get(plural: string, name: string, namespace: string): AnyObject | undefined {
    const { cache } = this.#informer(plural);
    return cache.get(`${namespace}/${name}`) ?? cache.get(name);
  }

  in(plural: string, namespace: string): AnyObject[] {
    return [...this.#informer(plural).cache.values()].filter(({ metadata }) => metadata.namespace === namespace);
  }

  /** When something in the namespace changed last; epoch milliseconds, 0 when nothing ever did. */
  changedMs(namespace: string): number {
    return this.#changedMs.get(namespace) ?? 0;
  }

  /** The time of the cluster. */
  nowMs(): number {
    return this.#clock.now();
  }

  /** A short text that says what the namespace looks like, for waits that never end. */
  summary(namespace: string): string {
    const lines = notedKinds.flatMap(({ plural }) =>
      this.in(plural, namespace).map(({ metadata, status, reason, message }) =>
        [plural, metadata.name, reason, message, JSON.stringify(status)].filter(Boolean).join(' '),
      ),
    );
    return lines.join('\n');
  }

  #informer(plural: string): Informer<AnyObject> {
    const informer = this.#informers.get(plural);
    if (!informer) throw new Error(`flows do not follow ${plural}`);
    return informer;
  }

  [Symbol.dispose](): void {
    for (const lease of this.#leases) lease[Symbol.dispose]();
  }
}
