import type { Event } from '../kube/types';
import { epochOf } from './epoch';
import { column, defineKind, nameColumn, namespaceColumn, type Link, type ObjectStatus } from './kind';
import { parseApiVersion } from '../kube/resource';
import { say } from './words/said';

export const eventKind = defineKind<Event>({
  group: '',
  plural: 'events',
  columns: [
    column({
      id: 'last-seen',
      header: 'Last Seen',
      type: 'age',
      align: 'start',
      value: (event) => eventTimes(event).last,
    }),
    namespaceColumn(),
    column({
      id: 'type',
      header: 'Type',
      type: 'status',
      value: (event) => ({ text: event.type ?? 'Normal', tone: eventStatus(event).tone }),
    }),
    column({ id: 'reason', header: 'Reason', weight: 1.4, value: ({ reason }) => reason ?? null }),
    column({ id: 'object', header: 'Object', weight: 2.4, value: eventTarget }),
    column({ id: 'message', header: 'Message', weight: 5, value: ({ message }) => message?.trim() ?? null }),
    column({ id: 'count', header: 'Count', type: 'number', weight: 0.7, value: eventCount }),
    column({
      id: 'subobject',
      header: 'Subobject',
      type: 'mono',
      wide: true,
      value: ({ involvedObject }) => involvedObject?.fieldPath ?? null,
    }),
    column({ id: 'source', header: 'Source', wide: true, weight: 1.4, value: (event) => eventSource(event) || null }),
    column({
      id: 'first-seen',
      header: 'First Seen',
      type: 'age',
      wide: true,
      value: (event) => eventTimes(event).first,
    }),
    { ...nameColumn<Event>(), wide: true },
  ],
  status: eventStatus,
  sentence: (event) =>
    say('event.told', { target: eventTarget(event), message: event.message?.trim() ?? event.reason ?? '' }),
  links: eventLinks,
});

function eventStatus({ type, reason }: Event): ObjectStatus {
  return { word: reason ?? '', tone: type === 'Warning' ? 'warn' : 'none' };
}

/** When it was first and last seen, from whichever of the three generations of time fields is filled. */
export function eventTimes(event: Event): { first: number | null; last: number | null } {
  const created = epochOf(event.metadata.creationTimestamp);
  const first = epochOf(event.firstTimestamp) ?? epochOf(event.eventTime) ?? created;
  const last = epochOf(event.series?.lastObservedTime) ?? epochOf(event.lastTimestamp) ?? first;
  return { first, last };
}

export function eventCount({ series, count }: Event): number {
  return series?.count ?? (count || 1);
}

/** `pod/web-1`, as kubectl writes it. */
function eventTarget({ involvedObject }: Event): string {
  const kind = (involvedObject?.kind ?? '').toLowerCase();
  return involvedObject?.name ? `${kind}/${involvedObject.name}` : kind;
}

/** `kubelet, node-1` */
export function eventSource({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent || '';
  const host = source?.host || reportingInstance || '';
  return host ? `${component}, ${host}` : component;
}

function eventLinks({ involvedObject }: Event): Link[] {
  const { kind, name, namespace, apiVersion } = involvedObject ?? {};
  if (!kind || !name) return [];
  const { group, version } = parseApiVersion(apiVersion ?? 'v1');
  // The plural is not in the reference; who follows the link looks the kind up in discovery.
  const resource = { group, version, kind, plural: '', namespaced: Boolean(namespace) };
  return [{ relation: 'selects', resource, namespace, name }];
}
