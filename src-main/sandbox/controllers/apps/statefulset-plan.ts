/** Which Pods of a StatefulSet are made, ended or replaced next: one step at a time, in the order of their numbers. */
import type { Pod, StatefulSet, StatefulSetStatus } from '#common/kube/types';
import { REVISION_LABEL } from './controller-revisions';
import { isReady, untilAvailable } from './pod-facts';

export type StatefulStep =
  | { step: 'create'; ordinal: number; revision: string }
  /** Makes claims that a Pod still lacks, and gives them their owners. */
  | { step: 'provide'; pod: Pod }
  /** Sees to the Pod's labels and to the owners of its claims. */
  | { step: 'keep'; pod: Pod }
  /** Sees to the owners of the claims of a Pod that is too many. */
  | { step: 'yield'; pod: Pod }
  | { step: 'delete'; pod: Pod; outdated?: true };

export interface StatefulGround {
  set: StatefulSet;
  pods: readonly Pod[];
  /** Names of the revisions. */
  currentRevision: string;
  updateRevision: string;
  nowMs: number;
  /** The claims of a Pod by that name still go with an earlier one. */
  isStale: (podName: string) => boolean;
}

const POD_NAME = /^(.*)-(\d+)$/;

/** The number of a Pod of `set`; undefined when its name is another's. */
export function ordinalOf({ metadata }: StatefulSet, pod: Pod): number | undefined {
  const [, parent, number] = POD_NAME.exec(pod.metadata.name) ?? [];
  return parent === metadata.name ? Number(number) : undefined;
}

export const revisionOfPod = ({ metadata }: Pod): string => metadata.labels?.[REVISION_LABEL] ?? '';

export const isParallel = ({ spec }: StatefulSet): boolean => spec.podManagementPolicy === 'Parallel';

export function ordinalRange({ spec }: StatefulSet): { first: number; end: number } {
  const first = spec.ordinals?.start ?? 0;
  return { first, end: first + (spec.replicas ?? 1) };
}

const partitionOf = ({ spec }: StatefulSet): number => spec.updateStrategy?.rollingUpdate?.partition ?? 0;

/** Pods numbered below the partition keep their revision; new ones come from it too. */
function revisionFor({ set, currentRevision, updateRevision }: StatefulGround, ordinal: number): string {
  return ordinal < ordinalRange(set).first + partitionOf(set) ? currentRevision : updateRevision;
}

/** Steps that may be taken now: a parallel set takes all, an ordered one stops at the first that has to be waited for. */
export function planStatefulSet(ground: StatefulGround): StatefulStep[] {
  if (ground.set.metadata.deletionTimestamp) return [];
  const { wanted, condemned } = sortPods(ground);
  const fill = planFill(ground, wanted);
  if (fill.stops) return fill.steps;
  const shrink = planShrink(ground, wanted, condemned);
  if (shrink.stops) return [...fill.steps, ...shrink.steps];
  return [...fill.steps, ...shrink.steps, ...planUpdate(ground, wanted)];
}

interface Leg {
  steps: StatefulStep[];
  /** What comes after has to wait. */
  stops: boolean;
}

function sortPods({ set, pods }: StatefulGround): { wanted: Map<number, Pod>; condemned: Pod[] } {
  const { first, end } = ordinalRange(set);
  const wanted = new Map<number, Pod>();
  const condemned: [number, Pod][] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod);
    if (ordinal === undefined) continue;
    if (ordinal >= first && ordinal < end) wanted.set(ordinal, pod);
    else condemned.push([ordinal, pod]);
  }
  return { wanted, condemned: condemned.sort(([left], [right]) => right - left).map(([, pod]) => pod) };
}

/** From the lowest number on; an ordered set waits for each Pod before the next. */
function planFill(ground: StatefulGround, wanted: ReadonlyMap<number, Pod>): Leg {
  const steps: StatefulStep[] = [];
  const { first, end } = ordinalRange(ground.set);
  for (let ordinal = first; ordinal < end; ordinal++) {
    const leg = planMember(ground, ordinal, wanted.get(ordinal));
    steps.push(...leg.steps);
    if (leg.stops && !isParallel(ground.set)) return { steps, stops: true };
  }
  return { steps, stops: false };
}

