import { computed, onScopeDispose, readonly, ref, type ComputedRef, type Ref } from 'vue';

const MINUTE_MS = 60_000;
const now = ref(Date.now());
const minute = ref(now.value);
let readers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now.value = Date.now();
  if (now.value - minute.value >= MINUTE_MS) minute.value = now.value;
}

function keepTicking(): void {
  if (++readers === 1) {
    now.value = minute.value = Date.now();
    timer = setInterval(tick, 1000);
  }
  onScopeDispose(() => {
    if (--readers === 0) clearInterval(timer);
  });
}

/** The present, in epoch milliseconds, once a second; one timer for everyone, and none while nobody looks. */
export function useNow(): Readonly<Ref<number>> {
  keepTicking();
  return readonly(now);
}

/** From here on an age is written without seconds, so a minute's delay cannot be seen. */
const SETTLED_MS = 4 * 3_600_000;

/**
 * How long ago `at` (epoch milliseconds) was. Ages of the first hours move every second, later ones every minute: a
 * table of old rows costs nothing while it stands still.
 */
export function useElapsed(at: () => number): ComputedRef<number> {
  keepTicking();
  return computed(() => {
    const settled = minute.value - at();
    return settled > SETTLED_MS ? settled : now.value - at();
  });
}
