import { computed, type ComputedRef, type ShallowRef } from 'vue';
import type { PilothouseApi } from '#common/contract/contract';
import type { EventEntry, ObjectState, RelatedObject } from '#common/contract/objects';
import type { ObjectRef } from '#common/contract/shapes';
import { refKey } from '#renderer/resources/shared/object-refs';
import { useStream } from '#renderer/resources/shared/use-stream';

export interface Detail {
  state: Readonly<ShallowRef<ObjectState | undefined>>;
  events: ComputedRef<readonly EventEntry[]>;
  related: ComputedRef<readonly RelatedObject[]>;
  /** Why the object, its events or its relations cannot be followed. */
  failure: Readonly<ShallowRef<unknown>>;
  eventsFailure: Readonly<ShallowRef<unknown>>;
  relatedFailure: Readonly<ShallowRef<unknown>>;
  retry(): void;
}

/** One object live: its content, the events about it and about what it owns, and what it is related to. */
export function useDetail(api: PilothouseApi, target: () => ObjectRef): Detail {
  const key = () => refKey(target());
  const object = useStream<ObjectState>(key, (signal) => api.objects.watch(target(), { signal }));
  const events = useStream<EventEntry[]>(key, (signal) => api.objects.events(target(), { signal }));
  const related = useStream<RelatedObject[]>(key, (signal) => api.objects.related(target(), { signal }));
  return {
    state: object.value,
    events: computed(() => events.value.value ?? []),
    related: computed(() => related.value.value ?? []),
    failure: object.failure,
    eventsFailure: events.failure,
    relatedFailure: related.failure,
    retry() {
      for (const stream of [object, events, related]) stream.retry();
    },
  };
}
