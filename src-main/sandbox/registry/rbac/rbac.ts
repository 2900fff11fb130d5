/** rbac.authorization.k8s.io: roles say what may be done, bindings to whom it is given. */
import { ClusterRoleBindings, ClusterRoles, RoleBindings, Roles } from '#common/kube/resources';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '#common/kube/types';
import { defineStrategy, type Strategy } from '../strategy';
import { aggregationErrors, bindingErrors, roleErrors, roleRefChanged } from './rule-errors';

export const rbacStrategies: readonly Strategy[] = [
  defineStrategy<Role>({ resource: Roles, validate: ({ rules }) => roleErrors(rules, true) }),
  defineStrategy<ClusterRole>({
    resource: ClusterRoles,
    validate: (role) => [...roleErrors(role.rules, false), ...aggregationErrors(role)],
  }),
  defineStrategy<RoleBinding>({
    resource: RoleBindings,
    validate: (binding) => bindingErrors(binding, true),
    update: { validate: roleRefChanged },
  }),
  defineStrategy<ClusterRoleBinding>({
    resource: ClusterRoleBindings,
    validate: (binding) => bindingErrors(binding, false),
    update: { validate: roleRefChanged },
  }),
];
