import { Pods } from '../kube/resources';
import type { StatefulSet } from '../kube/types';
import { ageColumn, column, defineKind, nameColumn, namespaceColumn, type ObjectStatus } from './kind';
import { ownedBy, workloadColumns, workloadImages } from './workload';
import { say, type Said } from './words/said';

export const statefulSetKind = defineKind<StatefulSet>({
  group: 'apps',
  plural: 'statefulsets',
  columns: [
    nameColumn(),
    namespaceColumn(),
    column({
      id: 'status',
      header: 'Status',
      type: 'status',
      weight: 1.4,
      value: (one) => ({ text: statefulSetStatus(one).word, tone: statefulSetStatus(one).tone }),
    }),
    column({
      id: 'ready',
      header: 'Ready',
      type: 'ratio',
      value: (one) => `${counts(one).ready}/${counts(one).wanted}`,
      order: (one) => counts(one).ready,
    }),
    column({ id: 'up-to-date', header: 'Up-to-date', type: 'number', value: (one) => counts(one).updated }),
    column({ id: 'service', header: 'Service', weight: 1.4, value: ({ spec }) => spec?.serviceName || null }),
    ageColumn(),
    ...workloadColumns<StatefulSet>(),
  ],
  status: statefulSetStatus,
  sentence: statefulSetSentence,
  links: (statefulSet) => [ownedBy(statefulSet, Pods)],
  images: workloadImages,
});

function counts({ spec, status }: StatefulSet) {
  return { wanted: spec?.replicas ?? 1, ready: status?.readyReplicas ?? 0, updated: status?.updatedReplicas ?? 0 };
}

function statefulSetStatus(statefulSet: StatefulSet): ObjectStatus {
  const { wanted, ready } = counts(statefulSet);
  const { currentRevision, updateRevision, replicas: current = 0 } = statefulSet.status ?? {};
  if (statefulSet.metadata.deletionTimestamp) return { word: 'Terminating', tone: 'busy' };
  if (updateRevision && currentRevision !== updateRevision) return { word: 'Updating', tone: 'busy' };
  if (current !== wanted) return { word: 'Scaling', tone: 'busy' };
  if (wanted === 0) return { word: 'Scaled to zero', tone: 'done' };
  return ready === wanted ? { word: 'Ready', tone: 'ok' } : { word: 'Not ready', tone: 'warn' };
}

function statefulSetSentence(statefulSet: StatefulSet): Said {
  const { wanted, ready, updated } = counts(statefulSet);
  switch (statefulSetStatus(statefulSet).word) {
    case 'Terminating':
      return say('deleting');
    case 'Updating':
      return say('statefulset.updating', { updated, wanted, ready });
    case 'Scaled to zero':
      return say('scaled-to-zero');
    default:
      return say('ready-count', { ready, wanted });
  }
}
