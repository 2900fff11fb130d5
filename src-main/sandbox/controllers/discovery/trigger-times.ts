import type { Pod, Service } from '#common/kube/types';
import { podCondition } from '../apps/pod-facts';

/** Says when what changed the endpoints happened. */
export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

interface Seen {
  service: string;
  /** By Pod name. */
  pods: Map<string, string>;
}

/** When Services and their Pods last changed, so that what is published can tell what it follows from. */
export class TriggerTimes {
  readonly #seen = new Map<string, Seen>();

  /** The earliest change since the last call for `key`; undefined where none is new. */
  next(key: string, service: Service, pods: readonly Pod[]): string | undefined {
    const before = this.#seen.get(key);
    const created = service.metadata.creationTimestamp;
    const now: Seen = { service: created, pods: new Map() };
    let earliest = before && created > before.service ? created : undefined;
    for (const pod of pods) {
      const time = podCondition(pod, 'Ready')?.lastTransitionTime;
      if (!time) continue;
      now.pods.set(pod.metadata.name, time);
      const known = before?.pods.get(pod.metadata.name);
      if ((known === undefined || time > known) && (earliest === undefined || time < earliest)) earliest = time;
    }
    this.#seen.set(key, now);
    return before ? earliest : created;
  }

  forget(key: string): void {
    this.#seen.delete(key);
  }
}

/** Annotations with the time, or without any when nothing new happened. */
export function withTriggerTime(
  annotations: Record<string, string> | undefined,
  time: string | undefined,
): Record<string, string> {
  const { [TRIGGER_TIME]: _before, ...others } = annotations ?? {};
  return time === undefined ? others : { ...others, [TRIGGER_TIME]: time };
}
