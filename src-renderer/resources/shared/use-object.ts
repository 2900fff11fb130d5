import { computed, onScopeDispose, shallowRef, type ComputedRef } from 'vue';
import type { PilothouseApi } from '#common/contract/contract';
import type { ObjectRef } from '#common/contract/shapes';
import type { AnyObject } from '#common/kube/object';
import { useDesk } from './desk';

/** One object as it is now, read once; undefined when it cannot be read. */
export async function fetchObject(
  api: PilothouseApi,
  target: ObjectRef,
  signal?: AbortSignal,
): Promise<AnyObject | undefined> {
  for await (const { object, freshness } of api.objects.watch(target, signal ? { signal } : {})) {
    if (object || freshness.state !== 'loading') return object;
  }
  return undefined;
}

/** What a dialog is about: the object it was given, or, opened by a key, the one it reads itself. Several are not read. */
export function useObject(
  target: () => ObjectRef | undefined,
  given: () => AnyObject | undefined,
): ComputedRef<AnyObject | undefined> {
  const { api } = useDesk();
  const read = shallowRef<AnyObject>();
  const controller = new AbortController();
  onScopeDispose(() => controller.abort());
  const known = () => (isSame(given(), target()) ? given() : undefined);
  const wanted = target();
  if (wanted && !known()) {
    fetchObject(api, wanted, controller.signal).then(
      (object) => (read.value = object),
      // The dialog works without it: it only says less about what will happen.
      () => {},
    );
  }
  return computed(() => known() ?? read.value);
}

function isSame(object: AnyObject | undefined, target: ObjectRef | undefined): boolean {
  return object?.metadata.name === target?.name && object?.kind === target?.resource.kind;
}
