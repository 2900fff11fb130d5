/** RBAC: what the roles that are bound to a user allow. Nothing is denied by rule; what no rule allows is refused. */
import type { KubeObject } from '#common/kube/object';
import type { TypedResource } from '#common/kube/resource';
import { ClusterRoleBindings, ClusterRoles, RoleBindings, Roles } from '#common/kube/resources';
import type { PolicyRule, RoleRef, Subject } from '#common/kube/types';
import { resourceText, type AccessAttributes, type Verdict } from './attributes';

/** Roles and bindings as they are stored now. */
export interface RoleSource {
  get<T extends KubeObject>(resource: TypedResource<T>, key: string): T | undefined;
  list<T extends KubeObject>(resource: TypedResource<T>, namespace?: string): Iterable<T>;
}

const MASTERS = 'system:masters';

interface Binding {
  kind: 'ClusterRoleBinding' | 'RoleBinding';
  name: string;
  namespace: string;
  roleRef: RoleRef;
  subject: Subject;
}

export class Authorizer {
  readonly #roles: RoleSource;

  constructor(roles: RoleSource) {
    this.#roles = roles;
  }

  authorize(attributes: AccessAttributes): Verdict {
    if (attributes.user.groups.includes(MASTERS)) return { allowed: true, reason: '' };
    for (const binding of this.#bindingsOf(attributes.user, attributes.namespace)) {
      if (!this.#rulesOf(binding).some((rule) => allows(rule, attributes))) continue;
      return { allowed: true, reason: `RBAC: allowed by ${textOf(binding)}` };
    }
    return { allowed: false, reason: '' };
  }

  /** Everything that is allowed in a namespace, for SelfSubjectRulesReview. */
  rules(user: AccessAttributes['user'], namespace: string): PolicyRule[] {
    if (user.groups.includes(MASTERS)) return EVERYTHING;
    return [...this.#bindingsOf(user, namespace)].flatMap((binding) => this.#rulesOf(binding));
  }

  *#bindingsOf(user: AccessAttributes['user'], namespace: string): Generator<Binding> {
    for (const { metadata, subjects = [], roleRef } of this.#roles.list(ClusterRoleBindings)) {
      const subject = subjects.find((one) => isSubject(one, user, ''));
      if (subject) yield { kind: 'ClusterRoleBinding', name: metadata.name, namespace: '', roleRef, subject };
    }
    if (!namespace) return;
    for (const { metadata, subjects = [], roleRef } of this.#roles.list(RoleBindings, namespace)) {
      const subject = subjects.find((one) => isSubject(one, user, namespace));
      if (subject) yield { kind: 'RoleBinding', name: metadata.name, namespace, roleRef, subject };
    }
  }

  #rulesOf({ roleRef, namespace }: Binding): PolicyRule[] {
    const role =
      roleRef.kind === 'ClusterRole'
        ? this.#roles.get(ClusterRoles, roleRef.name)
        : this.#roles.get(Roles, `${namespace}/${roleRef.name}`);
    return role?.rules ?? [];
  }
}

const EVERYTHING: PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

function isSubject(subject: Subject, user: AccessAttributes['user'], namespace: string): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.name === user.name;
    case 'Group':
      return user.groups.includes(subject.name);
    case 'ServiceAccount':
      return user.name === `system:serviceaccount:${subject.namespace || namespace}:${subject.name}`;
    default:
      return false;
  }
}

function allows(rule: PolicyRule, attributes: AccessAttributes): boolean {
  if (!contains(rule.verbs, attributes.verb)) return false;
  if (attributes.path !== undefined)
    return (rule.nonResourceURLs ?? []).some((url) => matchesPath(url, attributes.path ?? ''));
  return (
    contains(rule.apiGroups ?? [], attributes.group) &&
    matchesResource(rule.resources ?? [], attributes) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(attributes.name))
  );
}

function contains(allowed: readonly string[], wanted: string): boolean {
  return allowed.includes('*') || allowed.includes(wanted);
}

function matchesResource(allowed: readonly string[], attributes: AccessAttributes): boolean {
  const wanted = resourceText(attributes);
  if (contains(allowed, wanted)) return true;
  return attributes.subresource !== '' && allowed.includes(`*/${attributes.subresource}`);
}

function matchesPath(url: string, path: string): boolean {
  return url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : url === path;
}

function textOf({ kind, name, namespace, roleRef, subject }: Binding): string {
  const binding = namespace ? `"${name}/${namespace}"` : `"${name}"`;
  const who =
    subject.kind === 'ServiceAccount' ? `"${subject.name}/${subject.namespace ?? namespace}"` : `"${subject.name}"`;
  return `${kind} ${binding} of ${roleRef.kind} "${roleRef.name}" to ${subject.kind} ${who}`;
}
