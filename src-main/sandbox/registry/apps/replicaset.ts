import { ReplicaSets } from '#common/kube/resources';
import { immutable } from '../metadata-rules';
import { validateWorkloadSelector } from '../selector-rules';
import { defineStrategy } from '../strategy';
import { notNegative, validateTemplate } from './workload-rules';

export const replicaSetStrategy = defineStrategy({
  resource: ReplicaSets,
  validate: ({ spec }) => [
    ...notNegative(spec.replicas, 'spec.replicas'),
    ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateWorkloadSelector(spec.selector, 'deployment'),
    ...validateTemplate(spec.template, spec.selector),
  ],
  update: {
    validate: (next, current) => immutable('spec.selector', next.spec.selector, current.spec.selector),
  },
  selectableFields: ({ status }) => ({ 'status.replicas': String(status?.replicas ?? 0) }),
});
