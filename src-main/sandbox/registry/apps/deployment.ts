import { Deployments } from '#common/kube/resources';
import type { DeploymentStrategy } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { forbiddenField, invalidValue, must, notSupported, type FieldError } from '../field-errors';
import { immutable } from '../metadata-rules';
import { bumpGeneration } from '../object-state';
import { validateWorkloadSelector } from '../selector-rules';
import { defineStrategy } from '../strategy';
import { intOrPercent, notNegative, validateTemplate } from './workload-rules';

export const deploymentStrategy = defineStrategy({
  resource: Deployments,
  validate: ({ spec }) => [
    ...notNegative(spec.replicas, 'spec.replicas'),
    ...validateWorkloadSelector(spec.selector, 'deployment'),
    ...validateTemplate(spec.template, spec.selector),
    ...strategyErrors(spec.strategy ?? {}),
    ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...notNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    ...notNegative(spec.progressDeadlineSeconds, 'spec.progressDeadlineSeconds'),
    ...must(
      spec.progressDeadlineSeconds === undefined || spec.progressDeadlineSeconds > (spec.minReadySeconds ?? 0),
      () =>
        invalidValue(
          'spec.progressDeadlineSeconds',
          spec.progressDeadlineSeconds,
          'must be greater than minReadySeconds',
        ),
    ),
  ],
  update: {
    /** Annotations count as a part of what is wanted. */
    prepare(next, current) {
      if (!sameValue(next.metadata.annotations, current.metadata.annotations) && sameValue(next.spec, current.spec))
        bumpGeneration(next);
    },
    validate: (next, current) => immutable('spec.selector', next.spec.selector, current.spec.selector),
  },
});

const TYPES = ['Recreate', 'RollingUpdate'];

function strategyErrors({ type, rollingUpdate }: DeploymentStrategy): FieldError[] {
  const path = 'spec.strategy';
  if (type === 'Recreate') {
    return must(!rollingUpdate, () =>
      forbiddenField(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'"),
    );
  }
  if (type !== 'RollingUpdate') return [notSupported(`${path}.type`, type ?? '', TYPES)];
  const { maxSurge, maxUnavailable } = rollingUpdate ?? {};
  return [
    ...intOrPercent(maxUnavailable, `${path}.rollingUpdate.maxUnavailable`),
    ...intOrPercent(maxSurge, `${path}.rollingUpdate.maxSurge`),
    ...must(!isZero(maxSurge) || !isZero(maxUnavailable), () =>
      invalidValue(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'),
    ),
  ];
}

const isZero = (value: number | string | undefined): boolean => value === 0 || value === '0%';
