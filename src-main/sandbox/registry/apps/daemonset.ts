import { DaemonSets } from '#common/kube/resources';
import { notSupported } from '../field-errors';
import { immutable } from '../metadata-rules';
import { validateWorkloadSelector } from '../selector-rules';
import { defineStrategy } from '../strategy';
import { notNegative, validateTemplate } from './workload-rules';

const TYPES = ['RollingUpdate', 'OnDelete'];

export const daemonSetStrategy = defineStrategy({
  resource: DaemonSets,
  validate: ({ spec }) => [
    ...validateWorkloadSelector(spec.selector, 'daemonset'),
    ...validateTemplate(spec.template, spec.selector),
    ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...(TYPES.includes(spec.updateStrategy?.type ?? '')
      ? []
      : [notSupported('spec.updateStrategy.type', spec.updateStrategy?.type ?? '', TYPES)]),
    ...notNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  ],
  update: {
    validate: (next, current) => immutable('spec.selector', next.spec.selector, current.spec.selector),
  },
});
