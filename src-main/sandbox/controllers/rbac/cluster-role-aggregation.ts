/** Roles that gather the rules of others: `admin`, `edit` and `view` among them. */
import { matchesSelector } from '#common/kinds/selector';
import { ClusterRoles } from '#common/kube/resources';
import type { ClusterRole, PolicyRule } from '#common/kube/types';
import { defineController, settled, watched } from '../runtime/define-controller';
import { sameJson } from '../runtime/same-json';

const FIELD_MANAGER = 'clusterrole-aggregation-controller';

export const clusterRoleAggregation = defineController({
  name: 'clusterrole-aggregation',
  reconciles: ClusterRoles,
  // Which role gathers which is not known before it is looked at, and there are few.
  watches: [
    watched(ClusterRoles, (_changed, cache) =>
      [...cache.values(ClusterRoles)]
        .filter(({ aggregationRule }) => aggregationRule)
        .map(({ metadata }) => metadata.name),
    ),
  ],

  async reconcile(key, { cache, client, signal }) {
    const role = cache.get(ClusterRoles, key);
    if (!role?.aggregationRule) return settled;
    const rules = gatheredRules(role, [...cache.values(ClusterRoles)]);
    if (sameJson(rules, role.rules ?? [])) return settled;
    const object = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: key }, rules };
    const patch = { type: 'apply', object, force: true } as const;
    await client.patch(ClusterRoles, { name: key }, patch, { fieldManager: FIELD_MANAGER, signal });
    return settled;
  },
});

/** The rules of every role that a selector takes, each once, in the order of the selectors and of the names. */
export function gatheredRules(role: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] {
  const byName = all
    .filter(({ metadata }) => metadata.name !== role.metadata.name)
    .sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1));
  const gathered: PolicyRule[] = [];
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    for (const other of byName) {
      if (!matchesSelector(selector, other)) continue;
      for (const rule of other.rules ?? []) if (!gathered.some((one) => sameJson(one, rule))) gathered.push(rule);
    }
  }
  return gathered;
}
