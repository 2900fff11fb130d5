import { DaemonSets } from '#common/kube/resources';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { notSupported } from '../field-errors';
import { immutable } from '../metadata-rules';
import { validateWorkloadSelector } from '../selector-rules';
import { defineStrategy } from '../strategy';
import { notNegative, validateTemplate } from './workload-rules';

/** Kept by the server: how many templates the set has had. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';
const TYPES = ['RollingUpdate', 'OnDelete'];

export const daemonSetStrategy = defineStrategy({
  resource: DaemonSets,
  complete({ metadata }) {
    metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: '1' };
  },
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
    prepare(next, current) {
      const count = Number(current.metadata.annotations?.[TEMPLATE_GENERATION] ?? 1);
      const isSame = sameValue(next.spec.template, current.spec.template);
      const annotations = { ...next.metadata.annotations, [TEMPLATE_GENERATION]: String(isSame ? count : count + 1) };
      next.metadata.annotations = annotations;
    },
    validate: (next, current) => immutable('spec.selector', next.spec.selector, current.spec.selector),
  },
});
