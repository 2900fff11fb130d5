import { ReplicaSets } from '../kube/resources';
import type { Deployment } from '../kube/types';
import { conditionOf, isFalse, isTrue } from './conditions';
import { ageColumn, column, defineKind, nameColumn, namespaceColumn, type ObjectStatus } from './kind';
import { ownedBy, selectedPods, workloadColumns, workloadImages } from './workload';
import { say, type Said } from './words/said';
import { speak } from './speak';

export const deploymentKind = defineKind<Deployment>({
  group: 'apps',
  plural: 'deployments',
  columns: [
    nameColumn(),
    namespaceColumn(),
    column({
      id: 'status',
      header: 'Status',
      type: 'status',
      weight: 1.6,
      value: (deployment) => {
        const { word, tone } = deploymentStatus(deployment);
        return { text: word, tone, hint: speak(deploymentSentence(deployment)) };
      },
    }),
    column({
      id: 'ready',
      header: 'Ready',
      type: 'ratio',
      weight: 0.7,
      value: (deployment) => `${counts(deployment).ready}/${counts(deployment).wanted}`,
      order: (deployment) => counts(deployment).ready,
    }),
    column({ id: 'up-to-date', header: 'Up-to-date', type: 'number', value: (one) => counts(one).updated }),
    column({ id: 'available', header: 'Available', type: 'number', value: (one) => counts(one).available }),
    column({
      id: 'images',
      header: 'Images',
      type: 'mono',
      weight: 3,
      value: (deployment) => workloadImages(deployment).join(', ') || null,
    }),
    ageColumn(),
    ...workloadColumns<Deployment>().filter(({ id }) => id !== 'images'),
    column({ id: 'strategy', header: 'Strategy', wide: true, value: ({ spec }) => spec?.strategy?.type ?? null }),
  ],
  status: deploymentStatus,
  sentence: deploymentSentence,
  links: (deployment) => [ownedBy(deployment, ReplicaSets), selectedPods(deployment)],
  images: workloadImages,
});

function counts({ spec, status }: Deployment) {
  return {
    wanted: spec?.replicas ?? 1,
    total: status?.replicas ?? 0,
    ready: status?.readyReplicas ?? 0,
    updated: status?.updatedReplicas ?? 0,
    available: status?.availableReplicas ?? 0,
  };
}

/** True once the rollout is complete, as `kubectl rollout status` decides it. */
function isRolledOut(deployment: Deployment): boolean {
  const { wanted, total, updated, available } = counts(deployment);
  return !isBehind(deployment) && updated >= wanted && total <= updated && available >= updated;
}

function isBehind({ metadata, status }: Deployment): boolean {
  return (status?.observedGeneration ?? 0) < (metadata.generation ?? 0);
}

function deploymentStatus(deployment: Deployment): ObjectStatus {
  const { wanted, available } = counts(deployment);
  const progressing = conditionOf(deployment, 'Progressing');
  if (deployment.metadata.deletionTimestamp) return { word: 'Terminating', tone: 'busy' };
  if (isFalse(progressing)) return { word: 'Stalled', tone: 'bad' };
  if (isTrue(conditionOf(deployment, 'ReplicaFailure'))) return { word: 'Pods refused', tone: 'bad' };
  if (isRolledOut(deployment))
    return wanted === 0 ? { word: 'Scaled to zero', tone: 'done' } : { word: 'Available', tone: 'ok' };
  if (deployment.spec?.paused) return { word: 'Paused', tone: 'warn' };
  if (progressing?.reason === 'NewReplicaSetAvailable' && !isBehind(deployment)) {
    return available === 0 && wanted > 0 ? { word: 'Unavailable', tone: 'bad' } : { word: 'Degraded', tone: 'warn' };
  }
  return { word: 'Progressing', tone: 'busy' };
}

function deploymentSentence(deployment: Deployment): Said {
  const { wanted, updated, available } = counts(deployment);
  switch (deploymentStatus(deployment).word) {
    case 'Stalled':
      return say('deployment.stalled', { message: conditionOf(deployment, 'Progressing')?.message ?? '' });
    case 'Pods refused':
      return say('pods-refused', { message: conditionOf(deployment, 'ReplicaFailure')?.message ?? '' });
    case 'Available':
      return say('deployment.available', { wanted });
    case 'Scaled to zero':
      return say('scaled-to-zero');
    case 'Paused':
      return say('deployment.paused', { updated, wanted });
    case 'Unavailable':
    case 'Degraded':
      return say('deployment.degraded', { available, wanted });
    case 'Terminating':
      return say('deleting');
    default:
      return say('deployment.progressing', { updated, wanted, available });
  }
}
