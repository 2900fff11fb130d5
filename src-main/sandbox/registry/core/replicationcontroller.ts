import { ReplicationControllers } from '#common/kube/resources';
import type { ReplicationControllerSpec } from '#common/kube/types';
import { checkReplicaStatus } from '../apps/workload-rules';
import { invalidValue, required, type FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain } from '../names';
import { defineStrategy, gathered } from '../strategy';
import { checkNotNegative } from '../value-rules';
import { checkLastingPods, checkPodTemplate } from './pod-rules';
import { hostnameWarnings, templateWarnings } from './pod-warnings';

export const replicationControllerStrategy = defineStrategy({
  resource: ReplicationControllers,
  checks: {
    create({ metadata, spec }, into) {
      checkMetadata(metadata, dnsSubdomain, into);
      checkSpec(spec ?? {}, into);
    },
    update({ metadata, spec = {} }, current, into) {
      checkMetadataUpdate(metadata, current.metadata, into);
      checkSpec(spec, into);
    },
  },
  subresources: {
    status: { validate: gathered(({ status }, _current, into) => checkReplicaStatus(status ?? {}, into)) },
  },
  warnings({ metadata, spec }, before) {
    if (before?.metadata.generation === metadata.generation) return [];
    const names = before ? [] : hostnameWarnings(metadata.name, 'Pod names and hostnames');
    return [...names, ...templateWarnings(spec?.template, 'spec.template')];
  },
  selectableFields: ({ status }) => ({ 'status.replicas': String(status?.replicas ?? 0) }),
});

function checkSpec(spec: ReplicationControllerSpec, into: FieldError[]): void {
  const { selector = {}, template } = spec;
  checkNotNegative(spec.minReadySeconds, 'spec.minReadySeconds', into);
  const wanted = Object.entries(selector);
  if (wanted.length === 0) into.push(required('spec.selector'));
  checkNotNegative(spec.replicas, 'spec.replicas', into);
  if (!template) {
    into.push(required('spec.template'));
    return;
  }
  const { labels } = template.metadata ?? {};
  if (wanted.some(([key, value]) => labels?.[key] !== value))
    into.push(
      invalidValue('spec.template.metadata.labels', labels ?? null, '`selector` does not match template `labels`'),
    );
  checkPodTemplate(template, 'spec.template', into);
  checkLastingPods(template, 'ReplicationController', 'spec.template', into);
}
