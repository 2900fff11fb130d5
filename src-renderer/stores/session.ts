import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import type { KindCount, SessionState } from '#common/contract/clusters';
import type { ClusterId, ResourceKind } from '#common/contract/shapes';
import { resourceId } from '#common/kube/resource';
import { useApi } from './api';
import { follow } from './follow';

/** The cluster that is shown: its connection, kinds, namespaces and counts. Following it is what keeps it open. */
export const useSessionStore = defineStore('session', () => {
  const api = useApi();
  const cluster = shallowRef<ClusterId>();
  const state = shallowRef<SessionState>();
  const counts = shallowRef<Readonly<Record<string, KindCount>>>({});
  const namespaces = shallowRef<readonly string[]>([]);
  const failure = shallowRef<unknown>();
  const chosen = shallowRef<readonly string[]>([]);
  let connection = new AbortController();
  let counting = new AbortController();

  const kinds = computed(() => new Map(state.value?.kinds.map((kind) => [resourceId(kind), kind])));

  /** A kind by group and plural, in whichever version the server has. */
  function kindOf(group: string, plural: string): ResourceKind | undefined {
    return state.value?.kinds.find((kind) => kind.group === group && kind.plural === plural);
  }

  function open(id: ClusterId | undefined): void {
    if (id === cluster.value) return;
    connection.abort();
    counting.abort();
    cluster.value = id;
    state.value = undefined;
    failure.value = undefined;
    counts.value = {};
    namespaces.value = [];
    if (id) connect(id);
  }

  function connect(id: ClusterId): void {
    connection = new AbortController();
    const { signal } = connection;
    follow(api.clusters.session({ cluster: id }, { signal }), signal, {
      item: (next) => (state.value = next),
      failed: (cause) => (failure.value = cause),
    });
  }

  /** Counts and namespaces need a live cluster; until then nothing is asked of it. */
  const live = computed(() => state.value?.state === 'live' || state.value?.state === 'reconnecting');
  watch([live, cluster, chosen], ([isLive, id, names]) => {
    counting.abort();
    if (!isLive || !id) return;
    counting = new AbortController();
    const { signal } = counting;
    const quietly = () => {};
    follow(api.clusters.counts({ cluster: id, namespaces: [...names] }, { signal }), signal, {
      item: (next) => (counts.value = next),
      failed: quietly,
    });
    follow(api.clusters.namespaces({ cluster: id }, { signal }), signal, {
      item: (next) => (namespaces.value = next),
      failed: quietly,
    });
  });

  async function retry(): Promise<void> {
    const id = cluster.value;
    if (!id) return;
    if (failure.value) {
      failure.value = undefined;
      connect(id);
    } else await api.clusters.retry({ cluster: id });
  }

  return { cluster, state, counts, namespaces, failure, chosen, kinds, live, kindOf, open, retry };
});
