/** Nobody hands out rights that they do not have: roles and bindings are held against the rules of who writes them. */
import type { ClusterRole, PolicyRule, Role, RoleBinding, RoleRef } from '#common/kube/types';
import { ClusterRoles, Roles } from '#common/kube/resources';
import type { AdmissionCluster, AdmissionPlugin, AdmissionRequest } from '#main/sandbox/admission/plugin';
import { refused } from '#main/sandbox/admission/refusal';
import type { Authorizer } from '#main/sandbox/authz/authorizer';
import { missingRules, ruleText } from '#main/sandbox/authz/rule-coverage';
import { notFound } from '#main/sandbox/registry/status-errors';

const GROUP = 'rbac.authorization.k8s.io';
const ROLES = new Set(['roles', 'clusterroles']);
const BINDINGS = new Set(['rolebindings', 'clusterrolebindings']);

/** The check that is part of storing roles and bindings; `escalate` and `bind` are the verbs that lift it. */
export function grantedRights(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'GrantedRights',
    validate(request, cluster) {
      const { group, plural, operation, user } = request;
      if (group !== GROUP || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
      if (user.groups.includes('system:masters')) return;
      if (ROLES.has(plural)) checkRole(authorizer, request);
      else if (BINDINGS.has(plural)) checkBinding(authorizer, request, cluster);
    },
  };
}

function checkRole(authorizer: Authorizer, request: AdmissionRequest): void {
  const role = request.object as unknown as Role & ClusterRole;
  const before = request.oldObject as unknown as (Role & ClusterRole) | undefined;
  const isSame =
    JSON.stringify([role.rules, role.aggregationRule]) === JSON.stringify([before?.rules, before?.aggregationRule]);
  if (before && isSame) return;
  if (mayUse(authorizer, request, { verb: 'escalate', resource: request.plural, name: request.name })) return;
  confirm(authorizer, request, role.rules ?? []);
  if (role.aggregationRule && missingRules(authorizer.rules(request.user, ''), EVERYTHING).length > 0) {
    throw refused(request, 'must have cluster-admin privileges to use the aggregationRule');
  }
}

const EVERYTHING: PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

function checkBinding(authorizer: Authorizer, request: AdmissionRequest, cluster: AdmissionCluster): void {
  const { roleRef, subjects } = request.object as unknown as RoleBinding;
  const before = request.oldObject as unknown as RoleBinding | undefined;
  if (before && JSON.stringify([roleRef, subjects]) === JSON.stringify([before.roleRef, before.subjects])) return;
  const resource = roleRef.kind === 'ClusterRole' ? 'clusterroles' : 'roles';
  if (mayUse(authorizer, request, { verb: 'bind', resource, name: roleRef.name })) return;
  confirm(authorizer, request, rulesOf(roleRef, request.namespace, cluster));
}

function rulesOf({ kind, name }: RoleRef, namespace: string, cluster: AdmissionCluster): PolicyRule[] {
  const isOfCluster = kind === 'ClusterRole';
  const role = isOfCluster ? cluster.get(ClusterRoles, name) : cluster.get(Roles, `${namespace}/${name}`);
  if (!role) throw notFound({ group: GROUP, plural: isOfCluster ? 'clusterroles' : 'roles' }, name);
  return role.rules ?? [];
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
  const missing = missingRules(authorizer.rules(user, namespace), wanted);
  if (missing.length === 0) return;
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  const lines = [...new Set(missing.map(ruleText))].sort().join('\n');
  const who = `user ${JSON.stringify(user.name)} (groups=[${groups}])`;
  throw refused(request, `${who} is attempting to grant RBAC permissions not currently held:\n${lines}`);
}
