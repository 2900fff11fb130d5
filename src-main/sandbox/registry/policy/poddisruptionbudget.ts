import { PodDisruptionBudgets } from '#common/kube/resources';
import type { PodDisruptionBudget, PodDisruptionBudgetSpec } from '#common/kube/types';
import { checkConditions } from '../condition-rules';
import { invalidValue, type FieldError } from '../field-errors';
import { checkMetadata } from '../metadata-rules';
import { pathSegment } from '../names';
import { checkLabelSelector } from '../selector-rules';
import { defineStrategy, gathered } from '../strategy';
import { checkAtMostAll, checkIntOrPercent, checkNotNegative, checkOptionalWord } from '../value-rules';

const COUNTS = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const;

/** Its metadata has no rules of its own. */
export const podDisruptionBudgetStrategy = defineStrategy<PodDisruptionBudget>({
  resource: PodDisruptionBudgets,
  checks: {
    create({ metadata, spec = {} }, into) {
      checkSpec(spec, into);
      if (into.length === 0) checkMetadata(metadata, pathSegment, into);
    },
    update: ({ spec = {} }, _current, into) => checkSpec(spec, into),
  },
  subresources: {
    status: {
      validate: gathered(({ status }, _current, into) => {
        if (!status) return;
        checkConditions(status.conditions ?? [], 'status.conditions', into);
        for (const field of COUNTS) checkNotNegative(status[field], `status.${field}`, into);
      }),
    },
  },
});

function checkSpec(spec: PodDisruptionBudgetSpec, into: FieldError[]): void {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: eviction } = spec;
  if (minAvailable !== undefined && maxUnavailable !== undefined)
    into.push(invalidValue('spec', inGo(spec), 'minAvailable and maxUnavailable cannot be both set'));
  for (const field of ['minAvailable', 'maxUnavailable'] as const) {
    const amount = spec[field];
    if (amount === undefined) continue;
    checkIntOrPercent(amount, `spec.${field}`, into);
    checkAtMostAll(amount, `spec.${field}`, into);
  }
  checkLabelSelector(selector, 'spec.selector', into);
  checkOptionalWord(eviction, ['AlwaysAllow', 'IfHealthyBudget'], 'spec.unhealthyPodEvictionPolicy', into);
}

const inGo = (spec: PodDisruptionBudgetSpec): object => ({
  MinAvailable: spec.minAvailable ?? null,
  Selector: spec.selector ?? null,
  MaxUnavailable: spec.maxUnavailable ?? null,
  UnhealthyPodEvictionPolicy: spec.unhealthyPodEvictionPolicy ?? null,
});
