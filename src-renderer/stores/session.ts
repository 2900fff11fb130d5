import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch, type WatchSource } from 'vue';
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
  /** True once it was live: from then on there is something to show, however stale. */
  const seen = ref(false);
  let connection = new AbortController();

  const kinds = computed(() => new Map(state.value?.kinds.map((kind) => [resourceId(kind), kind])));
  const live = computed(() => state.value?.state === 'live' || state.value?.state === 'reconnecting');

  /** A kind by group and plural, in whichever version the server has. */
  function kindOf(group: string, plural: string): ResourceKind | undefined {
    return state.value?.kinds.find((kind) => kind.group === group && kind.plural === plural);
  }

  function open(id: ClusterId | undefined): void {
    if (id === cluster.value) return;
    connection.abort();
    cluster.value = id;
    state.value = undefined;
    failure.value = undefined;
    seen.value = false;
    counts.value = {};
    namespaces.value = [];
    if (id) connect(id);
  }

  function connect(id: ClusterId): void {
    connection = new AbortController();
    const { signal } = connection;
    follow(api.clusters.session({ cluster: id }, { signal }), signal, {
      item: (next) => {
        state.value = next;
        seen.value ||= live.value;
      },
      failed: (cause) => (failure.value = cause),
    });
  }

  whileLive([live, cluster, chosen], (id, signal) => {
    follow(api.clusters.counts({ cluster: id, namespaces: [...chosen.value] }, { signal }), signal, {
      item: (next) => (counts.value = next),
      failed: quietly,
    });
  });
  whileLive([live, cluster], (id, signal) => {
    follow(api.clusters.namespaces({ cluster: id }, { signal }), signal, {
      item: (next) => (namespaces.value = next),
      failed: quietly,
    });
  });

  /** Counts and namespaces need a live cluster; until then nothing is asked of it, and what was known stays. */
  function whileLive(sources: WatchSource[], begin: (id: ClusterId, signal: AbortSignal) => void): void {
    let running = new AbortController();
    watch(sources, () => {
      running.abort();
      if (!live.value || !cluster.value) return;
      running = new AbortController();
      begin(cluster.value, running.signal);
    });
  }

  async function retry(): Promise<void> {
    const id = cluster.value;
    if (!id) return;
    if (failure.value) {
      failure.value = undefined;
      connect(id);
    } else await api.clusters.retry({ cluster: id });
  }

  return { cluster, state, counts, namespaces, failure, chosen, kinds, live, seen, kindOf, open, retry };
});

/** What the cluster refuses to count stays uncounted; the table of the kind says why. */
function quietly(): void {}
