/** Which writes a policy or webhook is about. */
import { matchesSelector } from '#common/kinds/selector';
import type { AnyObject } from '#common/kube/object';
import { Namespaces } from '#common/kube/resources';
import type { LabelSelector, NamedRuleWithOperations, Namespace } from '#common/kube/types';
import type { AdmissionCluster, AdmissionRequest } from '../plugin';

interface Selectors {
  namespaceSelector?: LabelSelector;
  objectSelector?: LabelSelector;
}

/** Configurations of admission itself are never judged by admission that is configured. */
export function isExempt({ group }: AdmissionRequest): boolean {
  return group === 'admissionregistration.k8s.io';
}

export function matchesRule(rule: NamedRuleWithOperations, request: AdmissionRequest): boolean {
  const { operation, group, version, name, namespace } = request;
  const { resourceNames = [], scope = '*' } = rule;
  return (
    has(rule.operations, operation) &&
    has(rule.apiGroups, group) &&
    has(rule.apiVersions, version) &&
    (rule.resources ?? []).some((pattern) => matchesResource(pattern, request)) &&
    (scope === '*' || (scope === 'Namespaced') === (namespace !== '')) &&
    (resourceNames.length === 0 || resourceNames.includes(name))
  );
}

const has = (allowed: readonly string[] | undefined, wanted: string): boolean =>
  allowed?.some((one) => one === '*' || one === wanted) ?? false;

/** `pods`, `pods/status`, `pods/*`, `*`, `*` with a subresource. */
function matchesResource(pattern: string, { plural, subresource }: AdmissionRequest): boolean {
  const [wanted, part = ''] = pattern.split('/', 2);
  const isPart = pattern === '*/*' || part === subresource || (part === '*' && pattern.includes('/'));
  return (wanted === '*' || wanted === plural) && isPart;
}

/** An object of a namespace is judged by the labels of that namespace; a namespace by its own. */
export function matchesSelectors(
  { namespaceSelector, objectSelector }: Selectors,
  request: AdmissionRequest,
  cluster: AdmissionCluster,
): boolean {
  return (
    matchesNamespace(namespaceSelector, request, cluster) &&
    (isEmpty(objectSelector) ||
      [request.object, request.oldObject].some(
        (object) => hasMetadata(object) && matchesSelector(objectSelector, object),
      ))
  );
}

/** The options of a connection have none. */
const hasMetadata = (object: AnyObject | undefined): object is AnyObject =>
  (object as Partial<AnyObject> | undefined)?.metadata !== undefined;

function matchesNamespace(
  selector: LabelSelector | undefined,
  request: AdmissionRequest,
  cluster: AdmissionCluster,
): boolean {
  if (isEmpty(selector)) return true;
  const isNamespace = request.plural === 'namespaces' && request.group === '';
  const namespace = isNamespace ? (request.object ?? request.oldObject) : namespaceOf(request, cluster);
  if (!namespace) return !request.namespace;
  return matchesSelector(selector, namespace);
}

export function namespaceOf({ namespace }: AdmissionRequest, cluster: AdmissionCluster): Namespace | undefined {
  return namespace ? cluster.get(Namespaces, namespace) : undefined;
}

function isEmpty(selector: LabelSelector | undefined): boolean {
  return !selector || Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0) === 0;
}
