import { ControllerRevisions, PersistentVolumeClaims, Pods, StatefulSets } from '#common/kube/resources';
import { isAlreadyExists } from '#common/kube/status-error';
import type {
  ControllerRevision,
  PersistentVolumeClaim,
  Pod,
  PodTemplateSpec,
  StatefulSet,
  StatefulSetStatus,
} from '#common/kube/types';
import type { Draft } from '#main/client/client';
import { again, defineController, settled, type ReconcileContext } from '../runtime/define-controller';
import { claim, controllerReference, ignoreGone, refOf } from '../runtime/ownership';
import { sameStatus } from '../runtime/same-json';
import { currentRevision, planRevisionCleanup, removeRevisions, REVISION_LABEL } from './controller-revisions';
import { isReady, podOf, untilAvailable } from './pod-facts';
import { ordinalOf, ordinalRange, planStatefulSet, revisionOfPod, type StatefulStep } from './statefulset-plan';

/** Keeps Pods with names, numbers and claims of their own, in order. */
export const statefulSetController = defineController({
  name: 'statefulset',
  reconciles: StatefulSets,
  owns: [Pods, ControllerRevisions],

  async reconcile(key, context) {
    const set = context.cache.get(StatefulSets, key);
    if (!set) return settled;
    const { selector } = set.spec;
    const pods = await claim({ owner: set, ownerResource: StatefulSets, selector, resource: Pods }, context);
    const { update, all } = await currentRevision(set, StatefulSets, context);
    const current = all.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update;
    const nowMs = context.clock.now();
    const names = { currentRevision: current.metadata.name, updateRevision: update.metadata.name };
    const steps = planStatefulSet({ set, pods, ...names, nowMs });
    for (const step of steps) await perform(step, { set, revisions: all }, context);
    await writeStatus(set, statusOf(set, pods, { ...names, nowMs }), context);
    const inUse = new Set([...Object.values(names), ...pods.map(revisionOfPod)]);
    await removeRevisions(planRevisionCleanup(set, all, inUse), context);
    const waits = steps.flatMap((step) => (step.step === 'wait' ? (step.againAfterMs ?? []) : []));
    return waits.length > 0 ? again(Math.min(...waits)) : settled;
  },
});

interface Ground {
  set: StatefulSet;
  revisions: readonly ControllerRevision[];
}

async function perform(step: StatefulStep, ground: Ground, context: ReconcileContext): Promise<void> {
  if (step.step === 'create') await createPod(step, ground, context);
  else if (step.step === 'delete') await deletePod(ground.set, step.pod, context);
}

async function createPod(
  { ordinal, revision }: Extract<StatefulStep, { step: 'create' }>,
  { set, revisions }: Ground,
  context: ReconcileContext,
): Promise<void> {
  const { client, record, signal } = context;
  const name = `${set.metadata.name}-${ordinal}`;
  await createClaims(set, name, context);
  const template = templateOf(revisions.find(({ metadata }) => metadata.name === revision)) ?? set.spec.template;
  try {
    await client.create(Pods, podFrom(set, template, { ordinal, revision }), { signal });
    const message = `create Pod ${name} in StatefulSet ${set.metadata.name} successful`;
    record(set, { type: 'Normal', reason: 'SuccessfulCreate', message });
  } catch (failure) {
    if (!isAlreadyExists(failure)) {
      const text = failure instanceof Error ? failure.message : String(failure);
      const message = `create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${text}`;
      record(set, { type: 'Warning', reason: 'FailedCreate', message });
    }
    throw failure;
  }
}

async function deletePod(set: StatefulSet, pod: Pod, { client, record, signal }: ReconcileContext): Promise<void> {
  await ignoreGone(client.remove(Pods, refOf(pod), { preconditions: { uid: pod.metadata.uid }, signal }));
  const message = `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`;
  record(set, { type: 'Normal', reason: 'SuccessfulDelete', message });
}

