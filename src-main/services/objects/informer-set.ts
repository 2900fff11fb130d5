import type { KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import type { Informer, InformerOptions } from '#main/informer/informer';
import type { InformerLease, Informers } from '#main/informer/informers';

/** The informers that one reader gathers while it follows links: each kind and scope is opened once and kept. */
export class InformerSet implements Disposable {
  readonly #informers: Informers;
  readonly #changed: () => void;
  readonly #held = new Map<string, { lease: InformerLease<KubeObject>; listening: Disposable }>();

  constructor(informers: Informers, changed: () => void) {
    this.#informers = informers;
    this.#changed = changed;
  }

  open<T extends KubeObject>(resource: TypedResource<T>, options: Omit<InformerOptions<T>, 'trim'> = {}): Informer<T> {
    const { namespace, labelSelector, fieldSelector } = options;
    const key = JSON.stringify([resource.group, resource.plural, namespace, labelSelector, fieldSelector]);
    let held = this.#held.get(key);
    if (!held) {
      const lease = this.#informers.open(resource, { ...options, trim: true }) as unknown as InformerLease<KubeObject>;
      held = { lease, listening: lease.informer.subscribe(() => this.#changed()) };
      this.#held.set(key, held);
    }
    return held.lease.informer as unknown as Informer<T>;
  }

  [Symbol.dispose](): void {
    for (const { lease, listening } of this.#held.values()) {
      listening[Symbol.dispose]();
      lease[Symbol.dispose]();
    }
    this.#held.clear();
  }
}
