import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue';
import { isAbort } from '#common/base/errors';

export interface StreamView<T> {
  /** The newest item; undefined before the first. */
  value: Readonly<ShallowRef<T | undefined>>;
  /** Why the stream broke; undefined while it runs. */
  failure: Readonly<ShallowRef<unknown>>;
  /** Opens the stream again, keeping what was seen. */
  retry(): void;
}

type Opener<T> = (signal: AbortSignal) => AsyncIterable<T>;

/**
 * Follows a stream for as long as the component lives, and another one as soon as `key` changes. What an earlier stream
 * still delivers is dropped. Without a key nothing is followed.
 */
export function useStream<T>(key: () => string | undefined, open: Opener<T>): StreamView<T> {
  const value = shallowRef<T>();
  const failure = shallowRef<unknown>();
  let controller = new AbortController();

  async function follow(signal: AbortSignal): Promise<void> {
    failure.value = undefined;
    try {
      for await (const item of open(signal)) {
        if (signal.aborted) return;
        value.value = item;
      }
    } catch (cause) {
      if (!signal.aborted && !isAbort(cause)) failure.value = cause;
    }
  }

  function restart(): void {
    controller.abort();
    controller = new AbortController();
    if (key() !== undefined) void follow(controller.signal);
  }

  watch(
    key,
    () => {
      value.value = undefined;
      restart();
    },
    { immediate: true },
  );
  onScopeDispose(() => controller.abort());
  return { value, failure, retry: restart };
}