/** Claims outlive their Pod: the next one of that number finds its data again. */
async function createClaims(
  set: StatefulSet,
  pod: string,
  { client, record, signal }: ReconcileContext,
): Promise<void> {
  for (const template of set.spec.volumeClaimTemplates ?? []) {
    const draft = claimFrom(set, template, pod);
    try {
      await client.create(PersistentVolumeClaims, draft, { signal });
      const message = `create Claim ${draft.metadata.name} Pod ${pod} in StatefulSet ${set.metadata.name} success`;
      record(set, { type: 'Normal', reason: 'SuccessfulCreate', message });
    } catch (failure) {
      if (!isAlreadyExists(failure)) throw failure;
    }
  }
}

function claimFrom(
  set: StatefulSet,
  { metadata, spec }: PersistentVolumeClaim,
  pod: string,
): Draft<PersistentVolumeClaim> {
  const { namespace } = set.metadata;
  return {
    metadata: {
      name: `${metadata.name}-${pod}`,
      ...(namespace ? { namespace } : {}),
      labels: { ...metadata.labels, ...set.spec.selector.matchLabels },
      ...(metadata.annotations ? { annotations: metadata.annotations } : {}),
    },
    spec,
  };
}

function templateOf(revision: ControllerRevision | undefined): PodTemplateSpec | undefined {
  const spec = revision?.data?.['spec'] as { template?: PodTemplateSpec & { $patch?: string } } | undefined;
  if (!spec?.template) return undefined;
  const { $patch: _, ...template } = spec.template;
  return template;
}

function podFrom(
  set: StatefulSet,
  template: PodTemplateSpec,
  { ordinal, revision }: { ordinal: number; revision: string },
): Draft<Pod> {
  const { metadata, spec } = podOf(template);
  const name = `${set.metadata.name}-${ordinal}`;
  const { namespace } = set.metadata;
  const claims = (set.spec.volumeClaimTemplates ?? []).map((claim) => ({
    name: claim.metadata.name,
    persistentVolumeClaim: { claimName: `${claim.metadata.name}-${name}` },
  }));
  const own = new Set(claims.map((volume) => volume.name));
  const volumes = [...claims, ...(spec.volumes ?? []).filter((volume) => !own.has(volume.name))];
  return {
    metadata: {
      ...metadata,
      name,
      ...(namespace ? { namespace } : {}),
      labels: {
        ...metadata.labels,
        'apps.kubernetes.io/pod-index': String(ordinal),
        [REVISION_LABEL]: revision,
        'statefulset.kubernetes.io/pod-name': name,
      },
      ownerReferences: [controllerReference(StatefulSets, set)],
    },
    spec: {
      ...spec,
      hostname: name,
      ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}),
      ...(volumes.length > 0 ? { volumes } : {}),
    },
  };
}

interface StatusGround {
  currentRevision: string;
  updateRevision: string;
  nowMs: number;
}

export function statusOf(set: StatefulSet, pods: readonly Pod[], { nowMs, ...names }: StatusGround): StatefulSetStatus {
  const { first, end } = ordinalRange(set);
  const members = pods.filter((pod) => ordinalOf(set, pod) !== undefined);
  const live = members.filter(({ metadata }) => !metadata.deletionTimestamp);
  const withRevision = (revision: string) => live.filter((pod) => revisionOfPod(pod) === revision).length;
  const ready = members.filter(isReady);
  const updated = withRevision(names.updateRevision);
  const isComplete = updated === end - first && live.length === updated && ready.length === updated;
  const current = isComplete ? names.updateRevision : names.currentRevision;
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: members.length,
    readyReplicas: ready.length,
    availableReplicas: members.filter((pod) => untilAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs) === 0).length,
    currentReplicas: withRevision(current),
    updatedReplicas: updated,
    currentRevision: current,
    updateRevision: names.updateRevision,
    collisionCount: set.status?.collisionCount ?? 0,
  };
}

async function writeStatus(
  set: StatefulSet,
  status: StatefulSetStatus,
  { client, signal }: ReconcileContext,
): Promise<void> {
  if (sameStatus(set.status, status)) return;
  await ignoreGone(client.updateStatus(StatefulSets, { ...set, status }, { signal }));
}
