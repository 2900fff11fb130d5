import type { ContainerStateTerminated, ContainerStatus, Pod } from '../kube/types';
import { conditionOf, isTrue } from './conditions';
import { isUnschedulable, podSummary } from './pod-status';
import { speak } from './speak';
import type { End } from './words/en';
import { say, type Said } from './words/said';

/** What keeps a Pod from doing its work, in a few words; nothing while it does, or is on its way. */
export function podProblem(pod: Pod): string | null {
  const problem = problemOf(pod);
  return problem ? speak(problem) : null;
}

/** One sentence: what state the Pod is in and why. */
export function podSentence(pod: Pod): Said {
  if (pod.metadata.deletionTimestamp) return deletionSentence(pod);
  if (pod.status?.phase === 'Succeeded') return say('pod.succeeded');
  const { nodeName } = pod.spec;
  return problemOf(pod) ?? (nodeName ? progressSentence(pod, nodeName) : unscheduledSentence(pod));
}

function problemOf(pod: Pod): Said | undefined {
  if (isUnschedulable(pod)) {
    return say('pod.unschedulable', { message: conditionOf(pod, 'PodScheduled')?.message ?? '' });
  }
  const { phase, message = '' } = pod.status ?? {};
  const broken = brokenContainer(pod);
  if (phase === 'Failed' && (message || !broken)) return say('pod.failed', { message });
  return broken && containerProblem(broken);
}

function brokenContainer({ status }: Pod): ContainerStatus | undefined {
  return status?.initContainerStatuses?.find(isBroken) ?? status?.containerStatuses?.find(isBroken);
}

const startingReasons = new Set(['ContainerCreating', 'PodInitializing']);

function isBroken({ state, ready }: ContainerStatus): boolean {
  if (state?.waiting?.reason) return !startingReasons.has(state.waiting.reason);
  return !ready && state?.terminated !== undefined && state.terminated.exitCode !== 0;
}

function containerProblem({ name: container, state, lastState, restartCount }: ContainerStatus): Said {
  const { waiting, terminated } = state ?? {};
  if (waiting?.reason === 'CrashLoopBackOff') {
    const end = lastState?.terminated && endOf(lastState.terminated);
    return say('pod.crash-loop', { container, end, restarts: restartCount });
  }
  if (terminated && !waiting) return say('pod.ended', { container, end: endOf(terminated) });
  return say('pod.waiting', { container, reason: waiting?.reason ?? '', message: waiting?.message ?? '' });
}

/** Of a long last message, the last line tells most. */
function endOf({ exitCode, signal, reason, message }: ContainerStateTerminated): End {
  return { exitCode, signal, reason, message: message?.trim().split('\n').at(-1) };
}

function deletionSentence({ metadata }: Pod): Said {
  const { finalizers = [], deletionGracePeriodSeconds: graceSeconds } = metadata;
  if (finalizers.length > 0) return say('deleting-held', { finalizers });
  return graceSeconds ? say('pod.deleting', { graceSeconds }) : say('deleting');
}

function unscheduledSentence({ spec }: Pod): Said {
  const gates = (spec.schedulingGates ?? []).map(({ name }) => name);
  return gates.length > 0 ? say('pod.gated', { gates }) : say('pod.unscheduled');
}

function progressSentence(pod: Pod, node: string): Said {
  const { reason, ready, total } = podSummary(pod);
  const init = /^Init:(\d+)\/(\d+)$/.exec(reason);
  if (init) return say('pod.init', { index: Number(init[1]) + 1, total: Number(init[2]), node });
  if (ready === total && total > 0) return say('pod.ready', { total, node });
  if (reason === 'Running' || reason === 'NotReady') return notReadySentence(pod, ready, total);
  return say('pod.creating', { node });
}

function notReadySentence(pod: Pod, ready: number, total: number): Said {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const names = statuses.filter((status) => !status.ready && status.state?.running).map(({ name }) => name);
  const isGateClosed = isTrue(conditionOf(pod, 'ContainersReady')) && !isTrue(conditionOf(pod, 'Ready'));
  return names.length === 0 && isGateClosed ? say('pod.gate-closed') : say('pod.unready', { ready, total, names });
}
