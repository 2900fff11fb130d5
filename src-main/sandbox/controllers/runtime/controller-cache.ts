import { controllerOf, type KubeObject, type ObjectKey } from '#common/kube/object';
import { resourceId, type Resource, type TypedResource } from '#common/kube/resource';
import type { Informer, InformerOptions } from '#main/informer/informer';
import type { InformerLease, Informers } from '#main/informer/informers';
import type { NamedIndex } from './define-controller';

const BY_OWNER = 'controllers/owner';
const ORPHANS = 'controllers/orphans';
const BY_NAMESPACE = 'controllers/namespace';

const GENERAL_INDEXES: InformerOptions<KubeObject>['indexes'] = {
  [BY_OWNER]: (object) => {
    const owner = controllerOf(object);
    return owner ? [owner.uid] : [];
  },
  [ORPHANS]: (object) => (controllerOf(object) ? [] : [object.metadata.namespace ?? '']),
  [BY_NAMESPACE]: (object) => [object.metadata.namespace ?? ''],
};

/** What controllers know of the cluster: the informers of the kinds they declared. Objects are read, never edited. */
export class ControllerCache implements Disposable {
  readonly #informers: Informers;
  readonly #leases = new Map<string, InformerLease<KubeObject>>();

  constructor(informers: Informers) {
    this.#informers = informers;
  }

  /** The informer of a declared kind; opened with the first mention. */
  informer<T extends KubeObject>(resource: TypedResource<T>, own: readonly NamedIndex[] = []): Informer<T> {
    const id = resourceId(resource);
    const known = this.#leases.get(id);
    if (known && own.length === 0) return known.informer as unknown as Informer<T>;
    const indexes = Object.fromEntries(own.map(({ name, of }) => [name, of]));
    const lease = this.#informers.open<KubeObject>(resource, { indexes: { ...GENERAL_INDEXES, ...indexes } });
    known?.[Symbol.dispose]();
    this.#leases.set(id, lease);
    return lease.informer as unknown as Informer<T>;
  }

  find(resource: Resource): Informer<KubeObject> | undefined {
    return this.#leases.get(resourceId(resource))?.informer;
  }

  get<T extends KubeObject>(resource: TypedResource<T>, key: ObjectKey): T | undefined {
    return this.informer(resource).cache.get(key);
  }

  /** Objects whose controlling owner is `owner`. */
  ownedBy<T extends KubeObject>(resource: TypedResource<T>, owner: { metadata: { uid: string } }): readonly T[] {
    return this.indexed(resource, BY_OWNER, owner.metadata.uid);
  }

  /** Objects of a namespace that nobody controls. */
  orphansIn<T extends KubeObject>(resource: TypedResource<T>, namespace: string | undefined): readonly T[] {
    return this.indexed(resource, ORPHANS, namespace ?? '');
  }

  inNamespace<T extends KubeObject>(resource: TypedResource<T>, namespace: string | undefined): readonly T[] {
    return this.indexed(resource, BY_NAMESPACE, namespace ?? '');
  }

  indexed<T extends KubeObject>(resource: TypedResource<T>, name: string, value: string): readonly T[] {
    return this.informer(resource).cache.indexed(name, value);
  }

  values<T extends KubeObject>(resource: TypedResource<T>): Iterable<T> {
    return this.informer(resource).cache.values();
  }

  [Symbol.dispose](): void {
    for (const lease of this.#leases.values()) lease[Symbol.dispose]();
    this.#leases.clear();
  }
}
