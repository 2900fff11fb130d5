/** PodSecurity: holds the Pods of a namespace to the standard that its labels name. */
import { Namespaces, Pods } from '#common/kube/resources';
import { failure } from '#common/kube/status-error';
import type { AdmissionCluster, AdmissionPlugin, AdmissionRequest } from '../plugin';
import { refused } from '../refusal';
import { writtenResource } from '../written-resource';
import type { CheckedPod } from './check';
import { labelErrors, LEVELS, policyOf, violations, type Policy } from './levels';

export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  validate(request, cluster) {
    if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return;
    if (!request.object) return;
    const resource = writtenResource(request);
    if (resource === 'namespaces') checkNamespace(request, cluster);
    else if (isPodWrite(resource, request)) checkPod(request, cluster, request.object as unknown as CheckedPod);
    else checkTemplate(request, cluster, TEMPLATES[resource]);
  },
};

function isPodWrite(resource: string, { operation }: AdmissionRequest): boolean {
  return (resource === 'pods' && operation === 'CREATE') || resource === 'pods/ephemeralcontainers';
}

function labelsOf({ namespace }: AdmissionRequest, cluster: AdmissionCluster) {
  return cluster.get(Namespaces, namespace)?.metadata.labels;
}

function checkPod(request: AdmissionRequest, cluster: AdmissionCluster, pod: CheckedPod): void {
  const labels = labelsOf(request, cluster);
  if (!labels) return;
  const policy = policyOf(labels, 'enforce');
  const found = violations(pod, policy);
  if (found) throw refused(request, `violates ${textOf(policy)}: ${found}`);
  warn(request, policyOf(labels, 'warn'), pod);
}

/** Where a kind has the Pods it will make. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  podtemplates: ['template'],
  replicationcontrollers: ['spec', 'template'],
  'replicasets.apps': ['spec', 'template'],
  'deployments.apps': ['spec', 'template'],
  'statefulsets.apps': ['spec', 'template'],
  'daemonsets.apps': ['spec', 'template'],
  'jobs.batch': ['spec', 'template'],
  'cronjobs.batch': ['spec', 'jobTemplate', 'spec', 'template'],
};

/** What makes Pods is warned about, and refused nothing: its Pods will be. */
function checkTemplate(
  request: AdmissionRequest,
  cluster: AdmissionCluster,
  path: readonly string[] | undefined,
): void {
  if (!path) return;
  const policy = policyOf(labelsOf(request, cluster), 'warn');
  if (policy.level === 'privileged') return;
  const template = valueAt(request.object, path) as CheckedPod | undefined;
  if (template?.spec) warn(request, policy, template);
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], value);
}

function warn({ warnings }: AdmissionRequest, policy: Policy, pod: CheckedPod): void {
  const found = violations(pod, policy);
  if (found) warnings.push(`would violate ${textOf(policy)}: ${found}`);
}

function textOf({ level, version }: Policy): string {
  return `PodSecurity "${level}:${version}"`;
}

/** Labels must mean something; who makes them stricter is told which Pods do not keep to them. */
function checkNamespace(request: AdmissionRequest, cluster: AdmissionCluster): void {
  const { labels } = request.object?.metadata ?? {};
  const before = request.oldObject?.metadata.labels;
  const [wrong] = labelErrors(labels).filter(({ label, value }) => before?.[label] !== value);
  if (wrong) throw invalidLabel(request.name, wrong);
  const policy = policyOf(labels, 'enforce');
  const old = policyOf(before, 'enforce');
  const isStricter = LEVELS.indexOf(policy.level) > LEVELS.indexOf(old.level) || policy.version !== old.version;
  if (request.operation === 'UPDATE' && isStricter) warnOfExisting(request, cluster, policy);
}

function invalidLabel(name: string, { label, value, detail }: ReturnType<typeof labelErrors>[number]) {
  const field = `metadata.labels[${label}]`;
  const body = `Invalid value: "${value}": ${detail}`;
  return failure(422, 'Invalid', `Namespace "${name}" is invalid: ${field}: ${body}`, {
    name,
    kind: 'Namespace',
    causes: [{ reason: 'FieldValueInvalid', message: body, field }],
  });
}

function warnOfExisting({ name, warnings }: AdmissionRequest, cluster: AdmissionCluster, policy: Policy): void {
  const byReason = new Map<string, string[]>();
  for (const pod of cluster.list(Pods, name)) {
    const found = violations(pod, policy)
      .replaceAll(/ \((?:[^()]|\([^()]*\))*\)/g, '')
      .trim();
    if (found) byReason.set(found, [...(byReason.get(found) ?? []), pod.metadata.name]);
  }
  if (byReason.size === 0) return;
  const { level, version } = policy;
  warnings.push(`existing pods in namespace "${name}" violate the new PodSecurity enforce level "${level}:${version}"`);
  const groups = [...byReason].sort(([, [a = '']], [, [b = '']]) => (a < b ? -1 : 1));
  for (const [reason, names] of groups) warnings.push(`${withOthers(names)}: ${reason}`);
}

function withOthers([first = '', ...others]: readonly string[]): string {
  if (others.length === 0) return first;
  return `${first} (and ${others.length} other pod${others.length === 1 ? '' : 's'})`;
}
