import { onScopeDispose, readonly, ref, type Ref } from 'vue';

const now = ref(Date.now());
let readers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** The present, in epoch milliseconds, once a second; one timer for everyone, and none while nobody looks. */
export function useNow(): Readonly<Ref<number>> {
  now.value = Date.now();
  if (++readers === 1) timer = setInterval(() => (now.value = Date.now()), 1000);
  onScopeDispose(() => {
    if (--readers === 0) clearInterval(timer);
  });
  return readonly(now);
}
