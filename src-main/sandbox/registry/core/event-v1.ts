/** Events are stored as core/v1 and served as events.k8s.io/v1 too: the same facts under other names. */
import type { AnyObject } from '#common/kube/object';
import type { Event, EventsV1Event } from '#common/kube/types';

type Fields = Record<string, unknown>;

export function eventToV1(object: AnyObject): AnyObject {
  const event = object as unknown as Event;
  const { involvedObject, message, source, firstTimestamp, lastTimestamp, count, reportingComponent, ...rest } = event;
  return compact({
    ...rest,
    apiVersion: 'events.k8s.io/v1',
    eventTime: rest.eventTime ?? null,
    reportingController: reportingComponent,
    regarding: involvedObject,
    note: message,
    deprecatedSource: source,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    deprecatedCount: count,
  });
}

export function eventFromV1(object: AnyObject): AnyObject {
  const event = object as unknown as EventsV1Event;
  const {
    regarding,
    note,
    deprecatedSource,
    deprecatedFirstTimestamp,
    deprecatedLastTimestamp,
    deprecatedCount,
    reportingController,
    ...rest
  } = event;
  return compact({
    ...rest,
    apiVersion: 'v1',
    involvedObject: regarding ?? {},
    message: note,
    source: deprecatedSource ?? {},
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    count: deprecatedCount,
    reportingComponent: reportingController ?? '',
    reportingInstance: rest.reportingInstance ?? '',
  });
}

export function selectableEventV1(object: AnyObject): Record<string, string> {
  const { regarding, reason, reportingController, type } = object as unknown as EventsV1Event;
  return {
    'regarding.kind': regarding?.kind ?? '',
    'regarding.namespace': regarding?.namespace ?? '',
    'regarding.name': regarding?.name ?? '',
    'regarding.uid': regarding?.uid ?? '',
    'regarding.apiVersion': regarding?.apiVersion ?? '',
    'regarding.resourceVersion': regarding?.resourceVersion ?? '',
    'regarding.fieldPath': regarding?.fieldPath ?? '',
    reason: reason ?? '',
    reportingController: reportingController ?? '',
    type: type ?? '',
  };
}

function compact(fields: Fields): AnyObject {
  const { kind, apiVersion, metadata, ...rest } = fields;
  const known = Object.entries(rest).filter(([, value]) => value !== undefined);
  return { kind, apiVersion, metadata, ...Object.fromEntries(known) } as AnyObject;
}
