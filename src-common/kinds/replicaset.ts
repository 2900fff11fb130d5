import { controllerOf } from '../kube/object';
import { Pods } from '../kube/resources';
import type { ReplicaSet } from '../kube/types';
import { conditionOf, isTrue } from './conditions';
import { ageColumn, column, defineKind, nameColumn, namespaceColumn, type ObjectStatus } from './kind';
import { ownedBy, workloadColumns, workloadImages } from './workload';
import { say, type Said } from './words/said';
import { speak } from './speak';

export const replicaSetKind = defineKind<ReplicaSet>({
  group: 'apps',
  plural: 'replicasets',
  columns: [
    nameColumn(),
    namespaceColumn(),
    column({
      id: 'status',
      header: 'Status',
      type: 'status',
      weight: 1.4,
      value: (replicaSet) => {
        const { word, tone } = replicaSetStatus(replicaSet);
        return { text: word, tone, hint: speak(replicaSetSentence(replicaSet)) };
      },
    }),
    column({ id: 'desired', header: 'Desired', type: 'number', value: (one) => counts(one).wanted }),
    column({ id: 'current', header: 'Current', type: 'number', value: (one) => counts(one).current }),
    column({ id: 'ready', header: 'Ready', type: 'number', value: (one) => counts(one).ready }),
    column({ id: 'owner', header: 'Owner', weight: 1.6, value: (one) => controllerOf(one)?.name ?? null }),
    column({
      id: 'revision',
      header: 'Revision',
      type: 'number',
      value: ({ metadata }) => revisionOf(metadata.annotations),
    }),
    ageColumn(),
    ...workloadColumns<ReplicaSet>(),
  ],
  status: replicaSetStatus,
  sentence: replicaSetSentence,
  links: (replicaSet) => [ownedBy(replicaSet, Pods)],
  images: workloadImages,
});

/** The Deployment controller numbers the templates of a Deployment. */
export function revisionOf(annotations: Record<string, string> | undefined): number | null {
  const text = annotations?.['deployment.kubernetes.io/revision'];
  return text === undefined ? null : Number(text);
}

function counts({ spec, status }: ReplicaSet) {
  return { wanted: spec?.replicas ?? 1, current: status?.replicas ?? 0, ready: status?.readyReplicas ?? 0 };
}

function replicaSetStatus(replicaSet: ReplicaSet): ObjectStatus {
  const { wanted, current, ready } = counts(replicaSet);
  if (replicaSet.metadata.deletionTimestamp) return { word: 'Terminating', tone: 'busy' };
  if (isTrue(conditionOf(replicaSet, 'ReplicaFailure'))) return { word: 'Pods refused', tone: 'bad' };
  if (wanted === 0 && current === 0) return { word: 'Scaled to zero', tone: 'done' };
  if (current !== wanted) return { word: 'Scaling', tone: 'busy' };
  if (ready === wanted) return { word: 'Ready', tone: 'ok' };
  return { word: 'Not ready', tone: 'warn' };
}

function replicaSetSentence(replicaSet: ReplicaSet): Said {
  const { wanted, current, ready } = counts(replicaSet);
  switch (replicaSetStatus(replicaSet).word) {
    case 'Terminating':
      return say('deleting');
    case 'Pods refused':
      return say('pods-refused', { message: conditionOf(replicaSet, 'ReplicaFailure')?.message ?? '' });
    case 'Scaled to zero':
      return controllerOf(replicaSet) ? say('replicaset.older') : say('scaled-to-zero');
    case 'Scaling':
      return say('replicaset.scaling', { current, wanted });
    default:
      return say('ready-count', { ready, wanted });
  }
}
