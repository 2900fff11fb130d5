import { durationWords, unitsOf } from '#renderer/resources/shared/time-words';
import type { Condition } from './containers';

type Translate = (key: string, values?: Record<string, unknown>) => string;

const STARTING = new Set(['ContainerCreating', 'PodInitializing', '']);

/** What a container is doing, in a few words of the window's language. */
export function stateWords(condition: Condition, now: number, t: Translate): string {
  const say = (key: string, values: Record<string, unknown> = {}) => t(`resources.pod.state.${key}`, values);
  switch (condition.is) {
    case 'running':
      return say(condition.ready ? 'running' : 'notReady');
    case 'waiting':
      if (condition.nextStart !== undefined) {
        const left = condition.nextStart - now;
        return left > 0
          ? say('nextStart', {
              time: durationWords(
                left,
                unitsOf((key) => t(key)),
              ),
            })
          : say('nextStartNow');
      }
      return STARTING.has(condition.reason) ? say('creating') : say('waitingFor', { reason: condition.reason });
    case 'ended':
      return endWords(condition, say);
    case 'unknown':
      return say('unknown');
  }
}

function endWords(
  end: Condition & { is: 'ended' },
  say: (key: string, values?: Record<string, unknown>) => string,
): string {
  if (end.exitCode === 0) return say('endedWell');
  if (end.reason && end.reason !== 'Error') return say('endedFor', { reason: end.reason, code: end.exitCode });
  return end.signal ? say('endedBySignal', { signal: end.signal }) : say('ended', { code: end.exitCode });
}
