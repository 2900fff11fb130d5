/** MutatingAdmissionPolicy: what expressions make of an object before it is stored. */
import type { AnyObject } from '#common/kube/object';
import { MutatingAdmissionPolicies, MutatingAdmissionPolicyBindings } from '#common/kube/resources';
import { failure, type ApiStatusError } from '#common/kube/status-error';
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, Mutation } from '#common/kube/types';
import { jsonValue } from '#main/sandbox/cel/environment';
import { compiled } from '#main/sandbox/cel/expressions';
import { withTypedLiterals } from '#main/sandbox/cel/object-literals';
import { applyDefaults } from '#main/sandbox/machinery/defaults/apply-defaults';
import { asAdmitted, FailedTest, patchedByOperations } from '#main/sandbox/machinery/patch/admitted-patch';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { atomicParts } from '#main/sandbox/machinery/atomic-parts';
import { schemaOf, type Gvk, type TypeSchema } from '#main/sandbox/machinery/schema';
import { checkFields } from '#main/sandbox/machinery/strict-fields';
import { mergeConfig } from '#main/sandbox/machinery/typed-merge';
import { problemsOf } from '#main/sandbox/machinery/typed-set';
import type { AdmissionCluster, AdmissionPlugin, AdmissionRequest } from '../plugin';
import { aggregate, internalError, subjectName } from '../refusal';
import { become } from './become';
import { expressionProblem, judgeConditions } from './match-conditions';
import { isExempt } from './match-rules';
import { paramsOf, UnknownParamKind } from './policy-params';
import { admissionScope, withVariables, type Scope } from './policy-scope';
import { isAboutResources, seenByResources, type SeenRequest } from './request-form';

const NAME = 'MutatingAdmissionPolicy';

interface Case {
  policy: MutatingAdmissionPolicy;
  binding: MutatingAdmissionPolicyBinding;
  request: AdmissionRequest;
  cluster: AdmissionCluster;
}

/** A policy with one binding and one of its parameters. */
interface Invocation extends Case {
  id: string;
  param: AnyObject | undefined;
}

/** Why the request is refused; without a reason of its own it is forbidden. */
interface PolicyError {
  message: string;
  reason?: string;
}

export const mutatingAdmissionPolicy: AdmissionPlugin = {
  name: NAME,
  async mutate(request, cluster, reinvocation) {
    if (isExempt(request) || !request.object || request.operation === 'DELETE') return;
    const errors: PolicyError[] = [];
    const invocations = casesOf(request, cluster).flatMap((one) => invocationsOf(one, errors));
    const rounds = reinvocation.of(NAME);
    rounds.begin(request.object);
    for (const one of invocations) {
      const seen = await seenByResources(one.policy.spec.matchConstraints, request, cluster);
      const changed = seen && (await invoke(one, seen, { errors, runs: rounds.runs(one.id) }));
      if (changed === undefined) continue;
      rounds.ran(one.id, { changed, again: one.policy.spec.reinvocationPolicy === 'IfNeeded' });
    }
    rounds.end(request.object);
    if (errors.length > 0) throw denied(request, errors);
  },
};

/** Policies with their bindings, by name. */
function casesOf(request: AdmissionRequest, cluster: AdmissionCluster): Case[] {
  return [...cluster.list(MutatingAdmissionPolicyBindings)].flatMap((binding) => {
    const policy = cluster.get(MutatingAdmissionPolicies, binding.spec?.policyName ?? '');
    const one = policy && { policy, binding, request, cluster };
    return one && isAbout(one) ? [one] : [];
  });
}

function isAbout({ policy, binding, request, cluster }: Case): boolean {
  const matching = [policy.spec.matchConstraints, binding.spec?.matchResources];
  return matching.every((match) => isAboutResources(match, request, cluster));
}

function invocationsOf(one: Case, errors: PolicyError[]): Invocation[] {
  const { policy, binding, request, cluster } = one;
  try {
    return paramsOf({ ...policy.spec, ...binding.spec }, request.namespace, cluster).map((param) => {
      const { namespace = '', name = '' } = param?.metadata ?? {};
      return { ...one, id: [policy.metadata.name, binding.metadata.name, namespace, name].join('/'), param };
    });
  } catch (problem) {
    const why = problem instanceof Error ? problem.message : String(problem);
    if (!(problem instanceof UnknownParamKind))
      errors.push(...failing(one, { message: `failed to configure binding: ${why}` }));
    else if (policy.spec.failurePolicy !== 'Ignore') {
      const name = JSON.stringify(policy.metadata.name);
      errors.push({ message: `policy ${name} denied request: failed to configure policy: ${why}` });
    }
    return [];
  }
}

