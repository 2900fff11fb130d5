import type { Event } from '#common/kube/types';

export interface EventView {
  type: string;
  reason: string;
  message: string;
  count: number;
  /** Epoch milliseconds. */
  first: number | undefined;
  last: number | undefined;
  source: string;
  action: string;
  regarding: { kind: string; name: string; namespace: string | undefined; apiVersion: string | undefined };
}

/** An Event of either API: `core/v1` counts in `count`, `events.k8s.io/v1` in a series. */
export function readEvent(event: Event): EventView {
  const { type = 'Normal', reason = '', message = '', action = '', series, metadata } = event;
  const { kind = '', name = '', namespace, apiVersion } = event.involvedObject;
  const made = metadata.creationTimestamp;
  return {
    type,
    reason,
    message,
    count: series?.count ?? event.count ?? 1,
    first: firstTime([event.firstTimestamp, event.eventTime, made]),
    last: firstTime([event.lastTimestamp, series?.lastObservedTime, event.eventTime, made]),
    source: sourceOf(event),
    action,
    regarding: { kind, name, namespace, apiVersion },
  };
}

function sourceOf({ source, reportingComponent, reportingInstance }: Event): string {
  return [source?.component ?? reportingComponent, source?.host ?? reportingInstance].filter(Boolean).join(', ');
}

function firstTime(times: readonly (string | null | undefined)[]): number | undefined {
  return times.map((time) => Date.parse(time ?? '')).find((ms) => !Number.isNaN(ms));
}
