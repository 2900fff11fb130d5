import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { isAbort } from '#common/base/errors';
import type { PilothouseApi } from '#common/contract/contract';
import type { LogBatch, LogRequest } from '#common/contract/logs';
import type { LogModel } from './log-model';

export interface LogStream {
  /** Counts up at most once per frame, after the model has changed. */
  version: Readonly<Ref<number>>;
  state: Readonly<Ref<'opening' | 'running' | 'ended' | 'failed'>>;
  failure: Readonly<ShallowRef<unknown>>;
  retry(): void;
  /** The model was changed by hand (criteria, search): look again. */
  touch(): void;
}

/** Lines looked at per frame by a new filter or search: about 5 ms of work. */
const SLICE = 20_000;

/** Pours a log into a model for as long as the component lives; a new request begins with an empty view, none waits. */
export function useLogStream(api: PilothouseApi, request: () => LogRequest | undefined, model: LogModel): LogStream {
  const version = ref(0);
  const state = ref<'opening' | 'running' | 'ended' | 'failed'>('opening');
  const failure = shallowRef<unknown>();
  let controller = new AbortController();
  let frame = 0;

  function touch(): void {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      const complete = model.advance(SLICE);
      version.value++;
      if (!complete) touch();
    });
  }

  function take(batch: LogBatch): void {
    state.value = 'running';
    model.take(batch);
    touch();
  }

  async function follow(wanted: LogRequest, signal: AbortSignal): Promise<void> {
    state.value = 'opening';
    failure.value = undefined;
    try {
      for await (const batch of api.logs.follow(wanted, { signal })) {
        if (signal.aborted) return;
        take(batch);
      }
      if (!signal.aborted) state.value = 'ended';
    } catch (cause) {
      if (signal.aborted || isAbort(cause)) return;
      failure.value = cause;
      state.value = 'failed';
    }
  }

  function restart(): void {
    controller.abort();
    controller = new AbortController();
    model.clear();
    touch();
    const wanted = request();
    if (wanted) void follow(wanted, controller.signal);
  }

  watch(() => JSON.stringify(request()), restart, { immediate: true });
  onScopeDispose(() => {
    controller.abort();
    cancelAnimationFrame(frame);
  });
  return { version, state, failure, retry: restart, touch };
}
