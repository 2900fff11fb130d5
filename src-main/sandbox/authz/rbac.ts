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
  /** Another number after every change of them; without it nothing is remembered. */
  edition?(): number;
}

interface Binding {
  kind: 'ClusterRoleBinding' | 'RoleBinding';
  name: string;
  namespace: string;
  roleRef: RoleRef;
  subject: Subject;
}

/** What somebody may do, as far as it is known. */
export interface HeldRules {
  rules: PolicyRule[];
  /** Roles that bindings name and nobody finds, in the server's words. */
  errors: string[];
}

export class RbacAuthorizer {
  readonly #roles: RoleSource;

  /** What users may do, as long as roles and bindings stay as they are: the same few ask all the time. */
  readonly #allowed = new Map<string, Verdict>();
  #edition: number | undefined;

  constructor(roles: RoleSource) {
    this.#roles = roles;
  }

  authorize(attributes: AccessAttributes): Verdict {
    const edition = this.#roles.edition?.();
    if (edition === undefined) return this.#decide(attributes);
    if (edition !== this.#edition || this.#allowed.size > MOST_REMEMBERED) this.#allowed.clear();
    this.#edition = edition;
    const key = keyOf(attributes);
    const known = this.#allowed.get(key);
    if (known) return known;
    const verdict = this.#decide(attributes);
    if (verdict.allowed && !verdict.byName) this.#allowed.set(key, verdict);
    return verdict;
  }

  #decide(attributes: AccessAttributes): Verdict & { byName?: boolean } {
    const errors: string[] = [];
    for (const binding of this.#bindingsOf(attributes.user, attributes.namespace)) {
      const rules = this.rulesOf(binding.roleRef, binding.namespace);
      const rule = rules?.find((one) => allows(one, attributes));
      if (!rules) errors.push(roleMissing(binding.roleRef));
      if (rule) return { allowed: true, reason: `RBAC: allowed by ${textOf(binding)}`, byName: !countsForAll(rule) };
    }
    return { allowed: false, reason: errors.length > 0 ? `RBAC: ${aggregated(errors)}` : '' };
  }

  /** Everything that bindings give in a namespace. */
  rules(user: AccessAttributes['user'], namespace: string): HeldRules {
    const held: HeldRules = { rules: [], errors: [] };
    for (const binding of this.#bindingsOf(user, namespace)) {
      const rules = this.rulesOf(binding.roleRef, binding.namespace);
      if (rules) held.rules.push(...rules);
      else held.errors.push(roleMissing(binding.roleRef));
    }
    return held;
  }

  /** The rules of a role; undefined when there is none. `namespace` is that of the binding. */
  rulesOf({ kind, name }: RoleRef, namespace: string): PolicyRule[] | undefined {
    const role =
      kind === 'ClusterRole' ? this.#roles.get(ClusterRoles, name) : this.#roles.get(Roles, `${namespace}/${name}`);
    return role && (role.rules ?? []);
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
}

const MOST_REMEMBERED = 10_000;

/** Everything about a request but the object's name: rules that look at that are not remembered. */
function keyOf({ user, verb, path, group, resource, subresource, namespace }: AccessAttributes): string {
  return [user.name, user.groups.join(','), verb, path ?? '', group, resource, subresource, namespace].join('\n');
}

const countsForAll = ({ resourceNames }: PolicyRule): boolean => !resourceNames?.length;

const roleMissing = ({ kind, name }: RoleRef): string =>
  `${kind.toLowerCase()}.rbac.authorization.k8s.io "${name}" not found`;

/** Several errors as one, each of them once. */
export function aggregated(errors: readonly string[]): string {
  const different = [...new Set(errors)];
  return different.length === 1 ? (different[0] ?? '') : `[${different.join(', ')}]`;
}

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

export function allows(rule: PolicyRule, attributes: AccessAttributes): boolean {
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
