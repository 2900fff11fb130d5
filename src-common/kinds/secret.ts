import type { Secret } from '../kube/types';
import { ageColumn, column, defineKind, nameColumn, namespaceColumn } from './kind';
import { usedBy } from './keyed-data';
import { say } from './words/said';

/** Values never appear in a table: only the names of the keys. */
export const secretKind = defineKind<Secret>({
  group: '',
  plural: 'secrets',
  columns: [
    nameColumn(),
    namespaceColumn(),
    column({ id: 'type', header: 'Type', type: 'mono', weight: 2, value: ({ type }) => type ?? 'Opaque' }),
    column({ id: 'data', header: 'Data', type: 'number', value: (secret) => keys(secret).length }),
    column({
      id: 'keys',
      header: 'Keys',
      type: 'mono',
      weight: 2.4,
      value: (secret) => keys(secret).join(', ') || null,
    }),
    ageColumn(),
    column({
      id: 'immutable',
      header: 'Immutable',
      wide: true,
      value: ({ immutable }) => (immutable ? 'true' : 'false'),
    }),
  ],
  status: () => ({ word: '', tone: 'none' }),
  sentence: (secret) => say('data.keys', { keys: keys(secret), immutable: secret.immutable ?? false }),
  links: (secret) => usedBy(secret, 'Secret'),
});

function keys({ data }: Secret): string[] {
  return Object.keys(data ?? {}).toSorted();
}
