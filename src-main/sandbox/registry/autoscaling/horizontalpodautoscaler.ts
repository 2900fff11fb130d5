import { HorizontalPodAutoscalers } from '#common/kube/resources';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HPAScalingPolicy,
  HPAScalingRules,
} from '#common/kube/types';
import { forbiddenField, invalidValue, notSupported, required, type FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain, pathSegment } from '../names';
import { defineStrategy, gathered } from '../strategy';
import { checkNeededName, checkNotNegative, checkOptionalWord, checkQuantity } from '../value-rules';
import { checkMetric, checkReference } from './metric-rules';

const SELECT_POLICIES = ['Disabled', 'Max', 'Min'];
const LONGEST_WINDOW = 3600;
const LONGEST_PERIOD = 1800;

export const horizontalPodAutoscalerStrategy = defineStrategy<HorizontalPodAutoscaler>({
  resource: HorizontalPodAutoscalers,
  checks: {
    create({ metadata, spec }, into) {
      checkMetadata(metadata, dnsSubdomain, into);
      checkSpec(spec, undefined, into);
    },
    update(next, current, into) {
      checkMetadata(next.metadata, dnsSubdomain, into);
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkSpec(next.spec, current.spec, into);
    },
  },
  subresources: {
    status: {
      validate: gathered(({ status }, _current, into) => {
        checkNotNegative(status?.currentReplicas, 'status.currentReplicas', into);
        checkNotNegative(status?.desiredReplicas, 'status.desiredReplicas', into);
      }),
    },
  },
});

type Spec = HorizontalPodAutoscalerSpec;

function checkSpec(spec: Spec, current: Spec | undefined, into: FieldError[]): void {
  const { minReplicas: min, scaleTargetRef: target, metrics = [], behavior } = spec;
  checkReplicas(spec, current?.minReplicas === 0 ? 0 : 1, into);
  const before = current?.scaleTargetRef;
  if (before && before.apiVersion === target.apiVersion && before.kind === target.kind) {
    checkNeededName(target.kind, pathSegment, 'spec.scaleTargetRef.kind', into);
    checkNeededName(target.name, pathSegment, 'spec.scaleTargetRef.name', into);
  } else checkReference(target, 'spec.scaleTargetRef', target.kind === 'ReplicationController', into);
  for (const [at, metric] of metrics.entries()) checkMetric(metric, `spec.metrics[${at}]`, into);
  if (min === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External'))
    into.push(
      forbiddenField(
        'spec.metrics',
        'must specify at least one Object or External metric to support scaling to zero replicas',
      ),
    );
  for (const way of ['scaleUp', 'scaleDown'] as const)
    if (behavior?.[way]) checkRules(behavior[way], `spec.behavior.${way}`, into);
}

function checkReplicas({ minReplicas: min, maxReplicas: max = 0 }: Spec, least: number, into: FieldError[]): void {
  if (min !== undefined && min < least)
    into.push(invalidValue('spec.minReplicas', min, `must be greater than or equal to ${least}`));
  if (max === 0) into.push(required('spec.maxReplicas', 'must be set and greater than 0'));
  else if (max < 0) into.push(invalidValue('spec.maxReplicas', max, 'must be greater than or equal to 1'));
  if (min !== undefined && max < min)
    into.push(invalidValue('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`'));
}

function checkRules(rules: HPAScalingRules, path: string, into: FieldError[]): void {
  const { stabilizationWindowSeconds: window = 0, selectPolicy, policies = [], tolerance } = rules;
  const field = `${path}.stabilizationWindowSeconds`;
  if (window < 0) into.push(invalidValue(field, window, 'must be greater than or equal to zero'));
  if (window > LONGEST_WINDOW)
    into.push(invalidValue(field, window, `must be less than or equal to ${LONGEST_WINDOW}`));
  checkOptionalWord(selectPolicy, SELECT_POLICIES, `${path}.selectPolicy`, into);
  if (policies.length === 0) into.push(required(`${path}.policies`, 'must specify at least one Policy'));
  for (const [at, policy] of policies.entries()) checkPolicy(policy, `${path}.policies[${at}]`, into);
  if (tolerance !== undefined) checkQuantity(tolerance, `${path}.tolerance`, into);
}

function checkPolicy({ type, value, periodSeconds }: HPAScalingPolicy, path: string, into: FieldError[]): void {
  if (type !== 'Pods' && type !== 'Percent') into.push(notSupported(`${path}.type`, type, ['Percent', 'Pods']));
  for (const [field, number] of Object.entries({ value, periodSeconds }))
    if (number <= 0) into.push(invalidValue(`${path}.${field}`, number, 'must be greater than zero'));
  if (periodSeconds > LONGEST_PERIOD)
    into.push(invalidValue(`${path}.periodSeconds`, periodSeconds, `must be less than or equal to ${LONGEST_PERIOD}`));
}
