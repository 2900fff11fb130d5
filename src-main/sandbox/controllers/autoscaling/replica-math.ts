/** How many replicas what Pods use asks for: the replica calculator of kube-controller-manager. Pure. */
import type { Pod } from '#common/kube/types';

/** What one Pod uses, in thousandths of the unit of its resource. */
export interface PodValue {
  value: number;
  atMs: number;
  windowMs: number;
}

export type PodValues = ReadonlyMap<string, PodValue>;

/** How far from the target nothing happens: 0.1 is ten per cent. */
export interface Tolerances {
  up: number;
  down: number;
}

export interface Measurement {
  /** Every Pod of the target. */
  pods: readonly Pod[];
  values: PodValues;
  /** `cpu`, `memory`, or empty for what is no resource. */
  resource: string;
  currentReplicas: number;
  tolerances: Tolerances;
  nowMs: number;
}

export interface Proposal {
  replicas: number;
  /** Thousandths of the unit, per Pod. */
  average: number;
  /** Per cent of the requests. */
  utilization?: number;
}

/** Why nothing can be proposed. */
export class NoProposalError extends Error {}

/** Samples of a Pod that is younger than this may be those of its start (`--horizontal-pod-autoscaler-cpu-initialization-period`). */
const CPU_INITIALIZATION_MS = 300_000;
/** A Pod that is unready since before this age has never been ready. */
const INITIAL_READINESS_DELAY_MS = 30_000;

/**
 * Compares what is used with what was requested, by the names of Pods, which is asked for only when something is used; `target`
 * in per cent.
 */
export function proposeByUtilization(
  measurement: Measurement,
  requestsOfPods: () => ReadonlyMap<string, number>,
  target: number,
): Proposal {
  const fallback = Math.max(100, target);
  let known: ReadonlyMap<string, number> | undefined;
  const requests = () => (known ??= requestsOfPods());
  return propose(measurement, {
    rate: (values) => utilizationOf(values, requests(), target),
    missing: (pod) => Math.floor(((requests().get(pod) ?? 0) * fallback) / 100),
  });
}

/** Compares what is used with an amount for each Pod, in thousandths. */
export function proposeByValue(measurement: Measurement, target: number): Proposal {
  return propose(measurement, {
    rate: (values) => {
      const average = Math.trunc(sum(values) / values.size);
      return { ratio: average / target, average };
    },
    missing: () => target,
  });
}

interface Rating {
  ratio: number;
  average: number;
  utilization?: number;
}

interface Scheme {
  rate(values: PodValues): Rating;
  /** What a Pod without metrics is taken to use before its absence could scale down. */
  missing(pod: string): number;
}

function propose(measurement: Measurement, scheme: Scheme): Proposal {
  const { pods, currentReplicas, tolerances } = measurement;
  if (pods.length === 0) throw new NoProposalError('no pods returned by selector while calculating replica count');
  const groups = groupPods(measurement);
  const values = new Map(measurement.values);
  for (const pod of [...groups.ignored, ...groups.unready]) values.delete(pod);
  if (values.size === 0) {
    throw new NoProposalError('did not receive metrics for targeted pods (pods might be unready)');
  }
  const { ratio, ...current } = scheme.rate(values);
  const isHeldByUnready = groups.unready.size > 0 && ratio > 1;
  if (!isHeldByUnready && groups.missing.size === 0) {
    const replicas = isWithin(ratio, tolerances) ? currentReplicas : Math.ceil(ratio * groups.readyCount);
    return { ...current, replicas };
  }
  fillIn(values, { groups, ratio, isHeldByUnready, missing: (pod) => scheme.missing(pod) });
  const { ratio: careful } = scheme.rate(values);
  const turnsAround = (ratio < 1 && careful > 1) || (ratio > 1 && careful < 1);
  if (isWithin(careful, tolerances) || turnsAround) return { ...current, replicas: currentReplicas };
  const replicas = Math.ceil(careful * values.size);
  const wrongWay = (careful < 1 && replicas > currentReplicas) || (careful > 1 && replicas < currentReplicas);
  return { ...current, replicas: wrongWay ? currentReplicas : replicas };
}

/** Pods that say nothing are taken to use what makes the change smaller. */
function fillIn(
  values: Map<string, PodValue>,
  {
    groups,
    ratio,
    isHeldByUnready,
    missing,
  }: { groups: PodGroups; ratio: number; isHeldByUnready: boolean; missing: (pod: string) => number },
): void {
  const assumed = (value: number): PodValue => ({ value, atMs: 0, windowMs: 0 });
  for (const pod of groups.missing) {
    if (ratio < 1) values.set(pod, assumed(missing(pod)));
    else if (ratio > 1) values.set(pod, assumed(0));
  }
  if (isHeldByUnready) for (const pod of groups.unready) values.set(pod, assumed(0));
}

const isWithin = (ratio: number, { up, down }: Tolerances): boolean => 1 - down <= ratio && ratio <= 1 + up;

const sum = (values: PodValues): number => [...values.values()].reduce((total, { value }) => total + value, 0);

function utilizationOf(values: PodValues, requests: ReadonlyMap<string, number>, target: number): Rating {
  let used = 0;
  let requested = 0;
  let count = 0;
  for (const [pod, { value }] of values) {
    const request = requests.get(pod);
    if (request === undefined) continue;
    used += value;
    requested += request;
    count++;
  }
  if (requested === 0) throw new NoProposalError('no metrics returned matched known pods');
  // Whole numbers, as Go divides them; memory in thousandths of a byte times a hundred needs more than a double holds.
  const utilization = Number((BigInt(used) * 100n) / BigInt(requested));
  return { ratio: utilization / target, utilization, average: Math.trunc(used / count) };
}

export interface PodGroups {
  readyCount: number;
  unready: ReadonlySet<string>;
  missing: ReadonlySet<string>;
  ignored: ReadonlySet<string>;
}

/** Which Pods count, and which do not and why. */
export function groupPods({ pods, values, resource, nowMs }: Measurement): PodGroups {
  const unready = new Set<string>();
  const missing = new Set<string>();
  const ignored = new Set<string>();
  let readyCount = 0;
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    const value = values.get(name);
    if (deletionTimestamp || pod.status?.phase === 'Failed') ignored.add(name);
    else if (pod.status?.phase === 'Pending') unready.add(name);
    else if (!value) missing.add(name);
    else if (resource === 'cpu' && isStarting(pod, value, nowMs)) unready.add(name);
    else readyCount++;
  }
  return { readyCount, unready, missing, ignored };
}

/** Whether the processor time that was measured may be that of the Pod's start. */
function isStarting({ status }: Pod, { atMs, windowMs }: PodValue, nowMs: number): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (!ready || !status?.startTime) return true;
  const startedMs = Date.parse(status.startTime);
  const changedMs = Date.parse(ready.lastTransitionTime ?? '') || 0;
  if (startedMs + CPU_INITIALIZATION_MS > nowMs) return ready.status === 'False' || atMs < changedMs + windowMs;
  return ready.status === 'False' && startedMs + INITIAL_READINESS_DELAY_MS > changedMs;
}
