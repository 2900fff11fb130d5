/** What the server adds to a new Pod of its own accord. */
import { timestamp } from '#common/base/clock';
import type { Container, Pod } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import type { WriteContext } from '../strategy';
import { APP_ARMOR } from './pod-annotation-rules';
import { mergeLabelKeys } from './pod-label-keys';
import { USE_APP_ARMOR } from './pod-warnings';
import { qosClassOf } from './pod-qos';

const GATED = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
};

export function prepareNewPod(draft: Pod, { clock }: Pick<WriteContext, 'clock'>): void {
  draft.status = { phase: 'Pending', qosClass: qosClassOf(draft.spec) };
  if (draft.spec.schedulingGates?.length)
    draft.status.conditions = [{ ...GATED, lastProbeTime: null as never, lastTransitionTime: timestamp(clock) }];
  dropClosed(draft);
  mergeLabelKeys(draft);
  if (draft.metadata.annotations) copyProfiles(draft);
}

/** Fields that are not open to anybody yet. */
export function dropClosed({ spec }: Pod): void {
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    if (container.lifecycle?.stopSignal === undefined) continue;
    const { stopSignal: _signal, ...hooks } = container.lifecycle;
    if (Object.keys(hooks).length > 0) container.lifecycle = hooks;
    else delete container.lifecycle;
  }
}

const warned = new WeakMap<Pod, string[]>();

/** Of annotations that became fields. */
export const profileWarnings = (pod: Pod): readonly string[] => warned.get(pod) ?? [];

/** What annotations still say of AppArmor becomes a field. */
function copyProfiles(pod: Pod): void {
  const { annotations = {} } = pod.metadata;
  const { spec } = pod;
  if (spec.os?.name === 'windows') return;
  const ofPod = spec.securityContext?.appArmorProfile;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])] as Container[]) {
    const said = annotations[APP_ARMOR + container.name];
    if (said === undefined || container.securityContext?.appArmorProfile) continue;
    const profile = profileOf(said);
    if (profile && sameValue(profile, ofPod)) continue;
    const key = `metadata.annotations[${APP_ARMOR}${container.name}]`;
    warned.set(pod, [...profileWarnings(pod), `${key}: ${USE_APP_ARMOR}`]);
    if (profile) container.securityContext = { ...container.securityContext, appArmorProfile: profile };
  }
}

function profileOf(text: string): { type: string; localhostProfile?: string } | undefined {
  if (text === 'unconfined') return { type: 'Unconfined' };
  if (text === 'runtime/default') return { type: 'RuntimeDefault' };
  const name = text.startsWith('localhost/') ? text.slice('localhost/'.length) : '';
  return name && name.trim() === name && name.length <= 4095
    ? { type: 'Localhost', localhostProfile: name }
    : undefined;
}
