import { Pods } from '../kube/resources';
import type { DaemonSet } from '../kube/types';
import { ageColumn, column, defineKind, nameColumn, namespaceColumn, type ObjectStatus } from './kind';
import { formatLabels } from './selector';
import { ownedBy, workloadColumns, workloadImages } from './workload';
import { say, type Said } from './words/said';

export const daemonSetKind = defineKind<DaemonSet>({
  group: 'apps',
  plural: 'daemonsets',
  columns: [
    nameColumn(),
    namespaceColumn(),
    column({
      id: 'status',
      header: 'Status',
      type: 'status',
      weight: 1.4,
      value: (one) => ({ text: daemonSetStatus(one).word, tone: daemonSetStatus(one).tone }),
    }),
    column({
      id: 'desired',
      header: 'Desired',
      type: 'number',
      value: ({ status }) => status?.desiredNumberScheduled ?? 0,
    }),
    column({
      id: 'current',
      header: 'Current',
      type: 'number',
      value: ({ status }) => status?.currentNumberScheduled ?? 0,
    }),
    column({ id: 'ready', header: 'Ready', type: 'number', value: ({ status }) => status?.numberReady ?? 0 }),
    column({
      id: 'up-to-date',
      header: 'Up-to-date',
      type: 'number',
      value: ({ status }) => status?.updatedNumberScheduled ?? 0,
    }),
    column({
      id: 'available',
      header: 'Available',
      type: 'number',
      value: ({ status }) => status?.numberAvailable ?? 0,
    }),
    column({
      id: 'node-selector',
      header: 'Node Selector',
      type: 'mono',
      weight: 1.6,
      value: ({ spec }) => formatLabels(spec?.template?.spec?.nodeSelector),
    }),
    ageColumn(),
    ...workloadColumns<DaemonSet>(),
  ],
  status: daemonSetStatus,
  sentence: daemonSetSentence,
  links: (daemonSet) => [ownedBy(daemonSet, Pods)],
  images: workloadImages,
});

function counts({ status }: DaemonSet) {
  return {
    wanted: status?.desiredNumberScheduled ?? 0,
    ready: status?.numberReady ?? 0,
    updated: status?.updatedNumberScheduled ?? 0,
    misplaced: status?.numberMisscheduled ?? 0,
  };
}

function daemonSetStatus(daemonSet: DaemonSet): ObjectStatus {
  const { wanted, ready, updated } = counts(daemonSet);
  if (daemonSet.metadata.deletionTimestamp) return { word: 'Terminating', tone: 'busy' };
  if (updated < wanted) return { word: 'Updating', tone: 'busy' };
  if (wanted === 0) return { word: 'No nodes', tone: 'done' };
  return ready === wanted ? { word: 'Ready', tone: 'ok' } : { word: 'Not ready', tone: 'warn' };
}

function daemonSetSentence(daemonSet: DaemonSet): Said {
  const { wanted, ready, updated, misplaced } = counts(daemonSet);
  switch (daemonSetStatus(daemonSet).word) {
    case 'Terminating':
      return say('deleting');
    case 'No nodes':
      return say('daemonset.no-nodes', { misplaced });
    case 'Updating':
      return say('daemonset.updating', { updated, wanted, ready, misplaced });
    default:
      return say('daemonset.ready', { ready, wanted, misplaced });
  }
}
