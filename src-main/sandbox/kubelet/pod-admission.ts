/** Whether a kubelet takes a Pod that was bound to its node (pkg/kubelet/lifecycle). Pure. */
import { acceptsNode } from '#common/kube/node-selection';
import { tolerates } from '#common/kube/tolerations';
import type { Node, Pod } from '#common/kube/types';
import { allocatableOf, requestsOf, type Amounts } from '../scheduler/resources';

/** Why a kubelet turns a Pod away: the reason of its status and the words of its event. */
export interface PodRefusal {
  reason: string;
  message: string;
}

/** `others` are the Pods that the node has taken and that have not ended, with what was allotted to them. */
export function refusalOf(pod: Pod, node: Node, others: readonly Pod[]): PodRefusal | undefined {
  if (pod.spec.os?.name !== undefined && pod.spec.os.name !== 'linux') {
    return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" };
  }
  return (
    shortageOf(pod, node, others) ??
    predicateFailure(
      'NodeAffinity',
      "node(s) didn't match Pod's node affinity/selector",
      acceptsNode(pod.spec, node),
    ) ??
    predicateFailure('NodeName', "node(s) didn't match the requested node name", isNamed(pod, node)) ??
    predicateFailure(
      'NodePorts',
      "node(s) didn't have free ports for the requested pod ports",
      hasPorts(pod, others),
    ) ??
    predicateFailure('TaintToleration', 'node(s) had untolerated taint(s)', staysOn(pod, node))
  );
}

/** The first resource that the Pod asks more of than is left. */
export function shortageOf(pod: Pod, node: Node, others: readonly Pod[]): PodRefusal | undefined {
  const capacity = allocatableOf(node);
  const places = capacity['pods'] ?? 0;
  if (others.length + 1 > places) return shortage('pods', { requested: 1, used: others.length, capacity: places });
  const wanted = requestsOf(pod);
  const used = others.map((other) => requestsOf(other));
  for (const name of orderOf(wanted)) {
    const requested = wanted[name] ?? 0;
    const taken = used.reduce((sum, amounts) => sum + (amounts[name] ?? 0), 0);
    const has = capacity[name];
    // What a node does not know is not the kubelet's to refuse.
    if (has === undefined || requested === 0) continue;
    if (requested > has - taken) return shortage(name, { requested, used: taken, capacity: has });
  }
  return undefined;
}

/** In the order in which the scheduler's own check asks. */
const FIRST = ['cpu', 'memory', 'ephemeral-storage'];

function orderOf(amounts: Amounts): string[] {
  return [...FIRST, ...Object.keys(amounts).filter((name) => !FIRST.includes(name))];
}

function shortage(name: string, { requested, used, capacity }: Record<'requested' | 'used' | 'capacity', number>) {
  return {
    reason: `OutOf${name}`,
    message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
  };
}

function predicateFailure(name: string, description: string, holds: boolean): PodRefusal | undefined {
  return holds ? undefined : { reason: name, message: `Predicate ${name} failed: ${description}` };
}

const isNamed = ({ spec }: Pod, { metadata }: Node): boolean => spec.nodeName === metadata.name;

/** Mirrors are never kept away from their node; the others by what would drive them out again. */
function staysOn({ metadata, spec }: Pod, node: Node): boolean {
  if (metadata.annotations?.['kubernetes.io/config.source'] === 'file') return true;
  return (node.spec.taints ?? []).every((taint) => taint.effect !== 'NoExecute' || tolerates(spec.tolerations, taint));
}

function hasPorts(pod: Pod, others: readonly Pod[]): boolean {
  const wanted = hostPorts(pod);
  if (wanted.length === 0) return true;
  const taken = others.flatMap(hostPorts);
  return !wanted.some((one) =>
    taken.some((other) => one.port === other.port && one.protocol === other.protocol && meet(one.ip, other.ip)),
  );
}

const ANY = '0.0.0.0';
const meet = (left: string, right: string): boolean => left === right || left === ANY || right === ANY;

function hostPorts({ spec }: Pod) {
  return spec.containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, protocol = 'TCP', hostIP }) =>
      hostPort ? [{ port: hostPort, protocol, ip: hostIP || ANY }] : [],
    ),
  );
}