function planMember(ground: StatefulGround, ordinal: number, pod: Pod | undefined): Leg {
  const { set } = ground;
  if (!pod) {
    if (ground.isStale(`${set.metadata.name}-${ordinal}`)) return { steps: [], stops: true };
    return { steps: [{ step: 'create', ordinal, revision: revisionFor(ground, ordinal) }], stops: true };
  }
  if (hasEnded(pod)) return { steps: pod.metadata.deletionTimestamp ? [] : [{ step: 'delete', pod }], stops: true };
  const steps: StatefulStep[] = pod.status?.phase === 'Pending' ? [{ step: 'provide', pod }] : [];
  if (!isParallel(set) && isUnavailable(ground, pod)) return { steps, stops: true };
  return { steps: [...steps, { step: 'keep', pod }], stops: false };
}

const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Failed' || status?.phase === 'Succeeded';

function isUnavailable({ set, nowMs }: StatefulGround, pod: Pod): boolean {
  const isAvailable = untilAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs) === 0;
  return !isAvailable || !!pod.metadata.deletionTimestamp;
}

/** Surplus Pods from the highest number on; an ordered set ends none while another one is not well. */
function planShrink(ground: StatefulGround, wanted: ReadonlyMap<number, Pod>, condemned: readonly Pod[]): Leg {
  const steps: StatefulStep[] = condemned.map((pod) => ({ step: 'yield', pod }));
  if (isParallel(ground.set)) {
    const alive = condemned.filter(({ metadata }) => !metadata.deletionTimestamp);
    return { steps: [...steps, ...alive.map((pod): StatefulStep => ({ step: 'delete', pod }))], stops: false };
  }
  const [highest] = condemned;
  if (!highest) return { steps, stops: false };
  const unwell = [...wanted.values(), ...condemned.toReversed()].find((pod) => isUnavailable(ground, pod));
  const mayGo = !isUnavailable(ground, highest) || unwell === highest;
  if (mayGo && !highest.metadata.deletionTimestamp) steps.push({ step: 'delete', pod: highest });
  return { steps, stops: true };
}

/** The highest Pod of an older revision is replaced, once those above it are well. */
function planUpdate(ground: StatefulGround, wanted: ReadonlyMap<number, Pod>): StatefulStep[] {
  const { set, updateRevision } = ground;
  if (set.spec.updateStrategy?.type === 'OnDelete') return [];
  const { first, end } = ordinalRange(set);
  for (let ordinal = end - 1; ordinal >= first + partitionOf(set); ordinal--) {
    const pod = wanted.get(ordinal);
    if (!pod) return [];
    if (revisionOfPod(pod) !== updateRevision && !pod.metadata.deletionTimestamp && !hasEnded(pod))
      return [{ step: 'delete', pod, outdated: true }];
    if (isUnavailable(ground, pod)) return [];
  }
  return [];
}

/** The status of a set from its Pods; `outdated` of them are ended in this very step. Collisions are counted elsewhere. */
export function statusOf(
  { set, pods, currentRevision, updateRevision, nowMs }: Omit<StatefulGround, 'isStale'>,
  outdated = 0,
): StatefulSetStatus {
  const { minReadySeconds = 0, replicas: wanted = 1, updateStrategy } = set.spec;
  const live = pods.filter(({ metadata }) => !metadata.deletionTimestamp);
  const withRevision = (revision: string) => live.filter((pod) => revisionOfPod(pod) === revision).length;
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isReady(pod));
  const updated = withRevision(updateRevision);
  const isRolling = (updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
  const isComplete = isRolling && updated === wanted && ready.length === wanted && pods.length === wanted;
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: pods.length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter((pod) => untilAvailable(pod, minReadySeconds, nowMs) === 0).length,
    currentReplicas: isComplete ? updated : withRevision(currentRevision) - outdated,
    updatedReplicas: updated,
    currentRevision: isComplete ? updateRevision : currentRevision,
    updateRevision,
  };
}
