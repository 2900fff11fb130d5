import { Events } from '#common/kube/resources';
import { invalidValue, must } from '../field-errors';
import { defineStrategy } from '../strategy';

export const eventStrategy = defineStrategy({
  resource: Events,
  garbage: 'unsupported',
  validate: ({ metadata, involvedObject }) => {
    const place = involvedObject.namespace || 'default';
    return must(metadata.namespace === place, () =>
      invalidValue('involvedObject.namespace', involvedObject.namespace ?? '', 'does not match event.namespace'),
    );
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
