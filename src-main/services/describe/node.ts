import { nodeRoles } from '#common/kinds/node';
import type { Event, Lease, Node, Pod } from '#common/kube/types';
import type { DescribeWriter } from './describe-writer';
import { writeEvents } from './events';
import { writeAnnotations, writeLabels, writeTaints } from './metadata';
import { formatQuantity, parseQuantity, percentOf, zero } from './quantity';
import { addAll, podAmounts, type Amounts } from './resources';
import { formatDate, since } from './times';

export interface NodeFacts {
  events: Event[] | undefined;
  now: number;
  /** Its lease, or why it cannot be read. */
  lease: Lease | string;
  /** Those that have not ended; undefined where they may not be read. */
  pods: readonly Pod[] | undefined;
}

export function describeNode(writer: DescribeWriter, node: Node, { events, now, lease, pods }: NodeFacts): void {
  const { metadata, spec } = node;
  writer.field(0, 'Name', metadata.name);
  writer.field(0, 'Roles', nodeRoles(node) || undefined, '<none>');
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.field(0, 'CreationTimestamp', formatDate(metadata.creationTimestamp));
  writeTaints(writer, spec.taints);
  writer.field(0, 'Unschedulable', spec.unschedulable ?? false);
  writeLease(writer, lease);
  writeConditions(writer, node);
  writer.line(0, 'Addresses:');
  for (const { type, address } of node.status?.addresses ?? []) writer.field(1, type, address);
  writeAmounts(writer, 'Capacity', node.status?.capacity);
  writeAmounts(writer, 'Allocatable', node.status?.allocatable);
  writeSystem(writer, node);
  writer.optional(0, 'PodCIDR', spec.podCIDR);
  writer.optional(0, 'PodCIDRs', spec.podCIDRs?.join(','));
  writer.optional(0, 'ProviderID', spec.providerID);
  if (pods) writePods(writer, node, pods, now);
  else writer.field(0, 'Pods', 'not authorized');
  writeEvents(writer, events, now);
}

function writeLease(writer: DescribeWriter, lease: Lease | string): void {
  if (typeof lease === 'string') {
    writer.field(0, 'Lease', `Failed to get lease: ${lease}`);
    return;
  }
  const { holderIdentity, acquireTime, renewTime } = lease.spec ?? {};
  writer.line(0, 'Lease:');
  writer.field(1, 'HolderIdentity', holderIdentity, '<unset>');
  writer.field(1, 'AcquireTime', acquireTime ? formatDate(acquireTime) : '<unset>');
  writer.field(1, 'RenewTime', renewTime ? formatDate(renewTime) : '<unset>');
}

function writeConditions(writer: DescribeWriter, { status }: Node): void {
  if (!status?.conditions?.length) return;
  writer.line(0, 'Conditions:');
  writer.line(1, 'Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage');
  writer.line(1, '----\t------\t-----------------\t------------------\t------\t-------');
  for (const {
    type,
    status: value,
    lastHeartbeatTime,
    lastTransitionTime,
    reason = '',
    message = '',
  } of status.conditions) {
    const times = `${formatDate(lastHeartbeatTime)} \t${formatDate(lastTransitionTime)}`;
    writer.line(1, `${type} \t${value} \t${times} \t${reason} \t${message}`);
  }
}

function writeAmounts(writer: DescribeWriter, title: string, amounts: Record<string, string> | undefined): void {
  const names = Object.keys(amounts ?? {}).toSorted();
  if (names.length > 0) writer.line(0, `${title}:`);
  for (const name of names) writer.field(1, name, formatQuantity(parseQuantity(amounts?.[name])));
}

function writeSystem(writer: DescribeWriter, { status }: Node): void {
  const info = status?.nodeInfo;
  writer.line(0, 'System Info:');
  writer.field(1, 'Machine ID', info?.machineID);
  writer.field(1, 'System UUID', info?.systemUUID);
  writer.field(1, 'Boot ID', info?.bootID);
  writer.field(1, 'Kernel Version', info?.kernelVersion);
  writer.field(1, 'OS Image', info?.osImage);
  writer.field(1, 'Operating System', info?.operatingSystem);
  writer.field(1, 'Architecture', info?.architecture);
  writer.field(1, 'Container Runtime Version', info?.containerRuntimeVersion);
  writer.field(1, 'Kubelet Version', info?.kubeletVersion);
  writer.field(1, 'Kube-Proxy Version', info?.kubeProxyVersion);
}

/** Resources that every node has; what else it offers is listed without shares. */
const standard: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage', 'pods']);

function writePods(writer: DescribeWriter, { status }: Node, pods: readonly Pod[], now: number): void {
  const offered = status?.allocatable ?? status?.capacity ?? {};
  writer.field(0, 'Non-terminated Pods', `(${pods.length} in total)`);
  writer.line(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge');
  writer.line(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---');
  const [requests, limits]: [Amounts, Amounts] = [new Map(), new Map()];
  for (const pod of pods) {
    const [asked, limited] = [podAmounts(pod, 'requests'), podAmounts(pod, 'limits')];
    addAll(requests, asked);
    addAll(limits, limited);
    const cpu = `${share(asked, 'cpu', offered)}\t${share(limited, 'cpu', offered)}`;
    const memory = `${share(asked, 'memory', offered)}\t${share(limited, 'memory', offered)}`;
    const { namespace, name, creationTimestamp } = pod.metadata;
    writer.line(1, `${namespace}\t${name}\t\t${cpu}\t${memory}\t${since(creationTimestamp, now)}`);
  }
  writeTotals(writer, offered, { requests, limits });
}

function writeTotals(
  writer: DescribeWriter,
  offered: Record<string, string>,
  { requests, limits }: { requests: Amounts; limits: Amounts },
): void {
  writer.line(0, 'Allocated resources:');
  writer.line(0, '  (Total limits may be over 100 percent, i.e., overcommitted.)');
  writer.line(1, 'Resource\tRequests\tLimits');
  writer.line(1, '--------\t--------\t------');
  const names = Object.keys(offered).toSorted();
  const huge = names.filter((name) => name.startsWith('hugepages-'));
  for (const name of ['cpu', 'memory', 'ephemeral-storage', ...huge]) {
    writer.line(1, `${name}\t${share(requests, name, offered)}\t${share(limits, name, offered)}`);
  }
  for (const name of names.filter((one) => !standard.has(one) && !one.startsWith('hugepages-'))) {
    writer.line(
      1,
      `${name}\t${formatQuantity(requests.get(name) ?? zero)}\t${formatQuantity(limits.get(name) ?? zero)}`,
    );
  }
}

/** `250m (12%)` */
function share(amounts: Amounts, name: string, offered: Record<string, string>): string {
  const amount = amounts.get(name) ?? zero;
  return `${formatQuantity(amount)} (${percentOf(amount, parseQuantity(offered[name]))}%)`;
}
