/** The labels of a Node that its kubelet sets, among those whose prefixes belong to Kubernetes. */

const KUBELET_LABELS = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
]);

const KUBELET_PREFIXES = ['kubelet.kubernetes.io', 'node.kubernetes.io'];
const RESTRICTED = 'node-restriction.kubernetes.io';

type Labels = Readonly<Record<string, string>>;

/** The labels that differ and that no kubelet may change, sorted. */
export function forbiddenLabels(next: Labels, before: Labels): string[] {
  const keys = [...new Set([...Object.keys(next), ...Object.keys(before)])];
  return keys.filter((key) => next[key] !== before[key] && isForbidden(key)).sort();
}

function isForbidden(key: string): boolean {
  const slash = key.indexOf('/');
  const prefix = slash < 0 ? '' : key.slice(0, slash);
  if (isWithin(prefix, RESTRICTED)) return true;
  const isKubernetes = isWithin(prefix, 'kubernetes.io') || isWithin(prefix, 'k8s.io');
  return isKubernetes && !KUBELET_LABELS.has(key) && !KUBELET_PREFIXES.some((own) => isWithin(prefix, own));
}

const isWithin = (prefix: string, domain: string): boolean => prefix === domain || prefix.endsWith(`.${domain}`);
