import { humanDuration } from '#common/kinds/duration';
import { epochOf } from '#common/kinds/epoch';

/** `5d2h`: the time since an RFC 3339 time, `<unknown>` without one. */
export function age(time: string | null | undefined, now: number): string {
  const since = epochOf(time);
  return since === null ? '<unknown>' : humanDuration(now - since);
}
