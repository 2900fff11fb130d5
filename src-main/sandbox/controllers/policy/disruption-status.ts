/** What the status of a PodDisruptionBudget says. Pure. */
import { formatTime } from '#common/base/clock';
import type { Condition, Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from '#common/kube/types';
import { isReady } from '../apps/pod-facts';

/** An evicted Pod that is still there this long after it was let go was not evicted (DeletionTimeout). */
const DELETION_TIMEOUT_MS = 120_000;

/** Evictions that the server has let through and that have not become deletions yet. */
export interface OpenDisruptions {
  pods: Record<string, string>;
  /** Pods that should have gone long ago. */
  overdue: Pod[];
  /** When the first of the open ones is overdue. */
  recheckMs: number | undefined;
}

export function openDisruptions(budget: PodDisruptionBudget, pods: readonly Pod[], nowMs: number): OpenDisruptions {
  const open: OpenDisruptions = { pods: {}, overdue: [], recheckMs: undefined };
  const disrupted = budget.status?.disruptedPods ?? {};
  for (const pod of pods) {
    const time = disrupted[pod.metadata.name];
    if (time === undefined || pod.metadata.deletionTimestamp) continue;
    const expectedMs = Date.parse(time) + DELETION_TIMEOUT_MS;
    if (expectedMs < nowMs) {
      open.overdue.push(pod);
      continue;
    }
    open.pods[pod.metadata.name] = time;
    open.recheckMs = Math.min(open.recheckMs ?? expectedMs, expectedMs);
  }
  return open;
}

export interface Expected {
  expectedPods: number;
  desiredHealthy: number;
}

/** True when the scale of the Pods' controllers has to be asked for: a plain `minAvailable` needs only the Pods. */
export function needsScale({ spec }: PodDisruptionBudget): boolean {
  return spec.maxUnavailable !== undefined || typeof spec.minAvailable === 'string';
}

/** `count` is the scale of the controllers where it is needed, the number of Pods otherwise. Throws for no percentage. */
export function expectedOf({ spec }: PodDisruptionBudget, count: number): Expected {
  if (spec.maxUnavailable !== undefined) {
    return { expectedPods: count, desiredHealthy: Math.max(0, count - scaled(spec.maxUnavailable, count)) };
  }
  if (spec.minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0 };
  return { expectedPods: count, desiredHealthy: scaled(spec.minAvailable, count) };
}

function scaled(value: number | string, total: number): number {
  if (typeof value === 'number') return value;
  const percent = /^([0-9]+)%$/.exec(value)?.[1];
  if (percent === undefined) {
    throw new Error(`invalid value for IntOrString: invalid type: string is not a percentage`);
  }
  return Math.ceil((Number(percent) * total) / 100);
}

interface Counted extends Expected {
  pods: readonly Pod[];
  open: OpenDisruptions;
  nowMs: number;
}

export function budgetStatus(
  budget: PodDisruptionBudget,
  { pods, open, expectedPods, desiredHealthy, nowMs }: Counted,
): PodDisruptionBudgetStatus {
  const currentHealthy = pods.filter(
    (pod) => !pod.metadata.deletionTimestamp && !(pod.metadata.name in open.pods) && isReady(pod),
  ).length;
  const disruptionsAllowed = expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0;
  const observedGeneration = budget.metadata.generation ?? 0;
  const condition = {
    ...(disruptionsAllowed > 0
      ? { status: 'True', reason: 'SufficientPods' }
      : { status: 'False', reason: 'InsufficientPods' }),
    message: '',
    observedGeneration,
  };
  return {
    currentHealthy,
    desiredHealthy,
    expectedPods,
    disruptionsAllowed,
    ...(Object.keys(open.pods).length > 0 ? { disruptedPods: open.pods } : {}),
    observedGeneration,
    conditions: withDisruptionAllowed(budget, condition, nowMs),
  };
}

/** What is left to say when the Pods could not be counted: nobody may be evicted. */
export function failedStatus(budget: PodDisruptionBudget, message: string, nowMs: number): PodDisruptionBudgetStatus {
  const { observedGeneration = 0 } = budget.status ?? {};
  const condition = { status: 'False', reason: 'SyncFailed', message, observedGeneration };
  return {
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
    ...budget.status,
    disruptionsAllowed: 0,
    conditions: withDisruptionAllowed(budget, condition, nowMs),
  };
}

const TYPE = 'DisruptionAllowed';

function withDisruptionAllowed(
  { status }: PodDisruptionBudget,
  next: Omit<Condition, 'type' | 'lastTransitionTime'>,
  nowMs: number,
): Condition[] {
  const known = status?.conditions ?? [];
  const before = known.find(({ type }) => type === TYPE);
  const lastTransitionTime = before?.status === next.status ? before.lastTransitionTime : formatTime(nowMs);
  const condition = { type: TYPE, ...next, lastTransitionTime };
  return before ? known.map((one) => (one === before ? condition : one)) : [...known, condition];
}
