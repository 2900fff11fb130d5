/** MutatingAdmissionPolicy: what expressions make of an object before it is stored. */
import type { AnyObject } from '#common/kube/object';
import { MutatingAdmissionPolicies, MutatingAdmissionPolicyBindings } from '#common/kube/resources';
import { ApiStatusError, failure } from '#common/kube/status-error';
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, Mutation } from '#common/kube/types';
import { jsonValue, problemText } from '#main/sandbox/cel/environment';
import { compiled } from '#main/sandbox/cel/expressions';
import { withTypedLiterals } from '#main/sandbox/cel/object-literals';
import { applyJsonPatch } from '#main/sandbox/machinery/patch/json-patch';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { schemaOf } from '#main/sandbox/machinery/schema';
import { checkFields } from '#main/sandbox/machinery/strict-fields';
import { mergeConfig } from '#main/sandbox/machinery/typed-merge';
import type { AdmissionCluster, AdmissionPlugin, AdmissionRequest } from '../plugin';
import { isExempt, matchesResources } from './match-rules';
import { admissionScope, withVariables, type Scope } from './policy-scope';
import { foundParams } from './validating-policy';

interface Case {
  policy: MutatingAdmissionPolicy;
  binding: MutatingAdmissionPolicyBinding;
  request: AdmissionRequest;
  cluster: AdmissionCluster;
}

export const mutatingAdmissionPolicy: AdmissionPlugin = {
  name: 'MutatingAdmissionPolicy',
  mutate(request, cluster) {
    if (isExempt(request) || !request.object || request.operation === 'DELETE') return;
    const cases = casesOf(request, cluster);
    const changed = cases.map((one) => run(one));
    // What others have changed since is seen by those that want to see it.
    const last = changed.lastIndexOf(true);
    for (const one of cases.slice(0, Math.max(last, 0))) {
      if (one.policy.spec.reinvocationPolicy === 'IfNeeded') run(one);
    }
  },
};

/** Policies with their bindings, by name. */
function casesOf(request: AdmissionRequest, cluster: AdmissionCluster): Case[] {
  return [...cluster.list(MutatingAdmissionPolicyBindings)].flatMap((binding) => {
    const policy = cluster.get(MutatingAdmissionPolicies, binding.spec?.policyName ?? '');
    return policy ? [{ policy, binding, request, cluster }] : [];
  });
}

/** Whether the object is another one now. */
function run(one: Case): boolean {
  const { policy, binding, request, cluster } = one;
  if (!matchesResources(policy.spec.matchConstraints, request, cluster)) return false;
  if (!matchesResources(binding.spec?.matchResources, request, cluster)) return false;
  const before = structuredClone(request.object);
  for (const params of paramsOf(one)) mutate(one, params);
  return !sameValue(before, request.object);
}

function mutate({ policy: { metadata, spec }, binding, request, cluster }: Case, params: unknown): void {
  const scope = () => withVariables(admissionScope(request, cluster, params), spec.variables ?? []);
  try {
    const first = scope();
    if (!(spec.matchConditions ?? []).every(({ expression }) => compiled(expression)(first) === true)) return;
    for (const mutation of spec.mutations ?? []) become(request, mutated(mutation, request, scope()));
  } catch (problem) {
    if (spec.failurePolicy === 'Ignore') return;
    const why = problem instanceof ApiStatusError ? problem.message : problemText(problem);
    throw denied(request, { policy: metadata.name, binding: binding.metadata.name, why });
  }
}

function mutated(mutation: Mutation, request: AdmissionRequest, scope: Scope): AnyObject {
  const { object, group, version, kind } = request;
  if (!object) throw new Error('there is no object to change');
  const { patchType, applyConfiguration, jsonPatch } = mutation;
  const expression = (patchType === 'JSONPatch' ? jsonPatch : applyConfiguration)?.expression ?? '';
  const value = jsonValue(compiled(withTypedLiterals(expression).text)(scope));
  if (patchType === 'JSONPatch') return applyJsonPatch(object, value);
  const schema = schemaOf({ group, version, kind });
  if (!schema) throw new Error(`no schema for ${group}/${version}, Kind=${kind}`);
  const { object: config, unknown } = checkFields(value as Record<string, unknown>, schema);
  if (unknown.length > 0) throw new Error(`invalid ApplyConfiguration: ${unknown.join(', ')}`);
  return mergeConfig(object, config, schema) as AnyObject;
}

function denied({ group, plural, name }: AdmissionRequest, told: { policy: string; binding: string; why: string }) {
  const message = `policy '${told.policy}' with binding '${told.binding}' denied request: ${told.why}`;
  const details = { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: plural };
  return failure(403, 'Invalid', message, { ...details, causes: [{ message }] });
}

/** The request keeps its object; what the object holds is replaced. */
function become({ object }: AdmissionRequest, next: AnyObject): void {
  if (!object) return;
  const fields = { ...next };
  for (const field of Object.keys(object)) delete object[field];
  Object.assign(object, fields);
}

/** The parameters to work with, one after the other; a policy without a paramKind works once. */
function paramsOf(one: Case): unknown[] {
  const { paramKind } = one.policy.spec;
  const paramRef = one.binding.spec?.paramRef;
  if (!paramKind || !paramRef) return [undefined];
  const found = foundParams(one, paramRef);
  if (found.length > 0 || paramRef.parameterNotFoundAction === 'Allow') return found;
  const { policy, binding, request } = one;
  if (policy.spec.failurePolicy === 'Ignore') return [];
  const why = 'no params found for policy binding with `Deny` parameterNotFoundAction';
  const names = { policy: policy.metadata.name, binding: binding.metadata.name };
  throw denied(request, { ...names, why: `failed to configure binding: ${why}` });
}
