import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import type { ClusterId } from '#common/contract/shapes';
import { useDesk } from '#renderer/resources/shared/desk';

export interface Write {
  busy: Ref<boolean>;
  failure: ShallowRef<unknown>;
  /** What was typed to let a write to a protected cluster pass. */
  confirmation: Ref<string>;
  /** The name to be typed; undefined where none is asked for. */
  asksFor: ComputedRef<string | undefined>;
  /** False while a protected cluster's name is missing, and on a read-only cluster. */
  allowed: ComputedRef<boolean>;
  readOnly: ComputedRef<boolean>;
  /** Runs one write; true when it went through. Its failure stays to be shown. */
  run(task: (write: { confirmation?: string }) => Promise<void>): Promise<boolean>;
}

/** What every dialog that changes a cluster shares: protection, progress, failure. */
export function useWrite(cluster: () => ClusterId): Write {
  const desk = useDesk();
  const busy = ref(false);
  const failure = shallowRef<unknown>();
  const confirmation = ref('');
  const asksFor = computed(() =>
    desk.protectionOf(cluster()) === 'protected' ? desk.clusterName(cluster()) : undefined,
  );
  const readOnly = computed(() => desk.protectionOf(cluster()) === 'read-only');
  const allowed = computed(
    () => !readOnly.value && (asksFor.value === undefined || confirmation.value === asksFor.value),
  );

  async function run(task: (write: { confirmation?: string }) => Promise<void>): Promise<boolean> {
    if (busy.value || !allowed.value) return false;
    busy.value = true;
    failure.value = undefined;
    try {
      await task(confirmation.value ? { confirmation: confirmation.value } : {});
      return true;
    } catch (cause) {
      failure.value = cause;
      return false;
    } finally {
      busy.value = false;
    }
  }

  return { busy, failure, confirmation, asksFor, allowed, readOnly, run };
}
