import { Pods } from '#common/kube/resources';
import type { Pod } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { takeOver } from '../doors';
import { forbiddenField, invalidValue, must, type FieldError } from '../field-errors';
import { defineStrategy } from '../strategy';
import { mergeLabelKeys } from './pod-label-keys';
import { validatePodSpec } from './pod-rules';
import { qosClassOf } from './pod-qos';

export const podStrategy = defineStrategy<Pod>({
  resource: Pods,

  prepareForCreate(draft) {
    draft.status = { phase: 'Pending', qosClass: qosClassOf(draft.spec) };
    if (draft.spec.schedulingGates?.length) draft.status.conditions = [gatedCondition];
    mergeLabelKeys(draft);
  },
  validate: ({ spec }) => validatePodSpec(spec, 'spec'),

  update: {
    prepare(next, current) {
      if (sameValue(next.spec, current.spec)) next.spec = current.spec;
    },
    validate: (next, current) => updateErrors(next, current),
  },

  subresources: {
    status: {
      takesMetadata: true,
      prepare(next, current) {
        takeOver(next.metadata, current.metadata, 'ownerReferences');
        // The class is decided when the Pod is made.
        next.status = { ...next.status, ...(current.status?.qosClass ? { qosClass: current.status.qosClass } : {}) };
      },
      validate: (next, current) => nodeErrors(next, current),
    },
    binding: { keepsGeneration: true },
    ephemeralcontainers: {
      prepare(next, current) {
        const added = next.spec.ephemeralContainers;
        next.spec = { ...current.spec, ...(added ? { ephemeralContainers: added } : {}) };
        takeOver(next, current, 'status');
      },
      validate: (next, current) => [...validatePodSpec(next.spec, 'spec'), ...ephemeralErrors(next, current)],
    },
    resize: {
      prepare(next, current) {
        const resources = new Map(next.spec.containers.map((one) => [one.name, one.resources]));
        const containers = current.spec.containers.map((one) => ({ ...one, resources: resources.get(one.name) ?? {} }));
        next.spec = { ...current.spec, containers };
        takeOver(next, current, 'status');
      },
      validate: (next) => validatePodSpec(next.spec, 'spec'),
    },
  },

  graceSeconds({ spec, status }, asked) {
    const isIdle = !spec.nodeName || status?.phase === 'Failed' || status?.phase === 'Succeeded';
    if (isIdle) return 0;
    const seconds = asked ?? spec.terminationGracePeriodSeconds ?? 0;
    return seconds < 0 ? 1 : seconds;
  },

  selectableFields: ({ spec, status }) => ({
    'spec.nodeName': spec.nodeName ?? '',
    'spec.restartPolicy': spec.restartPolicy ?? '',
    'spec.schedulerName': spec.schedulerName ?? '',
    'spec.serviceAccountName': spec.serviceAccountName ?? '',
    'spec.hostNetwork': String(spec.hostNetwork ?? false),
    'status.phase': status?.phase ?? '',
    'status.podIP': status?.podIP ?? '',
    'status.nominatedNodeName': status?.nominatedNodeName ?? '',
  }),
});

const gatedCondition = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
};

const ONLY_CHANGEABLE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n';

function updateErrors(next: Pod, current: Pod): FieldError[] {
  if (next.spec === current.spec) return [];
  const allowed = sameValue(comparable(next, current), comparable(current, current));
  return [
    ...must(allowed, () => forbiddenField('spec', ONLY_CHANGEABLE)),
    ...must(keepsTolerations(next, current), () =>
      forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'),
    ),
    ...must(next.spec.containers.length === current.spec.containers.length, () =>
      forbiddenField('spec.containers', 'pod updates may not add or remove containers'),
    ),
  ];
}

/** A Pod's spec without what an update may change. */
function comparable({ spec }: Pod, current: Pod): object {
  const { activeDeadlineSeconds: _deadline, tolerations: _tolerations, terminationGracePeriodSeconds, ...rest } = spec;
  const isGated = (current.spec.schedulingGates?.length ?? 0) > 0;
  const images = <T extends { image?: string }>(containers: T[] | undefined) =>
    containers?.map(({ image: _image, ...container }) => container);
  const grace = terminationGracePeriodSeconds === 1 ? undefined : terminationGracePeriodSeconds;
  return {
    ...rest,
    ...(isGated ? { schedulingGates: [], nodeSelector: {}, affinity: {} } : {}),
    grace: (current.spec.terminationGracePeriodSeconds ?? 0) < 0 ? grace : terminationGracePeriodSeconds,
    containers: images(spec.containers),
    initContainers: images(spec.initContainers),
  };
}

function keepsTolerations(next: Pod, current: Pod): boolean {
  const without = (toleration: object) => ({ ...toleration, tolerationSeconds: undefined });
  const offered = (next.spec.tolerations ?? []).map(without);
  return (current.spec.tolerations ?? []).every((one) => offered.some((other) => sameValue(other, without(one))));
}

function nodeErrors(next: Pod, current: Pod): FieldError[] {
  return must(next.spec.nodeName === current.spec.nodeName, () =>
    forbiddenField('status.nodeName', 'may not be changed directly'),
  );
}

function ephemeralErrors(next: Pod, current: Pod): FieldError[] {
  const before = current.spec.ephemeralContainers ?? [];
  const after = next.spec.ephemeralContainers ?? [];
  return before.flatMap((container) => {
    const kept = after.find(({ name }) => name === container.name);
    const path = 'spec.ephemeralContainers';
    if (!kept) return [forbiddenField(path, `existing ephemeral containers "${container.name}" may not be removed\n`)];
    return must(sameValue(kept, container), () =>
      forbiddenField(path, `existing ephemeral containers "${container.name}" may not be changed\n`),
    );
  });
}

/** A Pod template with the rules of its owner: only Pods that restart for ever. */
export function validatePodTemplate(template: { spec?: Pod['spec'] } | undefined, path: string): FieldError[] {
  const spec = template?.spec;
  if (!spec) return [];
  return [
    ...validatePodSpec(spec, `${path}.spec`),
    ...must(spec.activeDeadlineSeconds === undefined, () =>
      forbiddenField(`${path}.spec.activeDeadlineSeconds`, 'activeDeadlineSeconds in ReplicaSet is not Supported'),
    ),
    ...must((spec.ephemeralContainers?.length ?? 0) === 0, () =>
      invalidValue(
        `${path}.spec.ephemeralContainers`,
        spec.ephemeralContainers,
        'ephemeral containers not allowed in pod template',
      ),
    ),
  ];
}
