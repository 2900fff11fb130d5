import { defineStore } from 'pinia';
import { computed, onScopeDispose, shallowRef } from 'vue';
import type { ClusterSummary, Protection } from '#common/contract/clusters';
import type { ClusterId } from '#common/contract/shapes';
import { useApi } from './api';
import { follow } from './follow';

/** Every context and sandbox cluster, as the rail and the catalogue show them. */
export const useClustersStore = defineStore('clusters', () => {
  const api = useApi();
  const list = shallowRef<ClusterSummary[]>();
  const failure = shallowRef<unknown>();
  const byId = computed(() => new Map(list.value?.map((cluster) => [cluster.id, cluster])));
  const controller = new AbortController();

  follow(api.clusters.changes(null, { signal: controller.signal }), controller.signal, {
    item: (clusters) => (list.value = clusters),
    failed: (cause) => (failure.value = cause),
  });
  onScopeDispose(() => controller.abort());

  const get = (id: ClusterId): ClusterSummary | undefined => byId.value.get(id);
  const nameOf = (id: ClusterId): string => get(id)?.name ?? id.slice(id.indexOf(':') + 1);
  const protectionOf = (id: ClusterId): Protection => get(id)?.protection ?? 'none';

  return { list, failure, get, nameOf, protectionOf };
});
