import { Events } from '#common/kube/resources';
import type { Event } from '#common/kube/types';
import { eachInvalid, invalidValue, required, type FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain, pathSegment, qualifiedName } from '../names';
import { defineStrategy } from '../strategy';
import { checkUnchanged } from '../value-rules';

const MISPLACED = 'does not match event.namespace';
const LONGEST = 128;
const LONGEST_NOTE = 1024;

/** The rules of both forms. Events of the first form may be called anything. */
function checkEvent(event: Event, controllerField: string, into: FieldError[]): void {
  const { namespace = '' } = event.metadata;
  const about = event.involvedObject.namespace ?? '';
  const refusePlace = () => into.push(invalidValue('involvedObject.namespace', about, MISPLACED));
  if (event.eventTime) {
    if (about === '' && namespace !== 'default' && namespace !== 'kube-system') refusePlace();
    checkReport(event, controllerField, into);
  } else if (about === '' ? namespace !== 'default' : namespace !== about) refusePlace();
  eachInvalid(into, 'namespace', namespace, dnsSubdomain(namespace));
}

function checkReport(event: Event, controllerField: string, into: FieldError[]): void {
  const { reportingComponent: controller = '', reportingInstance: instance = '', action = '', reason = '' } = event;
  if (controller === '') into.push(required(controllerField));
  eachInvalid(into, controllerField, controller, qualifiedName(controller));
  const checkText = (text: string, field: string): void => {
    if (text === '') into.push(required(field));
    if (text.length > LONGEST) into.push(invalidValue(field, '', `can have at most ${LONGEST} characters`));
  };
  checkText(instance, 'reportingInstance');
  checkText(action, 'action');
  checkText(reason, 'reason');
  if ((event.message ?? '').length > LONGEST_NOTE)
    into.push(invalidValue('message', '', `can have at most ${LONGEST_NOTE} characters`));
}

const UNSET = 'needs to be unset';

/** Events that come in as events.k8s.io/v1, in their stored form. */
const newEventChecks = {
  create(event: Event, into: FieldError[]): void {
    checkEvent(event, 'reportingController', into);
    checkMetadata(event.metadata, dnsSubdomain, into);
    checkSeries(event, into);
    const { type = '', firstTimestamp, lastTimestamp, count, source } = event;
    if (!event.eventTime) into.push(required('eventTime'));
    if (type !== 'Normal' && type !== 'Warning') into.push(invalidValue('type', '', `has invalid value: ${type}`));
    if (firstTimestamp) into.push(invalidValue('firstTimestamp', '', UNSET));
    if (lastTimestamp) into.push(invalidValue('lastTimestamp', '', UNSET));
    if (count) into.push(invalidValue('count', '', UNSET));
    if (source?.component || source?.host) into.push(invalidValue('source', '', UNSET));
  },
  update(next: Event, current: Readonly<Event>, into: FieldError[]): void {
    checkEvent(next, 'reportingController', into);
    checkMetadataUpdate(next.metadata, current.metadata, into);
    if (JSON.stringify(next.series) !== JSON.stringify(current.series)) checkSeries(next, into);
    for (const field of FIXED) {
      const name = field === 'reportingComponent' ? 'reportingController' : field;
      checkUnchanged(next[field], current[field], name, into);
    }
  },
};

const FIXED = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'reason',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingComponent',
  'reportingInstance',
] as const;

function checkSeries({ series }: Event, into: FieldError[]): void {
  if (!series) return;
  if ((series.count ?? 0) < 2) into.push(invalidValue('series.count', '', 'should be at least 2'));
  if (!series.lastObservedTime) into.push(required('series.lastObservedTime'));
}

export const eventStrategy = defineStrategy<Event>({
  resource: Events,
  garbage: 'unsupported',
  checks: {
    create(event, into) {
      checkEvent(event, 'reportingComponent', into);
      if (into.length === 0) checkMetadata(event.metadata, pathSegment, into);
    },
    update: (next, _current, into) => checkEvent(next, 'reportingComponent', into),
  },
  servedChecks: { 'events.k8s.io': newEventChecks },
  selectableFields: ({ involvedObject: about, reason, source, type, reportingComponent }) => ({
    'involvedObject.kind': about.kind ?? '',
    'involvedObject.namespace': about.namespace ?? '',
    'involvedObject.name': about.name ?? '',
    'involvedObject.uid': about.uid ?? '',
    'involvedObject.apiVersion': about.apiVersion ?? '',
    'involvedObject.resourceVersion': about.resourceVersion ?? '',
    'involvedObject.fieldPath': about.fieldPath ?? '',
    reason: reason ?? '',
    reportingComponent: reportingComponent ?? '',
    source: source?.component || (reportingComponent ?? ''),
    type: type ?? '',
  }),
});
