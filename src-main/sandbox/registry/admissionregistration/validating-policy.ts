/** admissionregistration.k8s.io ValidatingAdmissionPolicy and its binding. */
import { ValidatingAdmissionPolicies, ValidatingAdmissionPolicyBindings } from '#common/kube/resources';
import type {
  AuditAnnotation,
  ExpressionWarning,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Validation,
} from '#common/kube/types';
import { policyEnvironment, type PolicyVariables } from '#main/sandbox/cel/policy-types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { checkConditions } from '../condition-rules';
import { duplicateValue, eachInvalid, invalidValue, notSupported, required, type FieldError } from '../field-errors';
import { qualifiedName } from '../names';
import { defineStrategy } from '../strategy';
import { checkWord } from '../value-rules';
import { checkExpression, checkMatchConditions, checkVariables } from './expression-rules';
import { checkParamKind, checkParamRef, checkPolicyName } from './policy-rules';
import { checkConstraints, checkMatchResources, FAILURE_POLICIES } from './rule-rules';

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const ACTIONS = ['Audit', 'Deny', 'Warn'];
const MOST_ANNOTATIONS = 20;
const MOST_ANNOTATION_BYTES = 5 * 1024;
const NOTHING_TO_DO = 'validations or auditAnnotations must contain at least one item';

export const validatingPolicyStrategy = defineStrategy<ValidatingAdmissionPolicy>({
  resource: ValidatingAdmissionPolicies,
  validate: (policy) => policyErrors(policy),
  validateUpdate: policyErrors,
  subresources: { status: { validate: ({ status }) => statusErrors(status ?? {}) } },
});

/** Conditions that were accepted once, about the same parameters, are not looked at again. */
function policyErrors({ metadata, spec }: ValidatingAdmissionPolicy, current?: ValidatingAdmissionPolicy) {
  const into: FieldError[] = [];
  const { paramKind, validations = [], auditAnnotations = [] } = spec;
  checkWord(spec.failurePolicy, FAILURE_POLICIES, 'spec.failurePolicy', into);
  if (paramKind) checkParamKind(paramKind, 'spec.paramKind', into);
  checkConstraints(spec.matchConstraints, 'spec.matchConstraints', into);
  const params = paramKind !== undefined;
  const areOld =
    sameValue(paramKind, current?.spec.paramKind) && sameValue(spec.matchConditions, current?.spec.matchConditions);
  if (!current || !areOld) checkMatchConditions(spec.matchConditions, params, 'spec.matchConditions', into);
  const given = checkVariables(spec.variables, { params, authorizer: true }, 'spec.variables', into);
  if (validations.length + auditAnnotations.length === 0) {
    return [...into, required('spec.validations', NOTHING_TO_DO), required('spec.auditAnnotations', NOTHING_TO_DO)];
  }
  for (const [at, one] of validations.entries()) checkValidation(one, given, `spec.validations[${at}]`, into);
  checkAnnotations(auditAnnotations, metadata.name, given, into);
  return into;
}

const hasLines = (text: string): boolean => /[\n\r]/.test(text);

function checkValidation(validation: Validation, given: PolicyVariables, path: string, into: FieldError[]): void {
  const { expression = '', message = '', messageExpression = '', reason } = validation;
  if (expression.trim())
    checkExpression({ expression, path: `${path}.expression` }, policyEnvironment(given), ['bool'], into);
  else into.push(required(`${path}.expression`, 'expression is not specified'));
  const told = `${path}.messageExpression`;
  if (messageExpression && !messageExpression.trim())
    into.push(invalidValue(told, messageExpression, 'must be non-empty if specified'));
  else if (messageExpression) {
    const environment = policyEnvironment({ ...given, authorizer: false });
    checkExpression({ expression: messageExpression, path: told }, environment, ['string'], into);
  }
  if (message && !message.trim()) into.push(invalidValue(`${path}.message`, message, 'must be non-empty if specified'));
  else if (hasLines(message.trim()))
    into.push(invalidValue(`${path}.message`, message, 'must not contain line breaks'));
  if (reason !== undefined && !REASONS.includes(reason)) into.push(notSupported(`${path}.reason`, reason, REASONS));
}

function checkAnnotations(
  annotations: readonly AuditAnnotation[],
  policy: string,
  given: PolicyVariables,
  into: FieldError[],
): void {
  const path = 'spec.auditAnnotations';
  if (annotations.length > MOST_ANNOTATIONS) {
    const shown = annotations.map(({ key, valueExpression }) => ({ Key: key, ValueExpression: valueExpression }));
    into.push(invalidValue(path, shown, `must not have more than ${MOST_ANNOTATIONS} auditAnnotations`));
  }
  for (const [at, { key, valueExpression = '' }] of annotations.entries()) {
    const here = `${path}[${at}]`;
    const whole = `${policy}/${key}`;
    eachInvalid(into, `${here}.key`, whole, qualifiedName(whole));
    const text = valueExpression.trim();
    const place = { expression: text, path: `${here}.valueExpression` };
    if (!text) into.push(required(place.path, 'valueExpression is not specified'));
    else if (text.length > MOST_ANNOTATION_BYTES)
      into.push(required(place.path, `must not exceed ${MOST_ANNOTATION_BYTES} bytes in length`));
    else checkExpression(place, policyEnvironment(given), ['string', 'null_type'], into);
    if (annotations.findIndex((one) => one.key === key) < at) into.push(duplicateValue(`${here}.key`, key));
  }
}

function statusErrors({ typeChecking, conditions = [] }: NonNullable<ValidatingAdmissionPolicy['status']>) {
  const into: FieldError[] = [];
  for (const [at, one] of (typeChecking?.expressionWarnings ?? []).entries())
    checkWarning(one, `status.typeChecking.expressionWarnings[${at}]`, into);
  checkConditions(conditions, 'status.conditions', into);
  return into;
}

function checkWarning({ fieldRef = '', warning = '' }: ExpressionWarning, path: string, into: FieldError[]): void {
  if (!warning) into.push(required(`${path}.warning`));
  const ref = fieldRef.trim();
  if (!ref) into.push(required(`${path}.fieldRef`));
  // Of everything that is no JSONPath only this comes from hands that forget to close.
  else if (ref.split('[').length > ref.split(']').length)
    into.push(invalidValue(`${path}.fieldRef`, ref, 'invalid JSONPath: unterminated array'));
}

export const validatingBindingStrategy = defineStrategy<ValidatingAdmissionPolicyBinding>({
  resource: ValidatingAdmissionPolicyBindings,
  validate({ spec }) {
    const into: FieldError[] = [];
    checkPolicyName(spec.policyName, 'spec.policyName', into);
    checkParamRef(spec.paramRef, 'spec.paramRef', into);
    if (spec.matchResources) checkMatchResources(spec.matchResources, 'spec.matchResources', into);
    checkActions(spec.validationActions ?? [], 'spec.validationActions', into);
    return into;
  },
});

function checkActions(actions: readonly string[], path: string, into: FieldError[]): void {
  for (const [at, action] of actions.entries()) {
    if (!ACTIONS.includes(action)) into.push(notSupported(`${path}[${at}]`, action, ACTIONS));
    if (actions.indexOf(action) < at) into.push(duplicateValue(`${path}[${at}]`, action));
  }
  if (actions.includes('Deny') && actions.includes('Warn')) {
    const detail =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    into.push(invalidValue(path, actions, detail));
  }
  if (actions.length === 0) into.push(required(path, 'at least one validation action is required'));
}
