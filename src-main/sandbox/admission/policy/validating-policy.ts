/** ValidatingAdmissionPolicies: rules in CEL that an administrator binds to resources. */
import { ValidatingAdmissionPolicies, ValidatingAdmissionPolicyBindings } from '#common/kube/resources';
import { ApiStatusError } from '#common/kube/status-error';
import type {
  AuditAnnotation,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Validation,
} from '#common/kube/types';
import { compiled } from '#main/sandbox/cel/expressions';
import type { AdmissionCluster, AdmissionPlugin, AdmissionRequest } from '../plugin';
import { aggregate, refused } from '../refusal';
import { expressionProblem, judgeConditions } from './match-conditions';
import { isExempt } from './match-rules';
import { paramsOf, UnknownParamKind } from './policy-params';
import { admissionScope, withVariables, type Scope } from './policy-scope';
import { isAboutResources, seenByResources } from './request-form';

const MOST_MESSAGE_BYTES = 5 * 1024;

export const validatingAdmissionPolicy: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',
  async validate(request, cluster) {
    if (isExempt(request)) return;
    const refusals: Refusal[] = [];
    // Conversions are waited for: the bindings are those of the beginning.
    const bindings = [...cluster.list(ValidatingAdmissionPolicyBindings)];
    for (const binding of bindings) {
      const policy = cluster.get(ValidatingAdmissionPolicies, binding.spec.policyName);
      if (policy) refusals.push(...(await enforced({ policy, binding, request, cluster })));
    }
    const [first] = refusals;
    if (first) throw denied(request, first);
  },
};

interface Case {
  policy: ValidatingAdmissionPolicy;
  binding: ValidatingAdmissionPolicyBinding;
  request: AdmissionRequest;
  cluster: AdmissionCluster;
}

interface Refusal {
  message: string;
  reason: string;
}

/** What refuses the request; the warnings that a binding asks for instead are added to it. */
async function enforced(one: Case): Promise<Refusal[]> {
  const { policy, binding, request, cluster } = one;
  if (!isAboutResources(binding.spec.matchResources, request, cluster)) return [];
  const seen = await seenByResources(policy.spec.matchConstraints, request, cluster);
  if (!seen) return [];
  const names = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
  const refusing = ({ message, reason }: Refusal) => ({ message: `${names} denied request: ${message}`, reason });
  let judged: Judged[];
  try {
    const params = paramsOf({ ...policy.spec, ...binding.spec }, request.namespace, cluster);
    judged = params.map((param) => judgedBy(policy, admissionScope(seen.request, cluster, param)));
  } catch (problem) {
    if (policy.spec.failurePolicy === 'Ignore') return [];
    const why = problem instanceof Error ? problem.message : String(problem);
    if (problem instanceof UnknownParamKind) {
      const message = `ValidatingAdmissionPolicy '${policy.metadata.name}' denied request: failed to configure policy: ${why}`;
      return [{ message, reason: 'Invalid' }];
    }
    return [refusing({ message: `failed to configure binding: ${why}`, reason: 'Invalid' })];
  }
  const { validationActions } = binding.spec;
  if (validationActions.includes('Warn')) {
    for (const { message } of judged.flatMap(({ verdicts }) => verdicts))
      request.warnings.push(`Validation failed for ${names}: ${message}`);
  }
  return judged.flatMap(({ verdicts, broken }) =>
    [...(validationActions.includes('Deny') ? verdicts : []), ...broken].map(refusing),
  );
}

const CODES: Readonly<Record<string, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  Invalid: 422,
  RequestEntityTooLarge: 413,
};

function denied(request: AdmissionRequest, { message, reason }: Refusal): ApiStatusError {
  const { status } = refused(request, message, [{ message }]);
  return new ApiStatusError({ ...status, reason, code: CODES[reason] ?? 422 });
}

interface Judged {
  verdicts: Refusal[];
  /** Annotations that cannot be made refuse whatever the binding asks for. */
  broken: Refusal[];
}

function judgedBy({ spec }: ValidatingAdmissionPolicy, given: Scope): Judged {
  const failing = (message: string): Refusal[] =>
    spec.failurePolicy === 'Ignore' ? [] : [{ message, reason: 'Invalid' }];
  const { holds, problems } = judgeConditions(spec.matchConditions, given);
  if (problems.length > 0) return { verdicts: failing(aggregate(problems)), broken: [] };
  if (!holds) return { verdicts: [], broken: [] };
  const scope = withVariables(given, spec.variables ?? []);
  return {
    verdicts: (spec.validations ?? []).flatMap((validation) => verdictOf(validation, scope, failing)),
    broken: (spec.auditAnnotations ?? []).flatMap((annotation) => annotationProblem(annotation, scope, failing)),
  };
}

type Failing = (message: string) => Refusal[];

function verdictOf(validation: Validation, scope: Scope, failing: Failing): Refusal[] {
  const { expression, message, messageExpression, reason = 'Invalid' } = validation;
  try {
    if (compiled(expression)(scope) === true) return [];
  } catch (problem) {
    return failing(expressionProblem(expression, problem));
  }
  const own = messageExpression ? textOf(messageExpression, scope) : undefined;
  return [{ message: own ?? (message?.trim() || `failed expression: ${expression.trim()}`), reason }];
}

/** A message that cannot be made, or is none, leaves the fixed one. */
function textOf(expression: string, scope: Scope): string | undefined {
  try {
    const value: unknown = compiled(expression)(scope);
    const text = typeof value === 'string' ? value.trim() : '';
    return text === '' || text.includes('\n') || Buffer.byteLength(text) > MOST_MESSAGE_BYTES ? undefined : text;
  } catch {
    return undefined;
  }
}

function annotationProblem({ valueExpression }: AuditAnnotation, scope: Scope, failing: Failing): Refusal[] {
  try {
    compiled(valueExpression)(scope);
    return [];
  } catch (problem) {
    return failing(expressionProblem(valueExpression, problem));
  }
}
