import type { Container, ContainerStatus, Pod } from '../kube/types';
import { epochOf } from './epoch';
import { type ObjectStatus, type Tone } from './kind';
import { conditionOf, isTrue } from './conditions';

/** What kubectl's Pod columns say, worked out once per Pod. */
export interface PodSummary {
  /** The Status column, word for word. */
  reason: string;
  ready: number;
  total: number;
  restarts: number;
  /** Epoch milliseconds of the last container that ended and was started again. */
  lastRestart: number | null;
}

/**
 * kubectl's columns of a Pod, after `printPod` of the API server's printers: the reason comes from the phase, then from
 * the first init container that is not done, then from the containers from last to first.
 */
export function podSummary(pod: Pod): PodSummary {
  // The readers of one row ask one after the other for the same Pod, which is never edited.
  if (pod !== latest?.pod) latest = { pod, summary: summarise(pod) };
  return latest.summary;
}

let latest: { pod: Pod; summary: PodSummary } | undefined;

function summarise(pod: Pod): PodSummary {
  const { initContainers, containers = [] } = pod.spec ?? {};
  const sidecars = initContainers ? sidecarNames(initContainers) : none;
  const total = containers.length + sidecars.size;
  const started: Started = { sidecars, total, statuses: pod.status?.initContainerStatuses ?? [] };
  const current = started.statuses.findIndex((status) => !isPassed(status, sidecars));
  const initializing = current >= 0 && !isTrue(conditionOf(pod, 'Initialized'));
  const summary = initializing ? initializingSummary(pod, started, current) : startedSummary(pod, started, current);
  if (pod.metadata.deletionTimestamp) summary.reason = deletionReason(pod) ?? summary.reason;
  return summary;
}

const none: ReadonlySet<string> = new Set();

function sidecarNames(initContainers: readonly Container[]): ReadonlySet<string> {
  return new Set(initContainers.filter(isSidecar).map(({ name }) => name));
}

interface Started {
  sidecars: ReadonlySet<string>;
  /** Containers and sidecars. */
  total: number;
  /** Of the init containers. */
  statuses: readonly ContainerStatus[];
}

/** Done, or a sidecar that is up: the next one may start. */
function isPassed({ name, state, started }: ContainerStatus, sidecars: ReadonlySet<string>): boolean {
  return state?.terminated?.exitCode === 0 || (sidecars.has(name) && started === true);
}

function initializingSummary(pod: Pod, { statuses, sidecars, total }: Started, current: number): PodSummary {
  const ready = statuses.slice(0, current).filter((status) => isReadySidecar(status, sidecars)).length;
  const summary = { reason: initReason(pod, statuses, current), ready, total, restarts: 0, lastRestart: null };
  countRestarts(statuses, summary);
  return summary;
}

/** Restarts of init containers that are done are forgotten once the Pod runs; those of sidecars count on. */
function startedSummary(pod: Pod, started: Started, current: number): PodSummary {
  const containers = pod.status?.containerStatuses ?? [];
  const running = containers.filter(isReadyAndRunning).length;
  const summary: PodSummary = { reason: '', ready: running, total: started.total, restarts: 0, lastRestart: null };
  countRestarts(containers, summary);
  if (started.statuses.length > 0) addSidecars(started, current, summary);
  let reason = firstStopped(containers);
  reason ??= current < 0 ? phaseReason(pod) : initReason(pod, started.statuses, current);
  if (reason === 'Completed' && running > 0) reason = isTrue(conditionOf(pod, 'Ready')) ? 'Running' : 'NotReady';
  summary.reason = reason;
  return summary;
}

function addSidecars({ statuses, sidecars }: Started, current: number, summary: PodSummary): void {
  const passed = current < 0 ? statuses : statuses.slice(0, current);
  summary.ready += passed.filter((status) => isReadySidecar(status, sidecars)).length;
  countRestarts(
    statuses.filter(({ name }) => sidecars.has(name)),
    summary,
  );
}

