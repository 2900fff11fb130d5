import { messageOf } from '#common/base/errors';
import { ApiStatusError } from '#common/kube/status-error';

/** What a reflector does after its connection or its request failed. */
export interface FailurePlan {
  /** `resume` keeps the revision reached; `relist` reads everything again; `poll` gives up watching this kind. */
  next: 'resume' | 'relist' | 'poll';
  /** What readers are told. `refused` ends `synced()` with the failure. */
  state: 'reconnecting' | 'forbidden' | 'failed';
  refused: boolean;
  /** `now` once, then as `backoff`; `seldom` for refusals that only a person or an administrator changes. */
  delay: 'now' | 'backoff' | 'seldom';
  message: string;
}

/** Decides by the failure alone. `watching` tells a refused WATCH from a refused LIST. */
export function planAfterFailure(failure: unknown, watching: boolean): FailurePlan {
  const message = messageOf(failure);
  const broken: FailurePlan = { next: 'resume', state: 'reconnecting', refused: false, delay: 'backoff', message };
  if (!(failure instanceof ApiStatusError)) return broken;
  if (failure.code === 410) return { ...broken, next: 'relist', delay: 'now' };
  if (isRevisionRefused(failure)) return { ...broken, next: 'relist' };
  const refused: FailurePlan = { ...broken, next: 'relist', state: 'failed', refused: true, delay: 'seldom' };
  switch (failure.code) {
    case 401:
    case 404:
      return refused;
    case 403:
      // `list` without `watch` is a right of its own.
      return watching ? { ...broken, next: 'poll', delay: 'now' } : { ...refused, state: 'forbidden' };
    case 405:
      return watching ? { ...broken, next: 'poll', delay: 'now' } : refused;
    case 400:
    case 406:
    case 422:
      return refused;
    default:
      return broken;
  }
}

/** The server does not know the revision yet (restored from a backup, or another server that is behind), or cannot read it. */
function isRevisionRefused({ status, code }: ApiStatusError): boolean {
  const tooLarge = status.details?.causes?.some((cause) => cause.reason === 'ResourceVersionTooLarge') ?? false;
  return tooLarge || (code === 400 && /resource ?version/i.test(status.message ?? ''));
}
