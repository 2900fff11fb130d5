/** May they? Who runs the server may do everything; nodes what concerns them; everybody what roles give. */
import type { PolicyRule, RoleRef } from '#common/kube/types';
import type { AccessAttributes, Verdict } from './attributes';
import { nodeNameOf, nodeVerdict, type NodeSource } from './node-authorizer';
import { aggregated, RbacAuthorizer, type HeldRules, type RoleSource } from './rbac';

const MASTERS = 'system:masters';

const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

export interface RulesReport {
  rules: PolicyRule[];
  /** There may be more than the rules. */
  incomplete: boolean;
  /** Why; empty when nothing went wrong. */
  error: string;
}

export class Authorizer {
  readonly #rbac: RbacAuthorizer;
  readonly #objects: RoleSource & NodeSource;
  readonly #nodeRules: readonly PolicyRule[];
  readonly #allowsAll: boolean;

  /**
   * `nodeRules` are what every node may do, besides what the Node authorizer looks at one by one. `allowsAll` lets
   * everybody do what nobody else has allowed, as the mode AlwaysAllow does.
   */
  constructor(objects: RoleSource & NodeSource, nodeRules: readonly PolicyRule[], { allowsAll = false } = {}) {
    this.#allowsAll = allowsAll;
    this.#rbac = new RbacAuthorizer(objects);
    this.#objects = objects;
    this.#nodeRules = nodeRules;
  }

  /** Everybody may do everything. */
  get allowsAll(): boolean {
    return this.#allowsAll;
  }

  authorize(attributes: AccessAttributes): Verdict {
    if (attributes.user.groups.includes(MASTERS)) return { allowed: true, reason: '' };
    const asNode = nodeVerdict(attributes, this.#objects, this.#nodeRules);
    if (asNode.allowed) return asNode;
    const byRole = this.#rbac.authorize(attributes);
    if (byRole.allowed) return byRole;
    if (this.#allowsAll) return { allowed: true, reason: '' };
    return { allowed: false, reason: [asNode.reason, byRole.reason].filter((reason) => reason !== '').join('\n') };
  }

  /** Everything that is allowed in a namespace, for SelfSubjectRulesReview. */
  report(user: AccessAttributes['user'], namespace: string): RulesReport {
    const { rules: held, errors } = this.#rbac.rules(user, namespace);
    const rules = this.#allowsAll ? [...held, ...EVERYTHING] : held;
    const isNode = nodeNameOf(user) !== undefined;
    const all = isNode ? ['node authorizer does not support user rule resolution', ...errors] : errors;
    return { rules, incomplete: isNode, error: all.length > 0 ? aggregated(all) : '' };
  }

  /** What roles give, for the check that nobody hands out more. */
  rules(user: AccessAttributes['user'], namespace: string): HeldRules {
    return this.#rbac.rules(user, namespace);
  }

  /** The rules of a role that a binding in `namespace` names; undefined when there is none. */
  rulesOf(roleRef: RoleRef, namespace: string): PolicyRule[] | undefined {
    return this.#rbac.rulesOf(roleRef, namespace);
  }
}
