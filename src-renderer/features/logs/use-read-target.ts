import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue';
import { isAbort, Problem } from '#common/base/errors';
import type { ObjectRef } from '#common/contract/shapes';
import { useDesk } from '#renderer/resources/shared/desk';
import { logTargetOf, type LogTarget } from '#renderer/resources/shared/log-target';
import { fetchObject } from '#renderer/resources/shared/use-object';

/** The target of a log view; one that was opened by name only is read first, for the selector of its Pods. */
export function useReadTarget(given: () => LogTarget): {
  target: ComputedRef<LogTarget>;
  failure: Readonly<ShallowRef<unknown>>;
} {
  const { api } = useDesk();
  const read = shallowRef<LogTarget>();
  const failure = shallowRef<unknown>();
  let controller = new AbortController();
  onScopeDispose(() => controller.abort());

  async function find(unread: ObjectRef, signal: AbortSignal): Promise<void> {
    try {
      const object = await fetchObject(api, unread, signal);
      const found = object && logTargetOf(unread, object);
      if (!found) throw new Problem('no-pods', `${unread.resource.kind} ${unread.name} selects no Pods.`);
      if (!signal.aborted) read.value = found;
    } catch (cause) {
      if (!signal.aborted && !isAbort(cause)) failure.value = cause;
    }
  }

  watch(
    () => given().unread,
    (unread) => {
      controller.abort();
      controller = new AbortController();
      read.value = undefined;
      failure.value = undefined;
      if (unread) void find(unread, controller.signal);
    },
    { immediate: true },
  );
  return { target: computed(() => read.value ?? given()), failure };
}
