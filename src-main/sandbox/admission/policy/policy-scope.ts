/** The variables that expressions of policies and match conditions speak of. */
import { apiVersionOf } from '#common/kube/resource';
import type { Variable } from '#common/kube/types';
import { CelAuthorizer } from '#main/sandbox/cel/authorizer-functions';
import { celValue } from '#main/sandbox/cel/environment';
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
  const { group, version, kind, plural, subresource, name, namespace, operation, user, dryRun } = request;
  return {
    kind: { group, version, kind },
    resource: { group, version, resource: plural },
    ...(subresource ? { subResource: subresource } : {}),
    requestKind: { group, version, kind },
    requestResource: { group, version, resource: plural },
    ...(name ? { name } : {}),
    ...(namespace ? { namespace } : {}),
    operation,
    userInfo: { username: user.name, groups: [...user.groups] },
    dryRun,
    options: { kind: OPTIONS[operation], apiVersion: apiVersionOf({ group: 'meta.k8s.io', version: 'v1' }) },
  };
}

const OPTIONS: Readonly<Record<AdmissionRequest['operation'], string>> = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
  CONNECT: 'PodExecOptions',
};

/** The scope with `variables`, each worked out when it is first asked for. */
export function withVariables(scope: Scope, variables: readonly Variable[]): Scope {
  const values: Scope = {};
  const inner: Scope = { ...scope, variables: values };
  for (const { name, expression } of variables) {
    let known: { value: unknown } | undefined;
    Object.defineProperty(values, name, {
      enumerable: true,
      get: () => (known ??= { value: compiled(expression)(inner) }).value,
    });
  }
  return inner;
}
