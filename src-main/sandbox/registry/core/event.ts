import { Events } from '#common/kube/resources';
import { invalidValue, must } from '../field-errors';
import { dnsSubdomain } from '../names';
import { defineStrategy } from '../strategy';

export const eventStrategy = defineStrategy({
  resource: Events,
  garbage: 'unsupported',
  validate: ({ metadata, involvedObject, eventTime }) => {
    const place = involvedObject.namespace || 'default';
    return [
      ...must(metadata.namespace === place, () =>
        invalidValue('involvedObject.namespace', involvedObject.namespace ?? '', 'does not match event.namespace'),
      ),
      // Events of the first form may be called anything.
      ...(eventTime && metadata.name
        ? dnsSubdomain(metadata.name).map((text) => invalidValue('metadata.name', metadata.name, text))
        : []),
    ];
  },
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
