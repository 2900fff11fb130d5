import { Deployments } from '#common/kube/resources';
import type { DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import { checkLastingPods, checkPodTemplate } from '../core/pod-rules';
import { hostnameWarnings, templateWarnings } from '../core/pod-warnings';
import { forbiddenField, invalidValue, notSupported, type FieldError } from '../field-errors';
import { checkMetadata, checkMetadataUpdate } from '../metadata-rules';
import { dnsSubdomain } from '../names';
import { bumpGeneration } from '../object-state';
import { defineStrategy, gathered } from '../strategy';
import { amountOf, checkAtMostAll, checkIntOrPercent, checkNotNegative, checkUnchanged } from '../value-rules';
import {
  checkAtMostReplicas,
  checkAvailable,
  checkCollisions,
  checkCounts,
  checkReadable,
  checkSelected,
  checkWorkloadSelector,
} from './workload-rules';

export const deploymentStrategy = defineStrategy({
  resource: Deployments,
  checks: {
    create({ metadata, spec }, into) {
      checkMetadata(metadata, dnsSubdomain, into);
      checkSpec(spec, into);
    },
    update(next, current, into) {
      checkMetadataUpdate(next.metadata, current.metadata, into);
      checkSpec(next.spec, into);
      checkUnchanged(next.spec.selector, current.spec.selector, 'spec.selector', into);
    },
  },
  update: {
    /** Annotations count as a part of what is wanted. */
    prepare(next, current) {
      if (!sameValue(next.metadata.annotations, current.metadata.annotations) && sameValue(next.spec, current.spec))
        bumpGeneration(next);
    },
  },
  subresources: {
    status: {
      validate: gathered(({ status = {} }, current, into) => {
        checkCounts(status, COUNTS, into);
        checkAtMostReplicas(status, ['updatedReplicas', 'readyReplicas', 'availableReplicas'], into);
        checkAvailable(status, 'readyReplicas', into);
        checkCollisions(status, current.status, into);
      }),
    },
  },
  warnings({ metadata, spec }, before) {
    if (before?.metadata.generation === metadata.generation) return [];
    const names = before ? [] : hostnameWarnings(metadata.name, 'Pod names and hostnames');
    return [...names, ...templateWarnings(spec.template, 'spec.template')];
  },
});

const COUNTS = [
  'observedGeneration',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'terminatingReplicas',
  'collisionCount',
] as const;

function checkSpec(spec: DeploymentSpec, into: FieldError[]): void {
  checkNotNegative(spec.replicas, 'spec.replicas', into);
  checkWorkloadSelector(spec.selector, 'deployment', into);
  if (checkReadable(spec.selector, 'invalid label selector', into)) {
    checkSelected(spec.selector, spec.template, 'spec.template', into);
    checkPodTemplate(spec.template, 'spec.template', into);
    checkLastingPods(spec.template, 'ReplicaSet', 'spec.template', into);
  }
  checkStrategy(spec.strategy ?? {}, 'spec.strategy', into);
  checkNotNegative(spec.minReadySeconds, 'spec.minReadySeconds', into);
  checkNotNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit', into);
  const { progressDeadlineSeconds: deadline } = spec;
  if (deadline === undefined) return;
  checkNotNegative(deadline, 'spec.progressDeadlineSeconds', into);
  if (deadline <= (spec.minReadySeconds ?? 0))
    into.push(invalidValue('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'));
}

function checkStrategy({ type = '', rollingUpdate }: DeploymentStrategy, path: string, into: FieldError[]): void {
  if (type === 'Recreate') {
    if (rollingUpdate)
      into.push(forbiddenField(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'"));
  } else if (type === 'RollingUpdate') checkRolling(rollingUpdate ?? {}, `${path}.rollingUpdate`, into);
  else into.push(notSupported(path, writtenStrategy(type, rollingUpdate), ['Recreate', 'RollingUpdate']));
}

/** As the server writes its own form of the struct. */
function writtenStrategy(type: string, rolling: RollingUpdateDeployment | undefined): object {
  const { maxUnavailable = 0, maxSurge = 0 } = rolling ?? {};
  return { Type: type, RollingUpdate: rolling ? { MaxUnavailable: maxUnavailable, MaxSurge: maxSurge } : null };
}

function checkRolling({ maxUnavailable = 0, maxSurge = 0 }: RollingUpdateDeployment, path: string, into: FieldError[]) {
  checkIntOrPercent(maxUnavailable, `${path}.maxUnavailable`, into);
  checkIntOrPercent(maxSurge, `${path}.maxSurge`, into);
  if (amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0)
    into.push(invalidValue(`${path}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  checkAtMostAll(maxUnavailable, `${path}.maxUnavailable`, into);
}
