import { Pods } from '../kube/resources';
import type { Node } from '../kube/types';
import { amountOf, shortBytes } from './amounts';
import { conditionOf, isTrue, type Condition } from './conditions';
import { ageColumn, column, defineKind, nameColumn, type Link, type ObjectStatus } from './kind';
import { say, type Said } from './words/said';
import { speak } from './speak';

export const nodeKind = defineKind<Node>({
  group: '',
  plural: 'nodes',
  columns: [
    nameColumn(),
    column({
      id: 'status',
      header: 'Status',
      type: 'status',
      weight: 1.6,
      value: (node) => {
        const { word, tone } = nodeStatus(node);
        return { text: word, tone, hint: speak(nodeSentence(node)) };
      },
    }),
    column({ id: 'roles', header: 'Roles', weight: 1.2, value: (node) => nodeRoles(node) || '<none>' }),
    column({ id: 'version', header: 'Version', value: ({ status }) => status?.nodeInfo?.kubeletVersion ?? null }),
    column({
      id: 'cpu',
      header: 'CPU',
      type: 'mono',
      align: 'end',
      value: ({ status }) => status?.allocatable?.cpu ?? null,
      order: ({ status }) => amountOf(status?.allocatable?.cpu),
    }),
    column({
      id: 'memory',
      header: 'Memory',
      type: 'mono',
      align: 'end',
      value: ({ status }) => memoryText(status?.allocatable?.memory),
      order: ({ status }) => amountOf(status?.allocatable?.memory),
    }),
    column({
      id: 'pods',
      header: 'Pods Limit',
      type: 'number',
      value: ({ status }) => (status?.allocatable?.pods === undefined ? null : Number(status.allocatable.pods)),
    }),
    column({ id: 'taints', header: 'Taints', type: 'number', value: ({ spec }) => spec?.taints?.length ?? 0 }),
    ageColumn(),
    column({
      id: 'internal-ip',
      header: 'Internal-IP',
      type: 'mono',
      wide: true,
      value: (node) => address(node, 'InternalIP'),
    }),
    column({
      id: 'external-ip',
      header: 'External-IP',
      type: 'mono',
      wide: true,
      value: (node) => address(node, 'ExternalIP'),
    }),
    column({
      id: 'os-image',
      header: 'OS-Image',
      wide: true,
      value: ({ status }) => status?.nodeInfo?.osImage ?? null,
    }),
    column({
      id: 'kernel-version',
      header: 'Kernel-Version',
      wide: true,
      value: ({ status }) => status?.nodeInfo?.kernelVersion ?? null,
    }),
    column({
      id: 'container-runtime',
      header: 'Container-Runtime',
      wide: true,
      value: ({ status }) => status?.nodeInfo?.containerRuntimeVersion ?? null,
    }),
  ],
  status: nodeStatus,
  sentence: nodeSentence,
  links: ({ metadata }): Link[] => [
    {
      relation: 'selected-by',
      resource: Pods,
      fieldSelector: `spec.nodeName=${metadata.name}`,
      matches: (pod) => (pod.spec as { nodeName?: string } | undefined)?.nodeName === metadata.name,
    },
  ],
  node: ({ metadata }) => metadata.name,
});

function memoryText(quantity: string | undefined): string | null {
  const bytes = amountOf(quantity);
  return bytes === null ? null : shortBytes(bytes);
}

/** The conditions that are bad when true, beside Ready which is bad when not. */
function pressures(node: Node): Condition[] {
  return (node.status?.conditions ?? []).filter(({ type, status }) => type !== 'Ready' && status === 'True');
}

/** kubectl's Status column: `Ready`, `NotReady,SchedulingDisabled`, `Unknown`. */
function nodeStatus(node: Node): ObjectStatus {
  const ready = conditionOf(node, 'Ready');
  const word = ready ? (isTrue(ready) ? 'Ready' : 'NotReady') : 'Unknown';
  const cordoned = node.spec?.unschedulable ? ',SchedulingDisabled' : '';
  const tone = !isTrue(ready) ? 'bad' : pressures(node).length > 0 || cordoned ? 'warn' : 'ok';
  return { word: word + cordoned, tone };
}

function nodeSentence(node: Node): Said {
  const ready = conditionOf(node, 'Ready');
  if (!ready) return say('node.silent');
  const cordoned = node.spec.unschedulable ?? false;
  if (!isTrue(ready)) return say('node.not-ready', { message: ready.message || ready.reason || '', cordoned });
  const worries = pressures(node).map(({ type, message }) => message || type);
  return worries.length > 0 ? say('node.worried', { worries, cordoned }) : say('node.ready', { cordoned });
}

/** From both labels that kubectl reads: `node-role.kubernetes.io/ROLE` and `kubernetes.io/role=ROLE`. */
export function nodeRoles({ metadata }: Node): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith(prefix) && key.length > prefix.length) roles.add(key.slice(prefix.length));
    else if (key === 'kubernetes.io/role' && value) roles.add(value);
  }
  return [...roles].toSorted().join(',');
}

function address({ status }: Node, type: string): string {
  return status?.addresses?.find((entry) => entry.type === type)?.address ?? '<none>';
}
