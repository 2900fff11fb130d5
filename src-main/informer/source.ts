import type { KubeList, KubeObject, WatchEvent } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import type { KubeClient, ListOptions, WatchOptions } from '#main/client/client';
import type { InformerOptions } from './informer';

/** Where a reflector reads one scope from: pages of a LIST, and the events of a WATCH. */
export interface Source<T extends KubeObject> {
  list(options: Pick<ListOptions, 'limit' | 'continue' | 'signal'>): Promise<KubeList<T>>;
  watch(options: WatchOptions): AsyncIterable<WatchEvent<T>>;
}

/** Whole objects of one kind and scope. */
export function objectSource<T extends KubeObject>(
  client: KubeClient,
  resource: TypedResource<T>,
  { namespace, labelSelector, fieldSelector }: InformerOptions<T>,
): Source<T> {
  const scope = { namespace, labelSelector, fieldSelector };
  return {
    list: (options) => client.list(resource, { ...scope, ...options }),
    watch: (options) => client.watch(resource, { ...scope, ...options }),
  };
}
