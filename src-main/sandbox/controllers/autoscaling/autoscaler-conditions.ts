import { formatTime } from '#common/base/clock';
import type { HorizontalPodAutoscalerCondition } from '#common/kube/types';

type ConditionType = 'AbleToScale' | 'ScalingActive' | 'ScalingLimited';

/** The conditions of an autoscaler while it is looked at; each keeps the time at which its status changed last. */
export class AutoscalerConditions {
  readonly #list: HorizontalPodAutoscalerCondition[];
  readonly #now: string;

  constructor(before: readonly HorizontalPodAutoscalerCondition[] | undefined, nowMs: number) {
    this.#list = (before ?? []).map((condition) => ({ ...condition }));
    this.#now = formatTime(nowMs);
  }

  set(type: ConditionType, holds: boolean, { reason, message }: { reason: string; message: string }): void {
    const status = holds ? 'True' : 'False';
    const next = { type, status, lastTransitionTime: this.#now, reason, message };
    const at = this.#list.findIndex((condition) => condition.type === type);
    const before = this.#list[at];
    if (!before) this.#list.push(next);
    else if (before.status === status) this.#list[at] = { ...before, reason, message };
    else this.#list[at] = next;
  }

  get list(): HorizontalPodAutoscalerCondition[] {
    return this.#list;
  }
}
