import type { KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import type { Informer, InformerOptions } from './informer';

/** A reader's hold on a shared informer; the watch closes a grace period after the last hold is disposed. */
export interface InformerLease<T extends KubeObject> extends Disposable {
  readonly informer: Informer<T>;
}

/** The informers of one client: one watch per (kind, scope, selector), however many readers. */
export interface Informers {
  open<T extends KubeObject>(resource: TypedResource<T>, options?: InformerOptions<T>): InformerLease<T>;
}