function isReadyAndRunning(status: ContainerStatus): boolean {
  return status.ready && status.state?.running !== undefined && !stoppedReason(status);
}

/** The first container has the last word. */
function firstStopped(containers: readonly ContainerStatus[]): string | undefined {
  for (const status of containers) {
    const reason = stoppedReason(status);
    if (reason) return reason;
  }
  return undefined;
}

function isReadySidecar({ name, state, started, ready }: ContainerStatus, sidecars: ReadonlySet<string>): boolean {
  return sidecars.has(name) && state?.terminated?.exitCode !== 0 && started === true && ready === true;
}

function countRestarts(statuses: readonly ContainerStatus[], summary: PodSummary): void {
  for (const { restartCount, lastState } of statuses) {
    summary.restarts += restartCount ?? 0;
    const ended = lastState?.terminated ? epochOf(lastState.terminated.finishedAt) : null;
    if (ended !== null) summary.lastRestart = Math.max(summary.lastRestart ?? 0, ended);
  }
}

function phaseReason(pod: Pod): string {
  const gated = pod.status?.conditions?.some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  );
  if (gated) return 'SchedulingGated';
  return pod.status?.reason || (pod.status?.phase ?? '');
}

function initReason(pod: Pod, statuses: readonly ContainerStatus[], current: number): string {
  const { terminated, waiting } = statuses[current]?.state ?? {};
  if (terminated) return `Init:${terminated.reason || exitReason(terminated)}`;
  if (waiting?.reason && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`;
  return `Init:${current}/${pod.spec?.initContainers?.length ?? 0}`;
}

function stoppedReason({ state }: ContainerStatus): string | undefined {
  if (state?.waiting?.reason) return state.waiting.reason;
  return state?.terminated && (state.terminated.reason || exitReason(state.terminated));
}

function exitReason({ signal, exitCode }: { signal?: number; exitCode?: number }): string {
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode ?? 0}`;
}

function deletionReason(pod: Pod): string | undefined {
  if (pod.status?.reason === 'NodeLost') return 'Unknown';
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed' ? undefined : 'Terminating';
}

/** An init container that keeps running beside the others. */
export function isSidecar({ restartPolicy }: Pick<Container, 'restartPolicy'>): boolean {
  return restartPolicy === 'Always';
}

const busyWords = new Set(['ContainerCreating', 'PodInitializing', 'Pending', 'Terminating', 'SchedulingGated', '']);
const doneWords = new Set(['Completed', 'Succeeded']);

/** The Status column with its tone. */
export function podStatus(pod: Pod, summary = podSummary(pod)): ObjectStatus {
  return { word: summary.reason, tone: podTone(pod, summary) };
}

function podTone(pod: Pod, { reason, ready, total }: PodSummary): Tone {
  if (doneWords.has(reason)) return 'done';
  if (reason === 'Running') return ready === total || isTrue(conditionOf(pod, 'Ready')) ? 'ok' : notReadyTone(pod);
  if (reason === 'Pending') return isUnschedulable(pod) ? 'warn' : 'busy';
  if (busyWords.has(reason) || /^Init:\d+\/\d+$/.test(reason)) return 'busy';
  return reason === 'NotReady' ? 'warn' : 'bad';
}

/** A container that has lost its readiness, or was restarted, asks for attention; one that was never ready is on its way. */
function notReadyTone(pod: Pod): Tone {
  const lost = epochOf(conditionOf(pod, 'Ready')?.lastTransitionTime) ?? 0;
  const worrying = pod.status?.containerStatuses?.some(({ ready, restartCount, state }) => {
    const started = epochOf(state?.running?.startedAt);
    return !ready && ((restartCount ?? 0) > 0 || (started !== null && lost > started));
  });
  return worrying ? 'warn' : 'busy';
}

export function isUnschedulable(pod: Pod): boolean {
  return (
    pod.status?.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable') ?? false
  );
}
