/** The variables that expressions of policies and match conditions speak of. */
import type { Variable } from '#common/kube/types';
import { CelAuthorizer } from '#main/sandbox/cel/authorizer-functions';
import { celValue, problemText } from '#main/sandbox/cel/environment';
import { compiled } from '#main/sandbox/cel/expressions';
import type { AdmissionCluster, AdmissionRequest } from '../plugin';
import { namespaceOf } from './match-rules';

export type Scope = Record<string, unknown>;

export function admissionScope(request: AdmissionRequest, cluster: AdmissionCluster, params?: unknown): Scope {
  return {
    object: celValue(request.object ?? null),
    oldObject: celValue(request.oldObject ?? null),
    request: celValue(requestValue(request)),
    namespaceObject: celValue(namespaceOf(request, cluster) ?? null),
    params: celValue(params ?? null),
    authorizer: new CelAuthorizer(request.user, (check) => cluster.authorize(check)),
  };
}

/** AdmissionRequest without the objects, as AdmissionReview carries it. */
export function requestValue(request: AdmissionRequest) {
  const { group, version, kind, plural, subresource, name, namespace, operation, user, dryRun, requested } = request;
  const sent = requested ?? request;
  return {
    kind: { group, version, kind },
    resource: { group, version, resource: plural },
    ...(subresource ? { subResource: subresource } : {}),
    requestKind: { group: sent.group, version: sent.version, kind: sent.kind },
    requestResource: { group: sent.group, version: sent.version, resource: sent.plural },
    ...(subresource ? { requestSubResource: subresource } : {}),
    ...(name ? { name } : {}),
    ...(namespace ? { namespace } : {}),
    operation,
    userInfo: userInfoOf(user),
    dryRun,
    options: OPTIONS[operation] ? optionsOf(OPTIONS[operation], dryRun) : null,
  };
}

function userInfoOf({ name, groups, uid, extra }: AdmissionRequest['user']) {
  return {
    username: name,
    groups: [...groups],
    ...(uid ? { uid } : {}),
    ...(extra ? { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) } : {}),
  };
}

const optionsOf = (kind: string, dryRun: boolean) => ({
  kind,
  apiVersion: 'meta.k8s.io/v1',
  ...(dryRun ? { dryRun: ['All'] } : {}),
});

/** Of a connection the options are the object. */
const OPTIONS: Readonly<Partial<Record<AdmissionRequest['operation'], string>>> = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
};

/** The scope with `variables`, each worked out when it is first asked for. */
export function withVariables(scope: Scope, variables: readonly Variable[]): Scope {
  const values: Scope = {};
  const inner: Scope = { ...scope, variables: values };
  for (const { name, expression } of variables) {
    let known: { value: unknown } | undefined;
    Object.defineProperty(values, name, {
      enumerable: true,
      get: () => (known ??= { value: composited(name, expression, inner) }).value,
    });
  }
  return inner;
}

function composited(name: string, expression: string, scope: Scope): unknown {
  try {
    return compiled(expression)(scope);
  } catch (problem) {
    const words = `composited variable ${JSON.stringify(name)} fails to evaluate: ${problemText(problem)}`;
    throw new Error(words, { cause: problem });
  }
}
