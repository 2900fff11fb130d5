/** Which Pod of a StatefulSet is made, ended or replaced next: one step at a time, in the order of their numbers. */
import type { Pod, StatefulSet } from '#common/kube/types';
import { REVISION_LABEL } from './controller-revisions';
import { isReady, untilAvailable } from './pod-facts';

export type StatefulStep =
  | { step: 'create'; ordinal: number; revision: string }
  | { step: 'delete'; pod: Pod }
  | { step: 'wait'; againAfterMs?: number };

export interface StatefulGround {
  set: StatefulSet;
  pods: readonly Pod[];
  /** Names of the revisions. */
  currentRevision: string;
  updateRevision: string;
  nowMs: number;
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

/** Pods numbered below the partition keep their revision; new ones come from it too. */
function revisionFor(ground: StatefulGround, ordinal: number): string {
  const { updateStrategy } = ground.set.spec;
  if (updateStrategy?.type === 'OnDelete') return ground.currentRevision;
  const { first } = ordinalRange(ground.set);
  const partition = updateStrategy?.rollingUpdate?.partition ?? 0;
  return ordinal - first < partition ? ground.currentRevision : ground.updateRevision;
}

/** Steps that may be taken now, all at once for a parallel set, else at most one that changes something. */
export function planStatefulSet(ground: StatefulGround): StatefulStep[] {
  if (ground.set.metadata.deletionTimestamp) return [];
  const { wanted, condemned } = sortPods(ground);
  const fill = planFill(ground, wanted);
  if (fill.some(stops)) return fill;
  const shrink = planShrink(ground, condemned);
  if (shrink.length > 0) return [...fill, ...shrink];
  return [...fill, ...planUpdate(ground, wanted)];
}

const stops = ({ step }: StatefulStep): boolean => step === 'wait';

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

/** Missing Pods from the lowest number on; an ordered set waits for each before the next. */
function planFill(ground: StatefulGround, wanted: ReadonlyMap<number, Pod>): StatefulStep[] {
  const steps: StatefulStep[] = [];
  const { first, end } = ordinalRange(ground.set);
  for (let ordinal = first; ordinal < end; ordinal++) {
    const pod = wanted.get(ordinal);
    const step = stepFor(ground, ordinal, pod);
    if (!step) continue;
    steps.push(step);
    if (!isParallel(ground.set)) {
      if (step.step !== 'wait') steps.push({ step: 'wait' });
      return steps;
    }
  }
  return isParallel(ground.set) ? steps.filter((step) => !stops(step)) : steps;
}

function stepFor(ground: StatefulGround, ordinal: number, pod: Pod | undefined): StatefulStep | undefined {
  if (!pod) return { step: 'create', ordinal, revision: revisionFor(ground, ordinal) };
  if (pod.metadata.deletionTimestamp) return { step: 'wait' };
  if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') return { step: 'delete', pod };
  return availability(ground, pod);
}

/** A reason to wait for the Pod, if there is one. */
function availability({ set, nowMs }: StatefulGround, pod: Pod): StatefulStep | undefined {
  const waitMs = untilAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs);
  if (waitMs === 0) return undefined;
  return waitMs === undefined ? { step: 'wait' } : { step: 'wait', againAfterMs: waitMs };
}

/** Surplus Pods from the highest number on. */
function planShrink({ set }: StatefulGround, condemned: readonly Pod[]): StatefulStep[] {
  const steps: StatefulStep[] = [];
  for (const pod of condemned) {
    if (pod.metadata.deletionTimestamp) {
      if (!isParallel(set)) return [{ step: 'wait' }];
      continue;
    }
    steps.push({ step: 'delete', pod });
    if (!isParallel(set)) return steps;
  }
  return steps;
}

/** The highest Pod of an older revision is replaced, once those above it are well. */
function planUpdate(ground: StatefulGround, wanted: ReadonlyMap<number, Pod>): StatefulStep[] {
  const { set, updateRevision } = ground;
  if (set.spec.updateStrategy?.type === 'OnDelete') return [];
  const { first, end } = ordinalRange(set);
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  for (let ordinal = end - 1; ordinal >= first + partition; ordinal--) {
    const pod = wanted.get(ordinal);
    if (!pod || pod.metadata.deletionTimestamp) return [{ step: 'wait' }];
    if (revisionOfPod(pod) !== updateRevision) return [{ step: 'delete', pod }];
    if (!isReady(pod)) return [{ step: 'wait' }];
    const wait = availability(ground, pod);
    if (wait) return [wait];
  }
  return [];
}
