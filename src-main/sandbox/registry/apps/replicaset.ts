import { ReplicaSets } from '#common/kube/resources';
import type { ReplicaSetSpec } from '#common/kube/types';
import { checkLastingPods, checkPodTemplate } from '../core/pod-rules';
import { hostnameWarnings, templateWarnings } from '../core/pod-warnings';
import type { FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain } from '../names';
import { defineStrategy, gathered } from '../strategy';
import { checkNotNegative, checkUnchanged } from '../value-rules';
import { checkReadable, checkReplicaStatus, checkSelected, checkWorkloadSelector } from './workload-rules';

export const replicaSetStrategy = defineStrategy({
  resource: ReplicaSets,
  checks: {
    create({ metadata, spec }, into) {
      checkMetadata(metadata, dnsSubdomain, into);
      checkSpec(spec, into);
    },
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkSpec(next.spec, into);
      checkUnchanged(next.spec.selector, current.spec.selector, 'spec.selector', into);
    },
  },
  subresources: {
    status: {
      validate: gathered(({ status }, _current, into) => checkReplicaStatus(status ?? { replicas: 0 }, into)),
    },
  },
  warnings({ metadata, spec }, before) {
    if (before?.metadata.generation === metadata.generation) return [];
    const names = before ? [] : hostnameWarnings(metadata.name, 'Pod names and hostnames');
    return [...names, ...templateWarnings(spec.template, 'spec.template')];
  },
  selectableFields: ({ status }) => ({ 'status.replicas': String(status?.replicas ?? 0) }),
});

function checkSpec({ replicas, minReadySeconds, selector, template }: ReplicaSetSpec, into: FieldError[]): void {
  checkNotNegative(replicas, 'spec.replicas', into);
  checkNotNegative(minReadySeconds, 'spec.minReadySeconds', into);
  checkWorkloadSelector(selector, 'deployment', into);
  if (!checkReadable(selector, 'invalid label selector', into)) return;
  checkSelected(selector, template, 'spec.template', into);
  checkPodTemplate(template, 'spec.template', into);
  checkLastingPods(template, 'ReplicaSet', 'spec.template', into);
}
