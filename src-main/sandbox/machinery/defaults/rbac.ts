/** rbac.authorization.k8s.io/v1. */
import type { ClusterRoleBinding, RoleBinding, Subject } from '#common/kube/types';
import { rule, type PackageDefaults } from './rule';

const GROUP = 'rbac.authorization.k8s.io';

function defaultRoleRef({ roleRef }: Pick<RoleBinding | ClusterRoleBinding, 'roleRef'>): void {
  if (roleRef) roleRef.apiGroup ||= GROUP;
}

export const rbacDefaults: PackageDefaults = {
  prefix: 'io.k8s.api.rbac.v1.',
  rules: {
    ClusterRoleBinding: rule<ClusterRoleBinding>(defaultRoleRef),
    RoleBinding: rule<RoleBinding>(defaultRoleRef),
    Subject: rule<Subject>((subject) => {
      if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= GROUP;
    }),
  },
};
