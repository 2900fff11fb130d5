import type { ContainerStatus, Pod, PodCondition, PodStatus } from '#common/kube/types';

/** What a kubelet knows of a Pod it runs. */
export interface PodView {
  hostIP: string;
  podIP: string | undefined;
  startTime: string;
  initContainers: readonly ContainerStatus[];
  containers: readonly ContainerStatus[];
  ephemeralContainers?: readonly ContainerStatus[];
  /** Set when the whole Pod ended for a reason of its own (deadline, eviction). */
  failure?: { reason: string; message: string };
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
  if (view.failure) Object.assign(status, view.failure);
  return status;
}

/** kubelet's getPhase: Pending until every container ran, Succeeded or Failed when none will run again. */
export function podPhase(pod: Pod, view: PodView): string {
  if (view.failure) return 'Failed';
  const policy = pod.spec.restartPolicy ?? 'Always';
  const endedInit = view.initContainers.find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  if (endedInit && policy === 'Never') return 'Failed';
  if (!isInitialized(pod, view)) return 'Pending';
  const { containers } = view;
  if (containers.some(({ state, lastState }) => state?.waiting && !lastState?.terminated)) return 'Pending';
  if (containers.some(({ state }) => state?.running || state?.waiting)) return 'Running';
  const codes = containers.map(({ state }) => state?.terminated?.exitCode ?? 0);
  if (policy === 'Always' && !pod.metadata.deletionTimestamp) return 'Running';
  if (codes.every((code) => code === 0)) return 'Succeeded';
  return policy === 'Never' || pod.metadata.deletionTimestamp ? 'Failed' : 'Running';
}

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
  const ready = readyVerdict(view, phase);
  const gates = readinessGates(pod);
  const verdicts: [string, Verdict][] = [
    ['PodReadyToStartContainers', view.podIP && !ended ? yes : { status: 'False' }],
    ['Initialized', initialized],
    ['Ready', ready.status === 'True' && gates ? gates : ready],
    ['ContainersReady', ready],
    ['PodScheduled', yes],
  ];
  const observed = pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation };
  return verdicts.map(([type, verdict]) => ({
    type,
    ...observed,
    ...verdict,
    lastTransitionTime: transitionTime(pod, type, verdict.status) ?? now,
  }));
}

interface Verdict {
  status: 'True' | 'False';
  reason?: string;
  message?: string;
}

const yes: Verdict = { status: 'True' };

function initializedVerdict(pod: Pod, view: PodView, phase: string): Verdict {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  if (isInitialized(pod, view)) return yes;
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

function readyVerdict({ containers }: PodView, phase: string): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const unready = containers.filter(({ ready }) => !ready).map(({ name }) => name);
  if (unready.length === 0) return yes;
  const message = `containers with unready status: [${unready.join(' ')}]`;
  return { status: 'False', reason: 'ContainersNotReady', message };
}

function readinessGates(pod: Pod): Verdict | undefined {
  const missing = (pod.spec.readinessGates ?? []).filter(({ conditionType }) => {
    return pod.status?.conditions?.find(({ type }) => type === conditionType)?.status !== 'True';
  });
  const [first] = missing;
  if (!first) return undefined;
  const message = `corresponding condition of pod readiness gate "${first.conditionType}" does not exist.`;
  return { status: 'False', reason: 'ReadinessGatesNotReady', message };
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
