/** What a Job's spec may say, for Jobs and for the templates of CronJobs. */
import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicy,
  PodFailurePolicyRule,
  SuccessPolicy,
  SuccessPolicyRule,
} from '#common/kube/types';
import { templateWarnings } from '../core/pod-warnings';
import { checkPodTemplate } from '../core/pod-rules';
import {
  duplicateValue,
  eachInvalid,
  invalidField,
  invalidValue,
  notSupported,
  required,
  tooLong,
  tooMany,
  type FieldError,
} from '../field-errors';
import { domainPrefixedPath, qualifiedName } from '../names';
import { checkNotNegative } from '../value-rules';
import { readIndexes } from './job-indexes';

const MODES = ['NonIndexed', 'Indexed'];
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const OPERATORS = ['In', 'NotIn'];
const STATES = ['False', 'True', 'Unknown'];
const MANY = 100_000;
const MANY_AT_ONCE = 10_000;
const COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
] as const;

export function checkJobSpec(spec: JobSpec, path: string, into: FieldError[]): void {
  for (const field of COUNTS) checkNotNegative(spec[field], `${path}.${field}`, into);
  checkNotNegative(spec.maxFailedIndexes, `${path}.maxFailedIndexes`, into);
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    into.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  if (spec.managedBy !== undefined) checkManager(spec.managedBy, `${path}.managedBy`, into);
  const { completionMode: mode } = spec;
  if (mode !== undefined && !MODES.includes(mode)) into.push(notSupported(`${path}.completionMode`, mode, MODES));
  if (mode === 'Indexed') checkIndexed(spec, path, into);
  if (mode === undefined || mode === 'NonIndexed')
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const)
      if (spec[field] !== undefined)
        into.push(invalidValue(`${path}.${field}`, spec[field], 'requires indexed completion mode'));
  checkPolicies(spec, path, into);
  checkPodTemplate(spec.template, `${path}.template`, into);
  checkRestarts(spec, `${path}.template.spec.restartPolicy`, into);
}

export function jobWarnings({ completionMode, completions = 0, parallelism = 0, template }: JobSpec, path: string) {
  const isMuch = completionMode === 'Indexed' && completions > MANY && parallelism > MANY_AT_ONCE;
  return [...(isMuch ? [`${path}: ${MUCH}`] : []), ...templateWarnings(template, `${path}.template`)];
}

const MUCH =
  'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';

function checkManager(name: string, path: string, into: FieldError[]): void {
  for (const { value, text } of domainPrefixedPath(name))
    into.push(text ? invalidValue(path, value, text) : required(path));
  if (name.length > 63) into.push(tooLong(path, 63));
}

function checkIndexed(spec: JobSpec, path: string, into: FieldError[]): void {
  const { completions, parallelism = 0, maxFailedIndexes: failures, backoffLimitPerIndex } = spec;
  const here = `${path}.maxFailedIndexes`;
  if (completions === undefined) into.push(required(`${path}.completions`, 'when completion mode is Indexed'));
  if (parallelism > MANY)
    into.push(
      invalidValue(
        `${path}.parallelism`,
        parallelism,
        `must be less than or equal to ${MANY} when completion mode is Indexed`,
      ),
    );
  if (completions !== undefined && failures !== undefined && failures > completions)
    into.push(invalidValue(here, failures, 'must be less than or equal to completions'));
  if (failures !== undefined && failures > MANY)
    into.push(invalidValue(here, failures, `must be less than or equal to ${MANY}`));
  if (completions === undefined || completions <= MANY || backoffLimitPerIndex === undefined) return;
  const limit = `must be less than or equal to ${MANY_AT_ONCE} when completions are above ${MANY} and used with backoff limit per index`;
  if (failures === undefined) into.push(required(here, `must be specified when completions is above ${MANY}`));
  if (parallelism > MANY_AT_ONCE) into.push(invalidValue(`${path}.parallelism`, parallelism, limit));
  if (failures !== undefined && failures > MANY_AT_ONCE) into.push(invalidValue(here, failures, limit));
}

function checkPolicies(spec: JobSpec, path: string, into: FieldError[]): void {
  const { podFailurePolicy, successPolicy, podReplacementPolicy: replacement, completionMode, completions } = spec;
  if (podFailurePolicy) checkFailurePolicy(spec, podFailurePolicy.rules ?? [], `${path}.podFailurePolicy.rules`, into);
  if (successPolicy && completionMode !== 'Indexed')
    into.push(invalidValue(`${path}.successPolicy`, successInGo(successPolicy), 'requires indexed completion mode'));
  else if (successPolicy) checkSuccessPolicy(successPolicy, completions ?? 0, `${path}.successPolicy.rules`, into);
  if (replacement === undefined) return;
  const known = podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  if (!known.includes(replacement)) into.push(notSupported(`${path}.podReplacementPolicy`, replacement, known));
}

export const successInGo = (policy: SuccessPolicy | undefined): object | null =>
  policy ? { Rules: policy.rules.map(successRuleInGo) } : null;

const successRuleInGo = ({ succeededIndexes, succeededCount }: SuccessPolicyRule): object => ({
  SucceededIndexes: succeededIndexes ?? null,
  SucceededCount: succeededCount ?? null,
});

export const failureInGo = (policy: PodFailurePolicy | undefined): object | null =>
  policy ? { Rules: (policy.rules ?? []).map(failureRuleInGo) } : null;

