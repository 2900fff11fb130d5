/** When a kubelet takes a Pod off its node, and what it says then (pkg/kubelet/eviction). Pure. */
import { quantityNumber } from '#common/kube/quantity';
import { tolerates } from '#common/kube/tolerations';
import type { Pod } from '#common/kube/types';
import type { PodRefusal } from './pod-admission';

/** What the containers and volumes of a Pod use. */
export interface PodUse {
  containers: readonly { name: string; memoryBytes: number; diskBytes: number }[];
  /** Bytes of the emptyDir volumes, by their names. */
  volumes: ReadonlyMap<string, number>;
}

export type Starved = 'memory' | 'ephemeral-storage';

/** Limits of local storage that a Pod may break: only those who have one are looked at. */
export function hasDiskLimit({ spec }: Pod): boolean {
  return (
    (spec.volumes ?? []).some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined) ||
    spec.containers.some(({ resources }) => resources?.limits?.['ephemeral-storage'] !== undefined)
  );
}

/** The words for the first limit of local storage that is broken; nothing while all are kept. */
export function brokenLimit({ spec }: Pod, use: PodUse): string | undefined {
  for (const { name, emptyDir } of spec.volumes ?? []) {
    const limit = emptyDir?.sizeLimit;
    if (limit !== undefined && (use.volumes.get(name) ?? 0) > quantityNumber(limit)) {
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `;
    }
  }
  const limits = spec.containers.map(({ resources }) => resources?.limits?.['ephemeral-storage']);
  if (limits.every((limit) => limit !== undefined)) {
    const whole = limits.reduce((sum, limit) => sum + quantityNumber(limit), 0);
    if (diskOf(use) > whole) {
      return `Pod ephemeral local storage usage exceeds the total limit of containers ${binarySI(whole)}. `;
    }
  }
  for (const { name, resources } of spec.containers) {
    const limit = resources?.limits?.['ephemeral-storage'];
    const used = use.containers.find((one) => one.name === name)?.diskBytes ?? 0;
    if (limit !== undefined && used > quantityNumber(limit)) {
      return `Container ${name} exceeded its local ephemeral storage limit "${limit}". `;
    }
  }
  return undefined;
}

export interface Candidate {
  pod: Pod;
  use: PodUse;
}

/** Who goes first: those who use more than they asked for, of them the least important, of them the largest. */
export function byBlame(starved: Starved): (left: Candidate, right: Candidate) => number {
  return (left, right) => {
    const [one, other] = [excess(left, starved), excess(right, starved)];
    if (one > 0 !== other > 0) return one > 0 ? -1 : 1;
    const priority = (left.pod.spec.priority ?? 0) - (right.pod.spec.priority ?? 0);
    return priority === 0 ? other - one : priority;
  };
}

function excess({ pod, use }: Candidate, starved: Starved): number {
  const asked = pod.spec.containers.reduce((sum, { resources }) => sum + amountOf(resources?.requests?.[starved]), 0);
  return (starved === 'memory' ? memoryOf(use) : diskOf(use)) - asked;
}

/** Pods that the node itself needs stay. */
export function isCritical({ metadata, spec }: Pod): boolean {
  return metadata.annotations?.['kubernetes.io/config.source'] === 'file' || (spec.priority ?? 0) >= 2_000_000_000;
}

export function evictionMessage(
  { pod, use }: Candidate,
  starved: Starved,
  { threshold, availableBytes }: { threshold: string; availableBytes: number },
): string {
  const available = `${Math.max(0, Math.floor(availableBytes / 1024))}Ki`;
  const head = `The node was low on resource: ${starved}. Threshold quantity: ${threshold}, available: ${available}. `;
  const blamed = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(({ name, resources }) => {
    const used = use.containers.find((one) => one.name === name);
    if (!used) return [];
    const bytes = starved === 'memory' ? used.memoryBytes : used.diskBytes;
    const asked = resources?.requests?.[starved] ?? '0';
    if (bytes <= quantityNumber(asked)) return [];
    return [
      `Container ${name} was using ${binarySI(bytes)}, request is ${asked}, has larger consumption of ${starved}. `,
    ];
  });
  return head + blamed.join('');
}

/** What a node under pressure says to new Pods. */
export function pressureRefusal(pod: Pod, pressures: ReadonlySet<string>): PodRefusal | undefined {
  if (pressures.size === 0 || isCritical(pod)) return undefined;
  if (pressures.size === 1 && pressures.has('MemoryPressure')) {
    if (pod.status?.qosClass !== 'BestEffort') return undefined;
    const taint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' };
    if (tolerates(pod.spec.tolerations, taint)) return undefined;
  }
  return { reason: 'Evicted', message: `The node had condition: [${[...pressures].join(' ')}]. ` };
}

const amountOf = (quantity: string | undefined): number => (quantity === undefined ? 0 : quantityNumber(quantity));
export const memoryOf = ({ containers }: PodUse): number => containers.reduce((sum, one) => sum + one.memoryBytes, 0);

export function diskOf({ containers, volumes }: PodUse): number {
  const inVolumes = [...volumes.values()].reduce((sum, bytes) => sum + bytes, 0);
  return containers.reduce((sum, one) => sum + one.diskBytes, inVolumes);
}

const UNITS = ['', 'Ki', 'Mi', 'Gi', 'Ti'];

/** Bytes as resource.Quantity writes them: in the largest unit that leaves a whole number. */
export function binarySI(bytes: number): string {
  let [amount, unit] = [Math.round(bytes), 0];
  while (amount !== 0 && amount % 1024 === 0 && unit < UNITS.length - 1) [amount, unit] = [amount / 1024, unit + 1];
  return `${amount}${UNITS[unit] ?? ''}`;
}
