import { ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { messageOf } from '#common/base/errors';
import type { Forward, ForwardRequest } from '#common/contract/forwards';
import { useDesk } from './desk';

export interface ForwardStart {
  busy: Ref<boolean>;
  failure: ShallowRef<unknown>;
  /** Starts a forward and says where it listens; undefined when it was refused. */
  start(request: ForwardRequest): Promise<Forward | undefined>;
}

/** Starts forwards. `quiet` leaves a refusal to the caller, else it is said as a toast. */
export function useForwardStart(options: { quiet?: boolean } = {}): ForwardStart {
  const { t } = useI18n();
  const desk = useDesk();
  const busy = ref(false);
  const failure = shallowRef<unknown>();

  async function start(request: ForwardRequest): Promise<Forward | undefined> {
    if (busy.value) return undefined;
    busy.value = true;
    failure.value = undefined;
    try {
      const forward = await desk.api.forwards.start(request);
      desk.say({
        text: t('forwards.started', { url: forward.url, name: forward.name }),
        tone: 'ok',
        action: { text: t('forwards.open'), run: () => desk.openExternal(forward.url) },
      });
      return forward;
    } catch (cause) {
      failure.value = cause;
      if (!options.quiet)
        desk.say({ text: `${t('forwards.failedStart', { name: request.name })}: ${messageOf(cause)}`, tone: 'bad' });
      return undefined;
    } finally {
      busy.value = false;
    }
  }

  return { busy, failure, start };
}
