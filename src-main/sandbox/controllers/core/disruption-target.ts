import { formatTime } from '#common/base/clock';
import type { Pod, PodCondition } from '#common/kube/types';

/** The condition of a Pod that is about to be taken away, with who does it and why. */
export function disruptionTarget({ metadata }: Pod, reason: string, message: string, nowMs: number): PodCondition {
  return {
    type: 'DisruptionTarget',
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    status: 'True',
    reason,
    message,
    lastTransitionTime: formatTime(nowMs),
  };
}
