import { controllerOf, type KubeObject } from '../kube/object';
import { Nodes, ServiceAccounts, Services } from '../kube/resources';
import type { Pod } from '../kube/types';
import { conditionOf, isTrue } from './conditions';
import { ageColumn, column, defineKind, nameColumn, namespaceColumn, type Cell, type Link } from './kind';
import { podMounts } from './pod-mounts';
import { podProblem, podSentence } from './pod-problem';
import { podStatus, podSummary, type PodSummary } from './pod-status';
import { selects } from './selector';

/** Pods as kubectl prints them, and what is wrong, and who made them. */
export const podKind = defineKind<Pod>({
  group: '',
  plural: 'pods',
  columns: [
    nameColumn(),
    namespaceColumn(),
    column({
      id: 'status',
      header: 'Status',
      type: 'status',
      weight: 1.6,
      value: statusCell,
      order: (pod) => podSummary(pod).reason,
    }),
    column({
      id: 'ready',
      header: 'Ready',
      type: 'ratio',
      weight: 0.7,
      value: (pod) => ratio(podSummary(pod)),
      order: (pod) => readyShare(podSummary(pod)),
    }),
    column({
      id: 'restarts',
      header: 'Restarts',
      type: 'number',
      value: (pod) => restartsCell(podSummary(pod)),
      order: (pod) => podSummary(pod).restarts,
    }),
    column({ id: 'node', header: 'Node', weight: 1.4, value: (pod) => pod.spec?.nodeName ?? null }),
    column({ id: 'owner', header: 'Owner', weight: 1.6, value: (pod) => podOwner(pod)?.name ?? null }),
    ageColumn(),
    column({ id: 'problem', header: 'Problem', wide: true, weight: 3, value: podProblem }),
    column({ id: 'ip', header: 'IP', type: 'mono', wide: true, value: (pod) => pod.status?.podIP ?? null }),
    column({
      id: 'nominated-node',
      header: 'Nominated Node',
      wide: true,
      value: (pod) => pod.status?.nominatedNodeName ?? null,
    }),
    column({ id: 'readiness-gates', header: 'Readiness Gates', type: 'ratio', wide: true, value: readinessGates }),
    column({
      id: 'images',
      header: 'Images',
      type: 'mono',
      wide: true,
      weight: 3,
      value: (pod) => images(pod).join(', '),
    }),
    column({ id: 'qos', header: 'QoS', wide: true, value: (pod) => pod.status?.qosClass ?? null }),
    column({
      id: 'service-account',
      header: 'Service Account',
      wide: true,
      value: (pod) => pod.spec?.serviceAccountName ?? null,
    }),
  ],
  status: (pod) => podStatus(pod),
  sentence: podSentence,
  links: podLinks,
  node: (pod) => pod.spec?.nodeName,
  images,
});

function statusCell(pod: Pod): Cell {
  const { word, tone } = podStatus(pod);
  const problem = podProblem(pod);
  return { text: word, tone, ...(problem ? { hint: problem } : {}) };
}

export function ratio({ ready, total }: { ready: number; total: number }): string {
  return `${ready}/${total}`;
}

function readyShare({ ready, total }: PodSummary): number {
  return total === 0 ? 1 : ready / total;
}

function restartsCell({ restarts, lastRestart, reason }: PodSummary): Cell {
  if (restarts === 0) return 0;
  const tone = reason === 'CrashLoopBackOff' ? 'bad' : 'none';
  return { text: String(restarts), tone, ...(lastRestart === null ? {} : { at: lastRestart }) };
}

/** The workload a person thinks of: the Deployment behind a ReplicaSet that was named by it. */
export function podOwner(pod: KubeObject): { kind: string; name: string } | undefined {
  const owner = controllerOf(pod);
  if (!owner) return undefined;
  const suffix = `-${pod.metadata.labels?.['pod-template-hash'] ?? ''}`;
  return owner.kind === 'ReplicaSet' && suffix.length > 1 && owner.name.endsWith(suffix)
    ? { kind: 'Deployment', name: owner.name.slice(0, -suffix.length) }
    : { kind: owner.kind, name: owner.name };
}

function readinessGates(pod: Pod): Cell {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return null;
  return ratio({
    ready: gates.filter(({ conditionType }) => isTrue(conditionOf(pod, conditionType))).length,
    total: gates.length,
  });
}

function images({ spec }: Pod): string[] {
  const images: string[] = [];
  for (const { image } of spec.containers ?? []) if (image && !images.includes(image)) images.push(image);
  for (const { image } of spec.initContainers ?? []) if (image && !images.includes(image)) images.push(image);
  return images;
}

function podLinks(pod: Pod): Link[] {
  const { namespace } = pod.metadata;
  const links: Link[] = [];
  if (pod.spec?.nodeName) {
    links.push({ relation: 'runs-on', resource: Nodes, name: pod.spec.nodeName });
  }
  if (pod.spec?.serviceAccountName) {
    const resource = ServiceAccounts;
    links.push({ relation: 'uses', resource, namespace, name: pod.spec.serviceAccountName });
  }
  links.push(...podMounts(pod), {
    relation: 'exposed-by',
    resource: Services,
    namespace,
    matches: (service) => selects((service.spec as { selector?: Record<string, string> } | undefined)?.selector, pod),
  });
  return links;
}