/** Whether the object is another one now; undefined when the policy does not run. */
async function invoke(
  one: Invocation,
  seen: SeenRequest,
  { errors, runs }: { errors: PolicyError[]; runs: boolean },
): Promise<boolean | undefined> {
  const { policy, request, cluster, param } = one;
  const { spec } = policy;
  const { holds, problems } = judgeConditions(spec.matchConditions, admissionScope(seen.request, cluster, param));
  if (problems.length > 0) errors.push(...failing(one, { message: aggregate(problems), reason: 'Invalid' }));
  if (!holds || !runs) return undefined;
  const before = structuredClone(request.object);
  let current = seen.request;
  for (const mutation of spec.mutations ?? []) {
    try {
      const scope = withVariables(admissionScope(current, cluster, param), spec.variables ?? []);
      const next = mutated(mutation, current, scope);
      applyDefaults(next, current);
      current = { ...current, object: next };
      become(request, await seen.stored(next));
    } catch (problem) {
      const message = problem instanceof Error ? problem.message : String(problem);
      errors.push(...failing(one, { message, reason: 'Invalid' }));
    }
  }
  return !sameValue(before, request.object);
}

function mutated(mutation: Mutation, { object, ...gvk }: AdmissionRequest, scope: Scope): AnyObject {
  if (!object) throw new Error('there is no object to change');
  const { patchType, applyConfiguration, jsonPatch } = mutation;
  const expression = (patchType === 'JSONPatch' ? jsonPatch : applyConfiguration)?.expression ?? '';
  const value = valueOf(expression, scope);
  const { group, version, kind } = gvk;
  if (patchType === 'JSONPatch') return patchedBy(object, value, { group, version, kind });
  const schema = schemaOf({ group, version, kind });
  if (!schema) throw new Error(`no schema for ${group}/${version}, Kind=${kind}`);
  return configured(object, value as Record<string, unknown>, schema);
}

/** What is taken as one would lose the fields that are not said: it may not be changed in this way. */
function configured(object: AnyObject, value: Record<string, unknown>, schema: TypeSchema): AnyObject {
  const problems = problemsOf(value, schema);
  const applying = (why: string) => new Error(`error applying patch: ${why}`);
  if (problems.length > 0) throw applying(`failed to convert patch object to typed object: ${goErrors(problems)}`);
  const atomic = atomicParts(value, schema);
  if (atomic.length > 0) {
    const why = `may not mutate atomic arrays, maps or structs: ${atomic.join(', ')}`;
    throw applying(`invalid ApplyConfiguration: ${why}`);
  }
  const { object: config } = checkFields(value, schema);
  return structuredClone(mergeConfig(object, config, schema)) as AnyObject;
}

const goErrors = (problems: readonly string[]): string =>
  problems.length > 1 ? `errors:${problems.map((one) => `\n  ${one}`).join('')}` : problems.join('');

function valueOf(expression: string, scope: Scope): unknown {
  try {
    return jsonValue(compiled(withTypedLiterals(expression).text)(scope));
  } catch (problem) {
    throw new Error(expressionProblem(expression, problem), { cause: problem });
  }
}

function patchedBy(object: AnyObject, operations: unknown, gvk: Gvk): AnyObject {
  let patched: AnyObject;
  try {
    patched = patchedByOperations(object, operations);
  } catch (problem) {
    // A test that fails takes the patch back, nothing else.
    if (problem instanceof FailedTest) return object;
    const why = problem instanceof Error ? problem.message : String(problem);
    throw new Error(`JSON Patch: ${why}`, { cause: problem });
  }
  try {
    return structuredClone(asAdmitted(patched, gvk));
  } catch (problem) {
    throw internalError(problem instanceof Error ? problem.message : String(problem));
  }
}

function failing({ policy, binding }: Case, { message, reason }: PolicyError): PolicyError[] {
  if (policy.spec.failurePolicy === 'Ignore') return [];
  const names = `policy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
  return [{ message: `${names} denied request: ${message}`, ...(reason ? { reason } : {}) }];
}

function denied(request: AdmissionRequest, errors: readonly PolicyError[]): ApiStatusError {
  const { group, plural } = request;
  const [{ message = '', reason = 'Forbidden' } = {}] = errors;
  return failure(403, reason, message, {
    name: subjectName(request),
    ...(group ? { group } : {}),
    kind: plural,
    causes: errors.map((error) => ({ message: error.message })),
  });
}
