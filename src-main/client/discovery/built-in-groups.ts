/** Groups without a dot that Kubernetes itself serves; `extensions` only before 1.22. */
const undotted = new Set(['', 'apps', 'autoscaling', 'batch', 'extensions', 'policy']);
/** Groups under k8s.io that the API server itself serves (kubernetes/api, kube-aggregator, apiextensions-apiserver). */
const dotted = new Set([
  'admissionregistration',
  'apiextensions',
  'apiregistration',
  'authentication',
  'authorization',
  'certificates',
  'coordination',
  'discovery',
  'events',
  'flowcontrol.apiserver',
  'imagepolicy',
  'internal.apiserver',
  'networking',
  'node',
  'rbac.authorization',
  'resource',
  'scheduling',
  'storage',
  'storagemigration',
]);

/** True for groups of the API server itself; others come from CustomResourceDefinitions or aggregated APIs. */
export function isBuiltInGroup(group: string): boolean {
  return undotted.has(group) || (group.endsWith('.k8s.io') && dotted.has(group.slice(0, -'.k8s.io'.length)));
}