const failureRuleInGo = ({
  action,
  onExitCodes: codes,
  onPodConditions: conditions,
}: PodFailurePolicyRule): object => ({
  Action: action,
  OnExitCodes: codes
    ? { ContainerName: codes.containerName ?? null, Operator: codes.operator, Values: codes.values }
    : null,
  OnPodConditions: conditions ? conditions.map(({ type, status }) => ({ Type: type, Status: status })) : null,
});

function checkRestarts({ template, podFailurePolicy }: JobSpec, field: string, into: FieldError[]): void {
  const policy = template?.spec?.restartPolicy ?? '';
  if (policy === 'Always' || policy === '') into.push(required(field, 'valid values: "OnFailure", "Never"'));
  else if (policy !== 'OnFailure' && policy !== 'Never') into.push(notSupported(field, policy, ['OnFailure', 'Never']));
  else if (podFailurePolicy && policy !== 'Never')
    into.push(invalidValue(field, policy, 'only "Never" is supported when podFailurePolicy is specified'));
}

const valid = (values: readonly string[]): string => `valid values: [${values.map((one) => `"${one}"`).join(' ')}]`;

/** One of a few words; the refusal of none tells which. */
function checkListed(value: string, known: readonly string[], path: string, into: FieldError[]): void {
  if (value === '') into.push(required(path, valid(known)));
  else if (!known.includes(value)) into.push(notSupported(path, value, known));
}

function checkFailurePolicy(
  spec: JobSpec,
  rules: readonly PodFailurePolicyRule[],
  path: string,
  into: FieldError[],
): void {
  if (rules.length > 20) into.push(tooMany(path, rules.length, 20));
  const { containers = [], initContainers = [] } = spec.template?.spec ?? {};
  const names = new Set([...containers, ...initContainers].map(({ name }) => name));
  for (const [at, { action, onExitCodes, onPodConditions = [] }] of rules.entries()) {
    const here = `${path}[${at}]`;
    if (action !== 'FailIndex') checkListed(action, ACTIONS, `${here}.action`, into);
    else if (spec.backoffLimitPerIndex === undefined)
      into.push(invalidValue(`${here}.action`, action, 'requires the backoffLimitPerIndex to be set'));
    if (onExitCodes) checkExitCodes(onExitCodes, `${here}.onExitCodes`, names, into);
    checkConditions(onPodConditions, `${here}.onPodConditions`, into);
    const hasConditions = onPodConditions.length > 0;
    if (onExitCodes && hasConditions)
      into.push(invalidField(here, 'specifying both OnExitCodes and OnPodConditions is not supported'));
    if (!onExitCodes && !hasConditions)
      into.push(invalidField(here, 'specifying one of OnExitCodes and OnPodConditions is required'));
  }
}

function checkConditions(
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
  path: string,
  into: FieldError[],
): void {
  if (patterns.length > 20) into.push(tooMany(path, patterns.length, 20));
  for (const [at, { type, status = '' }] of patterns.entries()) {
    eachInvalid(into, `${path}[${at}].type`, type, qualifiedName(type));
    checkListed(status, STATES, `${path}[${at}].status`, into);
  }
}

function checkExitCodes(
  { operator, containerName, values = [] }: PodFailurePolicyOnExitCodesRequirement,
  path: string,
  names: ReadonlySet<string>,
  into: FieldError[],
): void {
  checkListed(operator, OPERATORS, `${path}.operator`, into);
  if (containerName !== undefined && !names.has(containerName))
    into.push(
      invalidValue(
        `${path}.containerName`,
        containerName,
        'must be one of the container or initContainer names in the pod template',
      ),
    );
  const here = `${path}.values`;
  if (values.length === 0) into.push(invalidValue(here, values, 'at least one value is required'));
  else if (values.length > 255) into.push(tooMany(here, values.length, 255));
  for (const [at, value] of values.entries()) {
    if (operator === 'In' && value === 0)
      into.push(invalidValue(`${here}[${at}]`, value, 'must not be 0 for the In operator'));
    if (values.indexOf(value) < at) into.push(duplicateValue(`${here}[${at}]`, value));
  }
  if (values.some((value, at) => at > 0 && (values[at - 1] ?? 0) > value))
    into.push(invalidValue(here, values, 'must be ordered'));
}

function checkSuccessPolicy({ rules }: SuccessPolicy, completions: number, path: string, into: FieldError[]): void {
  if (rules.length === 0)
    into.push(required(path, 'at least one rules must be specified when the successPolicy is specified'));
  if (rules.length > 20) into.push(tooMany(path, rules.length, 20));
  for (const [at, rule] of rules.entries()) checkSuccessRule(rule, completions, `${path}[${at}]`, into);
}

function checkSuccessRule(
  { succeededIndexes: indexes, succeededCount: count }: SuccessPolicyRule,
  completions: number,
  path: string,
  into: FieldError[],
): void {
  if (indexes === undefined && count === undefined)
    into.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'));
  let total = 0;
  if (indexes !== undefined) {
    const read = readIndexes(indexes, completions);
    total = read.total;
    if (read.problem)
      into.push(invalidValue(`${path}.succeededIndexes`, indexes, `error parsing succeededIndexes: ${read.problem}`));
  }
  if (count === undefined) return;
  const field = `${path}.succeededCount`;
  checkNotNegative(count, field, into);
  const limit = 'must be less than or equal to';
  if (count > completions)
    into.push(invalidValue(field, count, `${limit} ${completions} (the number of specified completions)`));
  if (indexes !== undefined && count > total)
    into.push(
      invalidValue(field, count, `${limit} ${total} (the number of indexes in the specified succeededIndexes field)`),
    );
}
