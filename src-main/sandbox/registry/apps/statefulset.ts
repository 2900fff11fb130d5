import { StatefulSets } from '#common/kube/resources';
import type { StatefulSet } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { forbiddenField, must } from '../field-errors';
import { dnsLabel } from '../names';
import { validateWorkloadSelector } from '../selector-rules';
import { defineStrategy } from '../strategy';
import { notNegative, validateTemplate } from './workload-rules';

/** The Pods will have a volume for each claim template. */
function withClaims({ template, volumeClaimTemplates = [] }: StatefulSet['spec']): StatefulSet['spec']['template'] {
  if (!template.spec || volumeClaimTemplates.length === 0) return template;
  const names = volumeClaimTemplates.map(({ metadata }) => metadata.name);
  const others = (template.spec.volumes ?? []).filter(({ name }) => !names.includes(name));
  const claimed = names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...template, spec: { ...template.spec, volumes: [...others, ...claimed] } };
}

export const statefulSetStrategy = defineStrategy({
  resource: StatefulSets,
  names: dnsLabel,
  validate: ({ spec }) => [
    ...notNegative(spec.replicas, 'spec.replicas'),
    ...validateWorkloadSelector(spec.selector, 'statefulset'),
    ...validateTemplate(withClaims(spec), spec.selector),
    ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
  ],
  update: {
    validate: (next, current) =>
      must(sameValue(fixedPart(next), fixedPart(current)), () =>
        forbiddenField(
          'spec',
          "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
        ),
      ),
  },
});

function fixedPart({
  spec: { selector, serviceName, podManagementPolicy, volumeClaimTemplates },
}: StatefulSet): object {
  const claims = volumeClaimTemplates?.map(({ metadata, spec }) => ({ name: metadata.name, spec }));
  return { selector, serviceName, podManagementPolicy, claims };
}
