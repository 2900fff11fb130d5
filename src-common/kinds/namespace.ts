import type { Namespace } from '../kube/types';
import { ageColumn, column, defineKind, nameColumn, type ObjectStatus } from './kind';
import { say, type Said } from './words/said';

export const namespaceKind = defineKind<Namespace>({
  group: '',
  plural: 'namespaces',
  columns: [
    nameColumn(),
    column({
      id: 'status',
      header: 'Status',
      type: 'status',
      value: (namespace) => ({ text: namespaceStatus(namespace).word, tone: namespaceStatus(namespace).tone }),
    }),
    ageColumn(),
    column({
      id: 'labels',
      header: 'Labels',
      type: 'labels',
      weight: 3,
      value: ({ metadata }) => labelText(metadata.labels),
    }),
  ],
  status: namespaceStatus,
  sentence: namespaceSentence,
});

function namespaceStatus({ status }: Namespace): ObjectStatus {
  const word = status?.phase ?? 'Active';
  return { word, tone: word === 'Active' ? 'ok' : 'busy' };
}

function namespaceSentence({ status }: Namespace): Said {
  if (status?.phase !== 'Terminating') return say('namespace.active');
  const obstacles = (status.conditions ?? []).filter((condition) => condition.status === 'True');
  const message = obstacles.map((condition) => condition.message ?? '').filter(Boolean);
  return say('namespace.deleting', { message: message.join(' ') });
}

function labelText(labels: Record<string, string> | undefined): string | null {
  return (
    Object.entries(labels ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(',') || null
  );
}
