import { epochOf } from '#common/kinds/epoch';
import { Events } from '#common/kube/resources';
import type { KubeObject } from '#common/kube/object';
import type { Event } from '#common/kube/types';
import type { KubeClient } from '#main/client/client';
import type { DescribeWriter } from './describe-writer';
import { since } from './times';

export interface EventsQuery {
  /** Absent: the object's own. Nodes are also spoken of by their name in place of a uid. */
  uid?: string;
  /** Pods are looked for without their kind. */
  anyKind?: boolean;
}

/** The events that speak of one object; undefined where they may not be read. */
export async function eventsOf(
  client: KubeClient,
  { kind, metadata }: KubeObject,
  signal: AbortSignal,
  { uid = metadata.uid, anyKind = false }: EventsQuery = {},
): Promise<Event[] | undefined> {
  const { name, namespace = '' } = metadata;
  const terms = [`involvedObject.name=${name}`, `involvedObject.namespace=${namespace}`];
  if (!anyKind) terms.push(`involvedObject.kind=${kind}`);
  terms.push(`involvedObject.uid=${uid}`);
  const options = { namespace: namespace || undefined, fieldSelector: terms.join(','), signal };
  try {
    return (await client.list<Event>(Events, options)).items;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

export function writeEvents(writer: DescribeWriter, events: readonly Event[] | undefined, now: number): void {
  if (!events) return;
  if (events.length === 0) {
    writer.field(0, 'Events', '<none>');
    return;
  }
  writer.flush();
  writer.line(0, 'Events:');
  writer.line(1, 'Type\tReason\tAge\tFrom\tMessage');
  writer.line(1, '----\t------\t----\t----\t-------');
  const sorted = events.toSorted(
    (left, right) => (epochOf(left.lastTimestamp) ?? 0) - (epochOf(right.lastTimestamp) ?? 0),
  );
  for (const event of sorted) {
    const source = event.source?.component || event.reportingComponent || '';
    const message = event.message?.trim() ?? '';
    writer.line(1, [event.type ?? '', event.reason ?? '', interval(event, now), source, message].join('\t'));
  }
}

/** `2m (x3 over 5m)` */
function interval({ eventTime, firstTimestamp, lastTimestamp, series, count = 0 }: Event, now: number): string {
  const first = since(eventTime ?? firstTimestamp, now);
  if (series) return `${since(series.lastObservedTime, now)} (x${series.count ?? 0} over ${first})`;
  return count > 1 ? `${since(lastTimestamp, now)} (x${count} over ${first})` : first;
}
