/** How fast, how far and after how long an autoscaler may follow its recommendation. Pure. */
import type { HorizontalPodAutoscalerBehavior, HPAScalingRules } from '#common/kube/types';

/** What an autoscaler remembers of the last minutes; the newest is last. */
export interface ScalingHistory {
  recommendations: readonly Moment[];
  /** Replicas that were added. */
  ups: readonly Moment[];
  /** Replicas that were taken away. */
  downs: readonly Moment[];
}

export interface Moment {
  atMs: number;
  replicas: number;
}

export interface ScalingQuestion {
  current: number;
  /** What the metrics ask for. */
  wanted: number;
  min: number;
  max: number;
  nowMs: number;
}

export interface Reason {
  reason: string;
  message: string;
}

export interface ScalingVerdict {
  replicas: number;
  able: Reason;
  limited: Reason & { isLimited: boolean };
}

/** `--horizontal-pod-autoscaler-downscale-stabilization`. */
export const DOWNSCALE_STABILIZATION_SECONDS = 300;
/** Without a behaviour: twice as many, or four. */
const UP_FACTOR = 2;
const UP_MINIMUM = 4;

const READY: Reason = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' };
const DOWN_STABILIZED: Reason = {
  reason: 'ScaleDownStabilized',
  message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
};
const UP_STABILIZED: Reason = {
  reason: 'ScaleUpStabilized',
  message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
};
const WITHIN: Reason = {
  reason: 'DesiredWithinRange',
  message: 'the desired count is within the acceptable range',
};
const TOO_FEW: Reason = {
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
};
const TOO_MANY: Reason = {
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
};
const UP_LIMIT: Reason = {
  reason: 'ScaleUpLimit',
  message: 'the desired replica count is increasing faster than the maximum scale rate',
};
const DOWN_LIMIT: Reason = {
  reason: 'ScaleDownLimit',
  message: 'the desired replica count is decreasing faster than the maximum scale rate',
};

/** What becomes of a recommendation. */
export function scalingVerdict(
  question: ScalingQuestion,
  behavior: HorizontalPodAutoscalerBehavior | undefined,
  history: ScalingHistory,
): ScalingVerdict {
  return behavior ? byBehavior(question, behavior, history) : byDefault(question, history);
}

function byDefault(question: ScalingQuestion, { recommendations }: ScalingHistory): ScalingVerdict {
  const { current, wanted, min, max, nowMs } = question;
  const since = nowMs - DOWNSCALE_STABILIZATION_SECONDS * 1000;
  const recent = recommendations.filter(({ atMs }) => atMs >= since);
  const stable = Math.max(wanted, ...recent.map(({ replicas }) => replicas));
  const able = stable === wanted ? READY : DOWN_STABILIZED;
  const upLimit = Math.max(UP_FACTOR * current, UP_MINIMUM);
  if (stable < min) return limitedTo(min, able, TOO_FEW);
  if (stable > Math.min(max, upLimit))
    return limitedTo(Math.min(max, upLimit), able, max > upLimit ? UP_LIMIT : TOO_MANY);
  return { replicas: stable, able, limited: { ...WITHIN, isLimited: false } };
}

function byBehavior(
  question: ScalingQuestion,
  behavior: HorizontalPodAutoscalerBehavior,
  history: ScalingHistory,
): ScalingVerdict {
  const { current, wanted, min, max, nowMs } = question;
  const stable = stabilized(question, behavior, history);
  const able = stable === wanted ? READY : wanted >= current ? UP_STABILIZED : DOWN_STABILIZED;
  if (stable > current) {
    const limit = Math.max(current, upLimitOf({ current, nowMs }, behavior.scaleUp ?? {}, history));
    const most = Math.min(max, limit);
    if (stable > most) return limitedTo(most, able, max > limit ? UP_LIMIT : TOO_MANY);
  } else if (stable < current) {
    const limit = Math.min(current, downLimitOf({ current, nowMs }, behavior.scaleDown ?? {}, history));
    const least = Math.max(min, limit);
    if (stable < least) return limitedTo(least, able, min < limit ? DOWN_LIMIT : TOO_FEW);
  }
  return { replicas: stable, able, limited: { ...WITHIN, isLimited: false } };
}

function limitedTo(replicas: number, able: Reason, limit: Reason): ScalingVerdict {
  return { replicas, able, limited: { ...limit, isLimited: true } };
}

/** The current size, moved as far as all recommendations of the two windows agree. */
function stabilized(
  { current, wanted, nowMs }: ScalingQuestion,
  { scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior,
  { recommendations }: ScalingHistory,
): number {
  const within = (seconds: number) =>
    recommendations.filter(({ atMs }) => atMs > nowMs - seconds * 1000).map(({ replicas }) => replicas);
  const upTo = Math.min(wanted, ...within(scaleUp?.stabilizationWindowSeconds ?? 0));
  const downTo = Math.max(wanted, ...within(scaleDown?.stabilizationWindowSeconds ?? DOWNSCALE_STABILIZATION_SECONDS));
  return Math.min(Math.max(current, upTo), downTo);
}

interface Now {
  current: number;
  nowMs: number;
}

function upLimitOf(now: Now, { selectPolicy, policies = [] }: HPAScalingRules, history: ScalingHistory): number {
  if (selectPolicy === 'Disabled') return now.current;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const before = replicasBefore(now, periodSeconds, history);
    return type === 'Pods' ? before + value : Math.ceil(before * (1 + value / 100));
  });
  return selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits);
}

function downLimitOf(now: Now, { selectPolicy, policies = [] }: HPAScalingRules, history: ScalingHistory): number {
  if (selectPolicy === 'Disabled') return now.current;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const before = replicasBefore(now, periodSeconds, history);
    return type === 'Pods' ? before - value : Math.trunc(before * (1 - value / 100));
  });
  return selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits);
}

/** How many there were at the beginning of a period that ends now. */
function replicasBefore({ current, nowMs }: Now, periodSeconds: number, { ups, downs }: ScalingHistory): number {
  const changed = (moments: readonly Moment[]) =>
    moments.reduce((sum, { atMs, replicas }) => (atMs > nowMs - periodSeconds * 1000 ? sum + replicas : sum), 0);
  return current - changed(ups) + changed(downs);
}

/** The longest period of a policy, and the longest window. */
const LONGEST_MS = 3_600_000;

/** Drops what no rule can ask for any more. */
export function recentOf(history: ScalingHistory, nowMs: number): ScalingHistory {
  const recent = (moments: readonly Moment[]) => moments.filter(({ atMs }) => atMs >= nowMs - LONGEST_MS);
  return { recommendations: recent(history.recommendations), ups: recent(history.ups), downs: recent(history.downs) };
}
