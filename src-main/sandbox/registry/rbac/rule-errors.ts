/** The rules of roles and bindings, with the texts of rbac's validation. */
import type { ClusterRole, PolicyRule, RoleRef, Subject } from '#common/kube/types';
import { invalidValue, must, notSupported, required, type FieldError } from '../field-errors';
import { dnsSubdomain, pathSegment } from '../names';
import { validateLabelSelector } from '../selector-rules';
import { sameValue } from '#main/sandbox/machinery/same-value';

const GROUP = 'rbac.authorization.k8s.io';

export function roleErrors(rules: readonly PolicyRule[] | undefined, isNamespaced: boolean): FieldError[] {
  return (rules ?? []).flatMap((rule, at) => policyRuleErrors(rule, isNamespaced, `rules[${at}]`));
}

function policyRuleErrors(rule: PolicyRule, isNamespaced: boolean, path: string): FieldError[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const urls = `${path}.nonResourceURLs`;
  const verbErrors = must((verbs ?? []).length > 0, () =>
    required(`${path}.verbs`, 'verbs must contain at least one value'),
  );
  if (nonResourceURLs.length > 0) {
    const mixed = apiGroups.length + resources.length + resourceNames.length > 0;
    return [
      ...verbErrors,
      ...must(!isNamespaced, () =>
        invalidValue(urls, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'),
      ),
      ...must(!mixed, () =>
        invalidValue(urls, nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'),
      ),
    ];
  }
  return [
    ...verbErrors,
    ...must(apiGroups.length > 0, () =>
      required(`${path}.apiGroups`, 'resource rules must supply at least one api group'),
    ),
    ...must(resources.length > 0, () =>
      required(`${path}.resources`, 'resource rules must supply at least one resource'),
    ),
  ];
}

export function aggregationErrors({ aggregationRule }: ClusterRole): FieldError[] {
  if (!aggregationRule) return [];
  const path = 'aggregationRule.clusterRoleSelectors';
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) {
    return [required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil')];
  }
  return selectors.flatMap((selector, at) => {
    const errors = validateLabelSelector(selector, `${path}[${at}]`);
    // What cannot be read as a selector is refused once more, as a whole.
    return errors.length > 0 ? [...errors, invalidValue(`${path}[${at}]`, null, 'invalid label selector.')] : [];
  });
}

/** What a binding binds, and to whom. */
export interface BindingParts {
  roleRef: RoleRef;
  subjects?: readonly Subject[];
}

export function bindingErrors({ roleRef, subjects = [] }: BindingParts, isNamespaced: boolean): FieldError[] {
  const kinds = isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const { apiGroup, kind, name } = roleRef;
  return [
    ...must(apiGroup === GROUP, () => notSupported('roleRef.apiGroup', apiGroup, [GROUP])),
    ...must(kinds.includes(kind), () => notSupported('roleRef.kind', kind, kinds)),
    ...(name ? pathSegment(name).map((text) => invalidValue('roleRef.name', name, text)) : [required('roleRef.name')]),
    ...subjects.flatMap((subject, at) => subjectErrors(subject, isNamespaced, `subjects[${at}]`)),
  ];
}

/** Field errors show the reference as the server's own struct, with its fields in upper case. */
export function roleRefChanged(next: BindingParts, current: BindingParts): FieldError[] {
  const { apiGroup, kind, name } = next.roleRef;
  return must(sameValue(next.roleRef, current.roleRef), () =>
    invalidValue('roleRef', { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef'),
  );
}

function subjectErrors(subject: Subject, isNamespaced: boolean, path: string): FieldError[] {
  const { kind, name, namespace, apiGroup = '' } = subject;
  const group = (supported: string) =>
    must(apiGroup === supported, () => notSupported(`${path}.apiGroup`, apiGroup, [supported]));
  const nameErrors = must(Boolean(name), () => required(`${path}.name`));
  switch (kind) {
    case 'ServiceAccount':
      return [
        ...nameErrors,
        ...(name ? dnsSubdomain(name).map((text) => invalidValue(`${path}.name`, name, text)) : []),
        ...group(''),
        ...must(isNamespaced || Boolean(namespace), () => required(`${path}.namespace`)),
      ];
    case 'User':
    case 'Group':
      return [...nameErrors, ...group(GROUP)];
    default:
      return [...nameErrors, notSupported(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group'])];
  }
}
