/**
 * The roles and bindings of the release's own policy. They are made when they are missing, and at every start what was
 * taken from them is added again, unless their annotation says to leave them alone (kube-apiserver's auto-reconciliation).
 */
import type { KubeObject } from '#common/kube/object';
import type { AggregationRule, ClusterRole, RoleBinding } from '#common/kube/types';
import { missingRules } from '#main/sandbox/authz/rule-coverage';
import { sameValue } from '#main/sandbox/machinery/same-value';

const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate';

/** A Role or a ClusterRole. */
export type AnyRole = Pick<ClusterRole, 'metadata' | 'rules' | 'aggregationRule'>;
export type AnyBinding = Pick<RoleBinding, 'metadata' | 'roleRef' | 'subjects'>;

/** The role as it should be; undefined where nothing is missing. */
export function planRole<T extends AnyRole>(current: T, policy: AnyRole): T | undefined {
  if (isLeftAlone(current)) return undefined;
  const missing = missingRules(current.rules ?? [], policy.rules ?? []);
  const next: T = { ...current, metadata: withMarks(current.metadata, policy.metadata) };
  if (missing.length > 0) next.rules = [...(current.rules ?? []), ...missing];
  const aggregationRule = withSelectors(current.aggregationRule, policy.aggregationRule);
  if (aggregationRule) next.aggregationRule = aggregationRule;
  return sameValue(next, current) ? undefined : next;
}

/** A binding cannot change its role: where it names another one it has to be made anew. */
export type BindingPlan<T> = { step: 'keep' } | { step: 'replace' } | { step: 'update'; next: T };

export function planBinding<T extends AnyBinding>(current: T, policy: AnyBinding): BindingPlan<T> {
  if (isLeftAlone(current)) return { step: 'keep' };
  if (!sameValue(current.roleRef, policy.roleRef)) return { step: 'replace' };
  const subjects = current.subjects ?? [];
  const missing = (policy.subjects ?? []).filter((one) => !subjects.some((other) => sameValue(one, other)));
  const next: T = { ...current, metadata: withMarks(current.metadata, policy.metadata) };
  if (missing.length > 0) next.subjects = [...subjects, ...missing];
  return sameValue(next, current) ? { step: 'keep' } : { step: 'update', next };
}

function isLeftAlone({ metadata }: Pick<KubeObject, 'metadata'>): boolean {
  return metadata.annotations?.[AUTO_UPDATE] === 'false';
}

function withMarks<M extends KubeObject['metadata']>(metadata: M, { labels, annotations }: M): M {
  return {
    ...metadata,
    ...(labels ? { labels: { ...metadata.labels, ...labels } } : {}),
    ...(annotations ? { annotations: { ...metadata.annotations, ...annotations } } : {}),
  };
}

function withSelectors(current: AggregationRule | undefined, policy: AggregationRule | undefined) {
  if (!policy) return current;
  const selectors = current?.clusterRoleSelectors ?? [];
  const wanted = policy.clusterRoleSelectors ?? [];
  const missing = wanted.filter((one) => !selectors.some((other) => sameValue(one, other)));
  return { ...current, clusterRoleSelectors: [...selectors, ...missing] };
}
