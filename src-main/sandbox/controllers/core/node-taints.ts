/** Which taints a Node has for its conditions. Pure. */
import { formatTime } from '#common/base/clock';
import type { Node, Taint } from '#common/kube/types';
import { readyCondition } from './node-health';

export const NOT_READY = 'node.kubernetes.io/not-ready';
export const UNREACHABLE = 'node.kubernetes.io/unreachable';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';

interface Rule {
  condition: string;
  status: string;
  key: string;
}

/** Which taint stands for which condition (kube-controller-manager's node lifecycle controller). */
const RULES: readonly Rule[] = [
  { condition: 'Ready', status: 'False', key: NOT_READY },
  { condition: 'Ready', status: 'Unknown', key: UNREACHABLE },
  { condition: 'MemoryPressure', status: 'True', key: 'node.kubernetes.io/memory-pressure' },
  { condition: 'DiskPressure', status: 'True', key: 'node.kubernetes.io/disk-pressure' },
  { condition: 'NetworkUnavailable', status: 'True', key: 'node.kubernetes.io/network-unavailable' },
  { condition: 'PIDPressure', status: 'True', key: 'node.kubernetes.io/pid-pressure' },
];

const OURS: ReadonlySet<string> = new Set([UNSCHEDULABLE, ...RULES.map(({ key }) => key)]);
const DRIVING: ReadonlySet<string> = new Set([NOT_READY, UNREACHABLE]);

/** What becomes of the taints that drive Pods away: those of the condition come, or wait for leave, or all go. */
export type Driving = 'drive' | 'wait' | 'spare';

/** True when Pods should be driven from the Node and no taint does it yet. */
export function wantsDriving(node: Node): boolean {
  const key = drivingKey(node);
  return key !== undefined && !node.spec.taints?.some((taint) => isDriving(taint));
}

/** True when a taint of ours drives Pods from the Node. */
export function isDriven({ spec }: Node): boolean {
  return spec.taints?.some(isDriving) ?? false;
}

/** The taints a Node should have: other people's stay, ours follow its conditions and its cordon. */
export function taintsOf(node: Node, driving: Driving, nowMs: number): Taint[] {
  const wanted = [...schedulingTaints(node), ...drivingTaints(node, driving)];
  const current = node.spec.taints ?? [];
  // A Node that has not said anything yet keeps the taint it was created with.
  const isSilent = !readyCondition(node);
  const kept = current.filter((taint) => {
    if (!isOurs(taint) || wanted.some((one) => isSame(one, taint))) return true;
    return isSilent && taint.effect === 'NoSchedule' && taint.key === NOT_READY;
  });
  const timeAdded = formatTime(nowMs);
  const added = wanted.filter((taint) => !current.some((one) => isSame(one, taint)));
  return [...kept, ...added.map((taint) => ({ ...taint, timeAdded }))];
}

function schedulingTaints({ spec, status }: Node): Taint[] {
  const holds = ({ condition, status: wanted }: Rule) =>
    status?.conditions?.some((one) => one.type === condition && one.status === wanted);
  const keys = RULES.filter(holds).map(({ key }) => key);
  if (spec.unschedulable) keys.push(UNSCHEDULABLE);
  return keys.map((key) => ({ key, effect: 'NoSchedule' }));
}

/** One that is driving already turns with the condition at once. */
function drivingTaints(node: Node, driving: Driving): Taint[] {
  const key = drivingKey(node);
  if (!key || driving === 'spare') return [];
  return driving === 'drive' || isDriven(node) ? [{ key, effect: 'NoExecute' }] : [];
}

function drivingKey(node: Node): string | undefined {
  const status = readyCondition(node)?.status;
  if (status === 'False') return NOT_READY;
  return status === 'Unknown' ? UNREACHABLE : undefined;
}

const isDriving = ({ key, effect }: Taint): boolean => effect === 'NoExecute' && DRIVING.has(key);

const isOurs = (taint: Taint): boolean => (taint.effect === 'NoSchedule' && OURS.has(taint.key)) || isDriving(taint);

const isSame = (left: Taint, right: Taint): boolean => left.key === right.key && left.effect === right.effect;

/** Labels that repeat others under the names they had in older releases. */
const REPEATED = [
  { from: 'kubernetes.io/os', to: 'beta.kubernetes.io/os' },
  { from: 'kubernetes.io/arch', to: 'beta.kubernetes.io/arch' },
];

export function labelsToRepeat({ metadata: { labels = {} } }: Node): Record<string, string> {
  return Object.fromEntries(
    REPEATED.flatMap(({ from, to }) => (labels[from] === undefined ? [] : [[to, labels[from]]])),
  );
}
