import { StatefulSets } from '#common/kube/resources';
import type { PodTemplateSpec, StatefulSet, StatefulSetSpec, Volume } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { checkClaimSpec, claimWarnings } from '../core/claim-rules';
import { checkPodAnnotations } from '../core/pod-annotation-rules';
import { checkLastingPods, checkPodTemplate } from '../core/pod-rules';
import { templateWarnings } from '../core/pod-warnings';
import { forbiddenField, invalidValue, notSupported, required, type FieldError } from '../field-errors';
import { checkAnnotations, checkLabels, checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsLabel } from '../names';
import { defineStrategy, gathered } from '../strategy';
import { checkName, checkNotNegative } from '../value-rules';
import {
  checkAtMostReplicas,
  checkAvailable,
  checkCollisions,
  checkCounts,
  checkReadable,
  checkSelected,
  checkWorkloadSelector,
} from './workload-rules';

export const statefulSetStrategy = defineStrategy<StatefulSet>({
  resource: StatefulSets,
  names: dnsLabel,
  prepareForCreate: dropDisabled,
  checks: {
    create({ metadata, spec }, into) {
      checkMetadata(metadata, dnsLabel, into);
      checkSpec(spec, true, into);
    },
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkSpec(next.spec, false, into);
      if (!sameValue(fixedPart(next.spec), fixedPart(current.spec))) into.push(forbiddenField('spec', ONLY_CHANGEABLE));
    },
  },
  update: { prepare: dropDisabled },
  subresources: {
    status: {
      validate: gathered(({ status }, current, into) => {
        const counted = status ?? { replicas: 0 };
        checkCounts(counted, COUNTS, into);
        checkAtMostReplicas(counted, LIMITED, into);
        checkAvailable(counted, 'status.readyReplicas', into);
        checkCollisions(status, current.status, into);
      }),
    },
  },
  warnings({ metadata, spec }, before) {
    const isChanged = before?.metadata.generation !== metadata.generation;
    return [
      ...(isChanged ? templateWarnings(spec.template, 'spec.template') : []),
      ...(spec.volumeClaimTemplates ?? []).flatMap((claim, at) =>
        claimWarnings(claim.spec, `spec.volumeClaimTemplates[${at}]${before ? '.Spec' : ''}`),
      ),
      ...((spec.revisionHistoryLimit ?? 0) < 0
        ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended']
        : []),
    ];
  },
});

const ONLY_CHANGEABLE =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
const LIMITED = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'] as const;
const COUNTS = ['replicas', ...LIMITED, 'observedGeneration', 'collisionCount'] as const;

/** `maxUnavailable` is behind a gate that is closed in this release. */
function dropDisabled({ spec }: StatefulSet): void {
  const rolling = spec.updateStrategy?.rollingUpdate;
  if (rolling?.maxUnavailable === undefined) return;
  const { maxUnavailable: _disabled, ...rollingUpdate } = rolling;
  spec.updateStrategy = { ...spec.updateStrategy, rollingUpdate };
}

const MANAGEMENT = ['OrderedReady', 'Parallel'];
const RETENTION = ['Retain', 'Delete'];

function checkSpec(spec: StatefulSetSpec, isNew: boolean, into: FieldError[]): void {
  const { podManagementPolicy: policy, selector, template } = spec;
  if (!policy) into.push(required('spec.podManagementPolicy'));
  else if (!MANAGEMENT.includes(policy))
    into.push(invalidValue('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"));
  checkStrategy(spec, into);
  const { persistentVolumeClaimRetentionPolicy: retention } = spec;
  for (const when of ['whenDeleted', 'whenScaled'] as const)
    if (retention && !RETENTION.includes(retention[when] ?? ''))
      into.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${when}`, retention[when] ?? '', RETENTION));
  if (isNew)
    for (const [at, claim] of (spec.volumeClaimTemplates ?? []).entries())
      checkClaimSpec(claim.spec ?? {}, `spec.volumeClaimTemplates[${at}].spec`, into);
  checkNotNegative(spec.replicas, 'spec.replicas', into);
  checkNotNegative(spec.minReadySeconds, 'spec.minReadySeconds', into);
  checkNotNegative(spec.ordinals?.start, 'spec.ordinals.start', into);
  if (isNew && spec.serviceName) checkName(spec.serviceName, dnsLabel, 'spec.serviceName', into);
  checkWorkloadSelector(selector, 'statefulset', into);
  if (checkReadable(selector, '', into)) checkTemplate(spec, into);
  checkLastingPods(template, 'StatefulSet', 'spec.template', into);
}

function checkStrategy({ updateStrategy = {} }: StatefulSetSpec, into: FieldError[]): void {
  const { type, rollingUpdate } = updateStrategy;
  const path = 'spec.updateStrategy';
  const written = rollingUpdate
    ? { Partition: rollingUpdate.partition ?? 0, MaxUnavailable: rollingUpdate.maxUnavailable ?? null }
    : null;
  if (!type) into.push(required(path));
  else if (type === 'RollingUpdate')
    checkNotNegative(rollingUpdate?.partition, `${path}.rollingUpdate.partition`, into);
  else if (type !== 'OnDelete')
    into.push(invalidValue(path, { Type: type, RollingUpdate: written }, "must be 'RollingUpdate' or 'OnDelete'"));
  else if (rollingUpdate)
    into.push(invalidValue(`${path}.rollingUpdate`, written, "only allowed for updateStrategy 'RollingUpdate'"));
}

function checkTemplate(spec: StatefulSetSpec, into: FieldError[]): void {
  const path = 'spec.template';
  const template = asMade(spec);
  checkSelected(spec.selector, template, path, into);
  checkPodTemplate(template, path, into);
  const { labels, annotations } = template.metadata ?? {};
  checkLabels(labels, `${path}.labels`, into);
  checkAnnotations(annotations, `${path}.annotations`, into);
  if (template.spec) checkPodAnnotations(annotations, template.spec, `${path}.annotations`, into);
}

/** The Pods will have names of their own, and a volume for each claim template. */
function asMade({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  if (!template?.spec) return template ?? {};
  const { hostname: _hostname, subdomain: _subdomain, ...spec } = template.spec;
  if (volumeClaimTemplates.length === 0) return { ...template, spec };
  const names = volumeClaimTemplates.map(({ metadata }) => metadata.name);
  const others = (spec.volumes ?? []).filter(({ name }) => !names.includes(name));
  const claimed = names.map((name): Volume => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...template, spec: { ...spec, volumes: [...claimed, ...others] } };
}

function fixedPart({ selector, serviceName, podManagementPolicy, volumeClaimTemplates }: StatefulSetSpec): object {
  const claims = volumeClaimTemplates?.map(({ metadata, spec }) => ({ name: metadata.name, spec }));
  return { selector, serviceName, podManagementPolicy, claims };
}
