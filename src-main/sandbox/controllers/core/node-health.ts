/** Whether a Node's kubelet still tells how it is, and what is said of those that do not. Pure. */
import { formatTime } from '#common/base/clock';
import { isRenewedContinuously } from '#common/kinds/node-lease';
import type { Lease, Node, NodeCondition } from '#common/kube/types';

/** How long a kubelet may keep silent (--node-monitor-grace-period). */
const MONITOR_GRACE_MS = 50_000;
/** How long a new Node may take to say its first word (--node-startup-grace-period). */
const STARTUP_GRACE_MS = 60_000;

/** The last sign of life that was seen. It is dated by the one who saw it: clocks of nodes need not agree. */
export interface SignOfLife {
  atMs: number;
  /** lastHeartbeatTime of the Ready condition; undefined while there is none. */
  heartbeat: string | undefined;
  renewTime: string | undefined;
}

export function readyCondition({ status }: Node): NodeCondition | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}

export function signOfLife(
  before: SignOfLife | undefined,
  node: Node,
  lease: Lease | undefined,
  nowMs: number,
): SignOfLife {
  const ready = readyCondition(node);
  const heartbeat = ready ? (ready.lastHeartbeatTime ?? '') : undefined;
  const renewTime = lease?.spec.renewTime;
  const isRenewed = renewTime !== undefined && (before?.renewTime === undefined || before.renewTime < renewTime);
  if (before && !isRenewed && before.heartbeat === heartbeat) return { ...before, renewTime };
  const isNewAndSilent = !before && !isRenewed && heartbeat === undefined;
  const atMs = isNewAndSilent ? Date.parse(node.metadata.creationTimestamp) : nowMs;
  return { atMs, heartbeat, renewTime };
}

/** When the Node counts as lost unless it gives another sign of life; Infinity while its lease is kept. */
export function lostAtMs({ atMs, heartbeat }: SignOfLife, lease: Lease | undefined): number {
  if (lease && isRenewedContinuously(lease)) return Number.POSITIVE_INFINITY;
  return atMs + (heartbeat === undefined ? STARTUP_GRACE_MS : MONITOR_GRACE_MS);
}

/** NetworkUnavailable is not among them: the control plane manages it. */
const KUBELET_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** The conditions of a Node of which nobody knows how it is; those it has keep their place. */
export function lostConditions({ metadata, status }: Node, nowMs: number): NodeCondition[] {
  const conditions = (status?.conditions ?? []).map((condition) => {
    if (!KUBELET_CONDITIONS.includes(condition.type) || condition.status === 'Unknown') return condition;
    return {
      ...condition,
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
      lastTransitionTime: formatTime(nowMs),
    };
  });
  const missing = KUBELET_CONDITIONS.filter((type) => !conditions.some((one) => one.type === type));
  const added = missing.map((type) => ({
    type,
    status: 'Unknown',
    reason: 'NodeStatusNeverUpdated',
    message: 'Kubelet never posted node status.',
    lastHeartbeatTime: metadata.creationTimestamp,
    lastTransitionTime: formatTime(nowMs),
  }));
  return [...conditions, ...added];
}
