import { Pods } from '#common/kube/resources';
import type { Pod } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { takeOver } from '../doors';
import { forbiddenField, type FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain } from '../names';
import { defineStrategy, gathered } from '../strategy';
import { checkPodAnnotations, checkProfileAnnotations, MIRROR } from './pod-annotation-rules';
import { checkAnnotationChange, checkPodChange } from './pod-changes';
import { goDiff } from './go-form';
import { prepareNewPod, profileWarnings } from './pod-draft';
import { checkResize, isResizable, prepareResize } from './pod-resize-rules';
import { checkPodBody } from './pod-rules';
import { checkPodStatus, podStatusWarnings } from './pod-status-rules';
import { hostnameWarnings, podWarnings } from './pod-warnings';

export const podStrategy = defineStrategy<Pod>({
  resource: Pods,
  prepareForCreate: prepareNewPod,
  checks: {
    create({ metadata, spec }, into) {
      checkMetadata(metadata, dnsSubdomain, into);
      checkPodBody(metadata, spec, into);
      if (spec.ephemeralContainers?.length)
        into.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'));
      if (spec.nodeName && spec.schedulingGates?.length)
        into.push(forbiddenField('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
      checkProfileAnnotations(metadata.annotations, spec, 'spec', into);
    },
    update(next, current, into) {
      checkBody(next, current, into);
      checkAnnotationChange(next, current, into);
      checkPodAnnotations(next.metadata.annotations, next.spec, 'metadata.annotations', into);
      checkPodChange(next.spec, current.spec, into);
    },
  },

  update: {
    prepare(next, current) {
      if (sameValue(next.spec, current.spec)) next.spec = current.spec;
    },
    warnings: () => [],
  },

  subresources: {
    status: {
      takesMetadata: true,
      prepare: prepareStatus,
      validate: gathered((next, current, into) => {
        checkAnnotationChange(next, current, into);
        checkPodAnnotations(next.metadata.annotations, next.spec, 'metadata.annotations', into);
        checkPodStatus(next, current, into);
      }),
      warnings: ({ status }) => podStatusWarnings(status ?? {}),
    },
    binding: { keepsGeneration: true },
    ephemeralcontainers: {
      prepare(next, current) {
        const added = next.spec.ephemeralContainers;
        next.spec = { ...current.spec };
        if (added) next.spec.ephemeralContainers = added;
        else delete next.spec.ephemeralContainers;
        takeOver(next, current, 'status');
      },
      validate: gathered(checkDebugging),
      warnings: () => [],
    },
    resize: {
      prepare(next, current) {
        prepareResize(next, current);
        takeOver(next, current, 'status');
      },
      validate: gathered((next, current, into) => {
        checkBody(next, current, into);
        if (isResizable(current, into)) checkResize(next, current, into);
      }),
      warnings: () => [],
    },
  },

  graceSeconds({ spec, status }, asked) {
    const isIdle = !spec.nodeName || status?.phase === 'Failed' || status?.phase === 'Succeeded';
    if (isIdle) return 0;
    const seconds = asked ?? spec.terminationGracePeriodSeconds ?? 0;
    return seconds < 0 ? 1 : seconds;
  },

  warnings: (pod) => [
    ...profileWarnings(pod),
    ...hostnameWarnings(pod.metadata.name, "the Pod's hostname"),
    ...podWarnings(pod.spec, pod.metadata.annotations, '', false),
  ],

  selectableFields: ({ spec, status }) => ({
    'spec.nodeName': spec.nodeName ?? '',
    'spec.restartPolicy': spec.restartPolicy ?? '',
    'spec.schedulerName': spec.schedulerName ?? '',
    'spec.serviceAccountName': spec.serviceAccountName ?? '',
    'spec.hostNetwork': String(spec.hostNetwork ?? false),
    'status.phase': status?.phase ?? '',
    'status.podIP': status?.podIPs?.[0]?.ip ?? status?.podIP ?? '',
    'status.nominatedNodeName': status?.nominatedNodeName ?? '',
  }),
});

function checkBody(next: Pod, current: Pod, into: FieldError[]): void {
  checkMetadataUpdate(next.metadata, current.metadata, into);
  checkMetadata(next.metadata, dnsSubdomain, into);
  // What is stored has been checked, and most updates come from kubelets and leave it as it is.
  if (next.spec !== current.spec) checkPodBody(next.metadata, next.spec, into);
  else checkPodAnnotations(next.metadata.annotations, next.spec, 'metadata.annotations', into);
}

/** The class is decided when the Pod is made; what generation was seen is not forgotten. */
function prepareStatus(next: Pod, current: Readonly<Pod>): void {
  takeOver(next.metadata, current.metadata, 'ownerReferences');
  const { qosClass, observedGeneration } = current.status ?? {};
  const status = { ...next.status };
  if (!status.qosClass && qosClass) status.qosClass = qosClass;
  if (!status.observedGeneration && observedGeneration) status.observedGeneration = observedGeneration;
  const before = current.status?.conditions;
  if (status.conditions && before?.some((one) => one.observedGeneration))
    status.conditions = status.conditions.map((condition) => {
      const seen = before.find(({ type }) => type === condition.type)?.observedGeneration;
      return condition.observedGeneration || !seen ? condition : { ...condition, observedGeneration: seen };
    });
  next.status = status;
}

function checkDebugging(next: Pod, current: Readonly<Pod>, into: FieldError[]): void {
  checkBody(next, current, into);
  if (current.metadata.annotations?.[MIRROR] !== undefined) {
    into.splice(0, into.length, forbiddenField('', 'static pods do not support ephemeral containers'));
    return;
  }
  const after = next.spec.ephemeralContainers ?? [];
  for (const container of current.spec.ephemeralContainers ?? []) {
    const kept = after.find(({ name }) => name === container.name);
    const field = 'spec.ephemeralContainers';
    const said = `existing ephemeral containers "${container.name}" may not be`;
    if (!kept) into.push(forbiddenField(field, `${said} removed\n`));
    else if (!sameValue(kept, container))
      into.push(forbiddenField(field, `${said} changed\n${goDiff(container, kept, 'EphemeralContainer')}`));
  }
}
