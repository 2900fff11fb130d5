/** ValidatingAdmissionPolicies: rules in CEL that an administrator binds to resources. */
import { matchesSelector } from '#common/kinds/selector';
import type { AnyObject } from '#common/kube/object';
import { groupResource, parseApiVersion, resource } from '#common/kube/resource';
import {
  CustomResourceDefinitions,
  ValidatingAdmissionPolicies,
  ValidatingAdmissionPolicyBindings,
} from '#common/kube/resources';
import { ANY_VERSION, builtInResources } from '#main/sandbox/machinery/schema';
import { failure, type ApiStatusError } from '#common/kube/status-error';
import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicyBindingSpec,
  Validation,
} from '#common/kube/types';
import { problemText } from '#main/sandbox/cel/environment';
import { compiled } from '#main/sandbox/cel/expressions';
import type { AdmissionCluster, AdmissionPlugin, AdmissionRequest } from '../plugin';
import { isExempt, matchesResources } from './match-rules';
import { admissionScope, withVariables, type Scope } from './policy-scope';
import { seenWhere } from './request-form';

export const validatingAdmissionPolicy: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',
  validate(request, cluster) {
    if (isExempt(request)) return undefined;
    const cases = casesOf(request, cluster);
    if (request.versions) return enforceInVersions(cases);
    for (const one of cases) if (isAbout(one, request)) enforce(one);
    return undefined;
  },
};

function casesOf(request: AdmissionRequest, cluster: AdmissionCluster): Case[] {
  return [...cluster.list(ValidatingAdmissionPolicyBindings)].flatMap((binding) => {
    const policy = cluster.get(ValidatingAdmissionPolicies, binding.spec.policyName);
    return policy ? [{ policy, binding, request, cluster }] : [];
  });
}

function isAbout({ policy, binding, cluster }: Case, request: AdmissionRequest): boolean {
  return (
    matchesResources(policy.spec.matchConstraints, request, cluster) &&
    matchesResources(binding.spec.matchResources, request, cluster)
  );
}

/** Custom resources, each policy in the version that it names. */
async function enforceInVersions(cases: readonly Case[]): Promise<void> {
  for (const one of cases) {
    const { matchPolicy } = one.policy.spec.matchConstraints ?? {};
    const seen = await seenWhere(one.request, matchPolicy, (request) => isAbout(one, request));
    if (seen) enforce({ ...one, request: seen });
  }
}

interface Case {
  policy: ValidatingAdmissionPolicy;
  binding: ValidatingAdmissionPolicyBinding;
  request: AdmissionRequest;
  cluster: AdmissionCluster;
}

function enforce(one: Case): void {
  const refusals = paramsOf(one).flatMap((params) => verdictsOf(one, params));
  for (const { message, reason } of refusals) act(one, message, reason);
}

function act({ policy, binding, request }: Case, message: string, reason: string): void {
  const { validationActions } = binding.spec;
  const names = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
  if (validationActions.includes('Deny')) throw denied(request, `${names} denied request: ${message}`, reason);
  if (validationActions.includes('Warn')) {
    request.warnings.push(`Validation failed for ${names}: ${message}`);
  }
}

const CODES: Readonly<Record<string, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  Invalid: 422,
  RequestEntityTooLarge: 413,
};

function denied({ group, plural, name }: AdmissionRequest, why: string, reason: string): ApiStatusError {
  const subject = groupResource({ group, plural });
  const text = `${subject}${name ? ` "${name}"` : ''} is forbidden: ${why}`;
  return failure(CODES[reason] ?? 422, reason, text, {
    ...(name ? { name } : {}),
    ...(group ? { group } : {}),
    kind: plural,
    causes: [{ message: why }],
  });
}

interface Refusal {
  message: string;
  reason: string;
}

function verdictsOf({ policy: { spec }, request, cluster }: Case, params: unknown): Refusal[] {
  const ignoresProblems = spec.failurePolicy === 'Ignore';
  const scope = withVariables(admissionScope(request, cluster, params), spec.variables ?? []);
  try {
    if (!(spec.matchConditions ?? []).every(({ expression }) => compiled(expression)(scope) === true)) return [];
  } catch (problem) {
    return ignoresProblems ? [] : [{ message: problemText(problem), reason: 'Invalid' }];
  }
  return (spec.validations ?? []).flatMap((validation) => verdictOf(validation, scope, ignoresProblems));
}

function verdictOf(validation: Validation, scope: Scope, ignoresProblems: boolean): Refusal[] {
  const { expression, message, messageExpression, reason = 'Invalid' } = validation;
  try {
    if (compiled(expression)(scope) === true) return [];
  } catch (problem) {
    const text = `expression '${expression}' resulted in error: ${problemText(problem)}`;
    return ignoresProblems ? [] : [{ message: text, reason: 'Invalid' }];
  }
  const own = messageExpression ? textOf(messageExpression, scope) : undefined;
  return [{ message: own ?? message?.trim() ?? `failed expression: ${expression.trim()}`, reason }];
}

/** A message that cannot be made leaves the fixed one. */
function textOf(expression: string, scope: Scope): string | undefined {
  try {
    const text: unknown = compiled(expression)(scope);
    return typeof text === 'string' && text.trim() !== '' ? text.trim() : undefined;
  } catch {
    return undefined;
  }
}

/** The parameters to judge by, one after the other; a policy without a paramKind is asked once. */
function paramsOf(one: Case): unknown[] {
  const { paramKind } = one.policy.spec;
  const { paramRef } = one.binding.spec;
  if (!paramKind || !paramRef) return [undefined];
  const found = foundParams(one, paramRef);
  if (found.length > 0) return found;
  if (paramRef.parameterNotFoundAction === 'Allow') return [];
  const { policy, binding, request } = one;
  const names = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
  const why = 'no params found for policy binding with `Deny` parameterNotFoundAction';
  throw denied(request, `${names} denied request: failed to configure binding: ${why}`, 'Invalid');
}

interface ParamCase extends Pick<Case, 'request' | 'cluster'> {
  policy: { spec: Pick<ValidatingAdmissionPolicy['spec'], 'paramKind'> };
}

type ParamRef = NonNullable<ValidatingAdmissionPolicyBindingSpec['paramRef']>;

/** The objects that a binding of a policy names or selects. */
export function foundParams(
  { policy, request, cluster }: ParamCase,
  { name, namespace, selector }: ParamRef,
): AnyObject[] {
  const { apiVersion = '', kind = '' } = policy.spec.paramKind ?? {};
  const known = kindNamed(parseApiVersion(apiVersion), kind, cluster);
  if (!known) return [];
  const home = known.namespaced ? namespace || request.namespace : '';
  const typed = resource<AnyObject>(known);
  if (!name) return [...cluster.list(typed, home || undefined)].filter((one) => matchesSelector(selector, one));
  const object = cluster.get(typed, home ? `${home}/${name}` : name);
  return object ? [object] : [];
}

/** Objects of custom kinds lie together, whatever their version. */
function kindNamed(home: { group: string; version: string }, kind: string, cluster: AdmissionCluster) {
  const { group, version } = home;
  const builtIn = builtInResources().find((one) => one.group === group && one.version === version && one.kind === kind);
  if (builtIn) return builtIn;
  for (const { spec } of cluster.list(CustomResourceDefinitions)) {
    if (spec.group !== group || spec.names.kind !== kind) continue;
    return { group, version: ANY_VERSION, plural: spec.names.plural, kind, namespaced: spec.scope === 'Namespaced' };
  }
  return undefined;
}
