/** Nobody hands out rights that they do not have: roles and bindings are held against the rules of who writes them. */
import type { ClusterRole, PolicyRule, Role, RoleBinding, RoleRef } from '#common/kube/types';
import { ApiStatusError } from '#common/kube/status-error';
import type { AdmissionPlugin, AdmissionRequest } from '#main/sandbox/admission/plugin';
import { refused } from '#main/sandbox/admission/refusal';
import type { Authorizer } from '#main/sandbox/authz/authorizer';
import { aggregated } from '#main/sandbox/authz/rbac';
import { missingRules, ruleText } from '#main/sandbox/authz/rule-coverage';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { notFound } from '#main/sandbox/registry/status-errors';

const GROUP = 'rbac.authorization.k8s.io';
const ROLES = new Set(['roles', 'clusterroles']);
const BINDINGS = new Set(['rolebindings', 'clusterrolebindings']);

/**
 * The check that is part of storing roles and bindings; `escalate` and `bind` are the verbs that lift it. It stands last
 * among what changes objects: before the kind's own rules, after everything that could still add a rule.
 */
export function grantedRights(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'GrantedRights',
    mutate(request) {
      const { group, plural, operation, user } = request;
      if (group !== GROUP || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
      if (user.groups.includes('system:masters')) return;
      if (request.oldObject && onlyLetsGo(request)) return;
      if (ROLES.has(plural)) checkRole(authorizer, request);
      else if (BINDINGS.has(plural)) checkBinding(authorizer, request);
    },
  };
}

/** Owners and finalizers are changed by the garbage collector, which holds no rights. */
function onlyLetsGo({ object, oldObject }: AdmissionRequest): boolean {
  const bare = (one: typeof object) => {
    if (!one) return undefined;
    const { ownerReferences: _owners, finalizers: _finalizers, managedFields: _managed, ...metadata } = one.metadata;
    return { ...one, metadata };
  };
  return sameValue(bare(object), bare(oldObject));
}

function checkRole(authorizer: Authorizer, request: AdmissionRequest): void {
  const role = request.object as unknown as Role & ClusterRole;
  const before = request.oldObject as unknown as (Role & ClusterRole) | undefined;
  // What is created has no name in the path.
  const name = before ? request.name : '';
  if (mayUse(authorizer, request, { verb: 'escalate', resource: request.plural, name })) return;
  confirm(authorizer, request, role.rules ?? []);
  const gathers = [role, before].some((one) => one?.aggregationRule?.clusterRoleSelectors?.length);
  if (gathers && missingRules(authorizer.rules(request.user, '').rules, EVERYTHING).length > 0) {
    throw refused(request, 'must have cluster-admin privileges to use the aggregationRule');
  }
}

const EVERYTHING: PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

function checkBinding(authorizer: Authorizer, request: AdmissionRequest): void {
  const { roleRef } = request.object as unknown as RoleBinding;
  const resource = RESOURCES[roleRef.kind];
  if (!resource) throw new ApiStatusError(unsupported(roleRef));
  if (mayUse(authorizer, request, { verb: 'bind', resource, name: roleRef.name })) return;
  const rules = authorizer.rulesOf(roleRef, request.namespace);
  if (!rules) throw notFound({ group: GROUP, plural: request.plural }, roleRef.name);
  confirm(authorizer, request, rules);
}

const RESOURCES: Readonly<Record<string, string>> = { ClusterRole: 'clusterroles', Role: 'roles' };

/** An error without a reason of its own: the real server does not foresee it either. */
function unsupported({ kind }: RoleRef) {
  const message = `unsupported role reference kind: ${JSON.stringify(kind)}`;
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 } as const;
}

function mayUse(
  authorizer: Authorizer,
  { user, namespace }: AdmissionRequest,
  about: { verb: string; resource: string; name: string },
): boolean {
  return authorizer.authorize({ user, namespace, group: GROUP, subresource: '', ...about }).allowed;
}

function confirm(authorizer: Authorizer, request: AdmissionRequest, wanted: readonly PolicyRule[]): void {
  const { user, namespace } = request;
  const held = authorizer.rules(user, namespace);
  const missing = missingRules(held.rules, wanted);
  if (missing.length === 0) return;
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  const lines = [...new Set(missing.map(ruleText))].sort().join('\n');
  const who = `user ${JSON.stringify(user.name)} (groups=[${groups}])`;
  const errors = held.errors.length > 0 ? `; resolution errors: ${aggregated(held.errors)}` : '';
  throw refused(request, `${who} is attempting to grant RBAC permissions not currently held:\n${lines}${errors}`);
}
