import { defineStore } from 'pinia';
import { computed, onScopeDispose, shallowRef } from 'vue';
import type { Forward } from '#common/contract/forwards';
import type { Tone } from '#common/contract/shapes';
import { useApi } from './api';
import { follow } from './follow';

/** The ports that lead into clusters now. */
export const useForwardsStore = defineStore('forwards', () => {
  const api = useApi();
  const list = shallowRef<readonly Forward[]>([]);
  const failure = shallowRef<unknown>();
  const controller = new AbortController();

  const tone = computed<Tone>(() => {
    const states = new Set(list.value.map(({ state }) => state));
    return states.has('failed') ? 'bad' : states.has('waiting') ? 'busy' : 'ok';
  });

  follow(api.forwards.changes(null, { signal: controller.signal }), controller.signal, {
    item: (forwards) => (list.value = forwards),
    failed: (cause) => (failure.value = cause),
  });
  onScopeDispose(() => controller.abort());
  return { list, tone, failure };
});
