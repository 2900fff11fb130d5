import { sleep, type Clock } from '#common/base/clock';
import type { EventEntry } from '#common/contract/objects';
import type { ObjectRef } from '#common/contract/shapes';
import { eventCount, eventSource, eventTimes } from '#common/kinds/event';
import { Events } from '#common/kube/resources';
import type { AnyObject } from '#common/kube/object';
import type { Event } from '#common/kube/types';
import { Pulse } from '#main/base/pulse';
import type { Informer, InformerOptions } from '#main/informer/informer';
import type { ClusterSession } from '#main/session/session';
import { descendants } from './family';
import { InformerSet } from './informer-set';

/** Bursts of events are one answer. */
const PACE_MS = 100;

/** Events are found by the uid they speak of, and by `Kind/name` for those that carry none (Nodes name themselves). */
const indexes: NonNullable<InformerOptions<Event>['indexes']> = {
  regarding: ({ involvedObject }) => [
    ...(involvedObject?.uid ? [involvedObject.uid] : []),
    `${involvedObject?.kind ?? ''}/${involvedObject?.name ?? ''}`,
  ],
};

/** Events over an object and all it owns, newest first; told again when any of it changes. */
export async function* objectEvents(
  session: ClusterSession,
  ref: ObjectRef,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): AsyncGenerator<EventEntry[]> {
  const { resource, namespace, name } = ref;
  const changed = new Pulse();
  using set = new InformerSet(session.informers, () => changed.set());
  const self = set.open<AnyObject>(resource, { namespace, fieldSelector: `metadata.name=${name}` });
  const events = set.open(Events, { namespace, indexes });
  changed.set();
  let told: string | undefined;
  while (!signal.aborted) {
    await changed.taken(signal);
    if (signal.aborted) return;
    const [object] = self.cache.values();
    const entries = entriesOf(object, ref, { events, set });
    const text = JSON.stringify(entries);
    if (text !== told && (entries.length > 0 || events.freshness.state !== 'loading')) {
      told = text;
      yield entries;
    }
    await sleep(clock, PACE_MS, signal).catch(() => undefined);
  }
}

function entriesOf(
  object: AnyObject | undefined,
  { resource, name }: ObjectRef,
  { events, set }: { events: Informer<Event>; set: InformerSet },
): EventEntry[] {
  const family = object ? [object, ...descendants(object, resource, set).map((relative) => relative.object)] : [];
  const found = new Map<string, Event>();
  const add = (value: string) => {
    for (const event of events.cache.indexed('regarding', value)) found.set(event.metadata.uid, event);
  };
  for (const { metadata } of family) add(metadata.uid);
  for (const event of byName(events, `${resource.kind}/${name}`, object?.metadata.uid))
    found.set(event.metadata.uid, event);
  return [...found.values()].map(eventEntry).toSorted((left, right) => right.lastSeen - left.lastSeen);
}

/** By name only where the uid says nothing against it: an earlier object of the same name had events of its own. */
function byName(events: Informer<Event>, value: string, uid: string | undefined): Event[] {
  return events.cache.indexed('regarding', value).filter(({ involvedObject }) => {
    const regarded = involvedObject?.uid;
    return !uid || !regarded || regarded === uid || regarded === involvedObject?.name;
  });
}

export function eventEntry(event: Event): EventEntry {
  const { first, last } = eventTimes(event);
  const { kind = '', name = '' } = event.involvedObject ?? {};
  return {
    uid: event.metadata.uid,
    type: event.type === 'Warning' ? 'Warning' : 'Normal',
    reason: event.reason ?? '',
    message: event.message?.trim() ?? '',
    source: eventSource(event),
    count: eventCount(event),
    firstSeen: first ?? 0,
    lastSeen: last ?? 0,
    regarding: `${kind}/${name}`,
  };
}
