import { resizeConditions, type ResizeState } from './pod-resize';
import { sequelOf } from './restart-policy';
import type { Container, ContainerStatus, Pod, PodCondition, PodStatus } from '#common/kube/types';

/** What a kubelet knows of a Pod it runs. */
export interface PodView {
  hostIP: string;
  podIP: string | undefined;
  startTime: string;
  initContainers: readonly ContainerStatus[];
  containers: readonly ContainerStatus[];
  ephemeralContainers?: readonly ContainerStatus[];
  /** Set when the whole Pod ended for a reason of its own (deadline, eviction). */
  failure?: { reason: string; message: string; isDisruption?: boolean };
  /** True when no container will run again, whatever its policy says. */
  isTerminal?: boolean;
  resize?: ResizeState;
}

/** The status a kubelet posts for what it sees; `now` is the time of conditions that change. */
export function podStatusOf(pod: Pod, view: PodView, now: string): PodStatus {
  const phase = podPhase(pod, view);
  const status: PodStatus = {
    phase,
    conditions: podConditions(pod, view, { phase, now }),
    hostIP: view.hostIP,
    hostIPs: [{ ip: view.hostIP }],
    startTime: view.startTime,
    containerStatuses: [...view.containers].sort(byName),
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
  };
  if (pod.status?.qosClass) status.qosClass = pod.status.qosClass;
  if (view.initContainers.length > 0) status.initContainerStatuses = [...view.initContainers];
  if (view.ephemeralContainers?.length) status.ephemeralContainerStatuses = [...view.ephemeralContainers];
  if (view.podIP) Object.assign(status, { podIP: view.podIP, podIPs: [{ ip: view.podIP }] });
  if (view.failure) Object.assign(status, { reason: view.failure.reason, message: view.failure.message });
  return status;
}

/** kubelet's getPhase: Pending until every container ran, Succeeded or Failed when none will run again. */
export function podPhase(pod: Pod, view: PodView): string {
  if (view.failure) return 'Failed';
  if (initHasFailed(pod, view)) return 'Failed';
  if (!hasRun(view) && !isInitialized(pod, view)) return 'Pending';
  const { containers } = view;
  if (containers.some(({ state, lastState }) => state?.waiting && !lastState?.terminated)) return 'Pending';
  const sidecars = view.initContainers.filter(({ name }) => sidecarNames(pod).has(name));
  if ([...containers, ...sidecars].some(({ state }) => state?.running)) return 'Running';
  const ends = containers.flatMap(({ name, state, lastState }) => {
    const terminated = state?.terminated ?? lastState?.terminated;
    return terminated ? [{ name, code: terminated.exitCode }] : [];
  });
  const outcome = ends.every(({ code }) => code === 0) ? 'Succeeded' : 'Failed';
  if (view.isTerminal) return outcome;
  return ends.some(({ name, code }) => runsAgain(pod, pod.spec.containers, { name, code })) ? 'Running' : outcome;
}

function runsAgain(
  { spec }: Pod,
  containers: readonly Container[] | undefined,
  { name, code }: { name: string; code: number },
): boolean {
  const container = containers?.find((one) => one.name === name);
  return container === undefined || sequelOf(container, spec.restartPolicy ?? 'Always', code) !== 'end';
}

/** An init container that failed and is not tried again ends the Pod. */
function initHasFailed(pod: Pod, { initContainers }: PodView): boolean {
  return initContainers.some(({ name, state, lastState }) => {
    const code = (state?.terminated ?? (state?.waiting ? lastState?.terminated : undefined))?.exitCode ?? 0;
    if (code === 0 || sidecarNames(pod).has(name)) return false;
    return !runsAgain(pod, pod.spec.initContainers, { name, code });
  });
}

/** A Pod whose main containers have run does not go back to be initialized. */
const hasRun = ({ containers }: PodView): boolean =>
  containers.some(({ state, lastState }) => state?.running ?? state?.terminated ?? lastState?.terminated);

function isInitialized(pod: Pod, { initContainers }: PodView): boolean {
  const sidecars = sidecarNames(pod);
  return initContainers.every(({ name, started, state, lastState }) => {
    if (sidecars.has(name))
      return started === true || lastState?.terminated !== undefined || state?.terminated !== undefined;
    return state?.terminated?.exitCode === 0;
  });
}

interface Moment {
  phase: string;
  now: string;
}

function podConditions(pod: Pod, view: PodView, { phase, now }: Moment): PodCondition[] {
  const ended = phase === 'Succeeded' || phase === 'Failed';
  const initialized = initializedVerdict(pod, view, phase);
  const ready = readyVerdict(pod, view, phase);
  const gates = readinessGates(pod);
  const verdicts: [string, Verdict][] = [
    ['PodReadyToStartContainers', view.podIP && !ended ? yes : { status: 'False' }],
    ['Initialized', initialized],
    ['Ready', ready.status === 'True' && gates ? gates : ready],
    ['ContainersReady', ready],
    ['PodScheduled', yes],
  ];
  const observed = pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation };
  const resize = view.resize ? resizeConditions(view.resize, pod.metadata.generation) : [];
  const own = verdicts.map(([type, verdict]) => ({ type, ...observed, ...verdict }));
  return [...disruption(view, observed), ...resize, ...own].map((condition) => ({
    ...condition,
    lastTransitionTime: transitionTime(pod, condition.type, condition.status) ?? now,
  }));
}

function disruption({ failure }: PodView, observed: { observedGeneration?: number }) {
  if (!failure?.isDisruption) return [];
  const { message } = failure;
  return [{ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message, ...observed }];
}

interface Verdict {
  status: 'True' | 'False';
  reason?: string;
  message?: string;
}

const yes: Verdict = { status: 'True' };

function initializedVerdict(pod: Pod, view: PodView, phase: string): Verdict {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  if (hasRun(view) || isInitialized(pod, view)) return yes;
  const sidecars = sidecarNames(pod);
  const names = view.initContainers
    .filter(({ name, state, started }) => (sidecars.has(name) ? !started : state?.terminated?.exitCode !== 0))
    .map(({ name }) => name);
  return {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${names.join(' ')}]`,
  };
}

function readyVerdict(pod: Pod, { initContainers, containers }: PodView, phase: string): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const sidecars = initContainers.filter(({ name }) => sidecarNames(pod).has(name));
  const inOrder = pod.spec.containers.flatMap(({ name }) => containers.find((one) => one.name === name) ?? []);
  const unready = [...sidecars, ...inOrder].filter(({ ready }) => !ready).map(({ name }) => name);
  if (unready.length === 0) return yes;
  const message = `containers with unready status: [${unready.join(' ')}]`;
  return { status: 'False', reason: 'ContainersNotReady', message };
}

function readinessGates(pod: Pod): Verdict | undefined {
  const messages = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const status = pod.status?.conditions?.find(({ type }) => type === conditionType)?.status;
    if (status === 'True') return [];
    if (status === undefined)
      return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return [`the status of pod readiness gate "${conditionType}" is not "True", but ${status}`];
  });
  if (messages.length === 0) return undefined;
  return { status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}

const transitionTime = (pod: Pod, type: string, status: string): string | undefined =>
  pod.status?.conditions?.find((condition) => condition.type === type && condition.status === status)
    ?.lastTransitionTime;

/** Init containers that keep running beside the others. */
export function sidecarNames(pod: Pod): Set<string> {
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return new Set(sidecars.map(({ name }) => name));
}

const byName = (left: ContainerStatus, right: ContainerStatus): number => (left.name < right.name ? -1 : 1);
