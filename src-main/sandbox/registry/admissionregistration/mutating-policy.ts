/** admissionregistration.k8s.io MutatingAdmissionPolicy and its binding. */
import { MutatingAdmissionPolicies, MutatingAdmissionPolicyBindings } from '#common/kube/resources';
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, Mutation } from '#common/kube/types';
import { policyEnvironment, type PolicyVariables } from '#main/sandbox/cel/policy-types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { invalidValue, notSupported, required, type FieldError } from '../field-errors';
import { defineStrategy } from '../strategy';
import { checkWord } from '../value-rules';
import { checkExpression, checkMatchConditions, checkVariables } from './expression-rules';
import { checkParamKind, checkParamRef, checkPolicyName } from './policy-rules';
import {
  checkConstraints,
  checkMatchResources,
  checkMutatingOperations,
  FAILURE_POLICIES,
  REINVOCATION_POLICIES,
} from './rule-rules';

export const mutatingPolicyStrategy = defineStrategy<MutatingAdmissionPolicy>({
  resource: MutatingAdmissionPolicies,
  validate: (policy) => policyErrors(policy),
  validateUpdate: policyErrors,
});

/** Conditions that were accepted once, about the same parameters, are not looked at again. */
function policyErrors({ spec }: MutatingAdmissionPolicy, current?: MutatingAdmissionPolicy): FieldError[] {
  const into: FieldError[] = [];
  const { paramKind, matchConstraints, mutations = [] } = spec;
  checkWord(spec.failurePolicy, FAILURE_POLICIES, 'spec.failurePolicy', into);
  if (paramKind) checkParamKind(paramKind, 'spec.paramKind', into);
  checkConstraints(matchConstraints, 'spec.matchConstraints', into);
  checkMutatingOperations(matchConstraints, 'spec.matchConstraints', into);
  const params = paramKind !== undefined;
  const areOld =
    sameValue(paramKind, current?.spec.paramKind) && sameValue(spec.matchConditions, current?.spec.matchConditions);
  if (!current || !areOld) checkMatchConditions(spec.matchConditions, params, 'spec.matchConditions', into);
  const given = checkVariables(spec.variables, { params, authorizer: true }, 'spec.variables', into);
  if (mutations.length === 0) into.push(required('spec.mutations', 'mutations must contain at least one item'));
  for (const [at, one] of mutations.entries()) checkMutation(one, given, `spec.mutations[${at}]`, into);
  checkWord(spec.reinvocationPolicy, REINVOCATION_POLICIES, 'spec.reinvocationPolicy', into);
  return into;
}

const FORMS = {
  ApplyConfiguration: { own: 'applyConfiguration', other: 'jsonPatch', type: 'Object' },
  JSONPatch: { own: 'jsonPatch', other: 'applyConfiguration', type: 'list(JSONPatch)' },
} as const;

function checkMutation(mutation: Mutation, given: PolicyVariables, path: string, into: FieldError[]): void {
  const { patchType } = mutation;
  if (!patchType) {
    into.push(required(`${path}.patchType`));
    return;
  }
  if (!(patchType in FORMS)) {
    into.push(notSupported(`${path}.patchType`, patchType, Object.keys(FORMS)));
    return;
  }
  const { own, other, type } = FORMS[patchType as keyof typeof FORMS];
  const change = mutation[own];
  const expression = change?.expression?.trim() ?? '';
  const here = { expression, path: `${path}.${own}.expression` };
  if (!change) into.push(required(`${path}.${own}`, `must be specified when patchType is ${patchType}`));
  else if (expression) checkExpression(here, policyEnvironment(given), [type], into);
  else into.push(required(here.path));
  if (mutation[other]) {
    const detail = `must not be specified when patchType is ${patchType}`;
    into.push(invalidValue(`${path}.${other}`, `{${other}}`, detail));
  }
}

export const mutatingBindingStrategy = defineStrategy<MutatingAdmissionPolicyBinding>({
  resource: MutatingAdmissionPolicyBindings,
  validate({ spec }) {
    const into: FieldError[] = [];
    checkPolicyName(spec.policyName, 'spec.policyName', into);
    checkParamRef(spec.paramRef, 'spec.paramRef', into);
    if (spec.matchResources) checkMatchResources(spec.matchResources, 'spec.matchResources', into);
    checkMutatingOperations(spec.matchResources, 'spec.matchResources', into);
    return into;
  },
});
