import type { ConfigMap } from '../kube/types';
import { ageColumn, column, defineKind, nameColumn, namespaceColumn } from './kind';
import { usedBy } from './keyed-data';
import { say } from './words/said';

export const configMapKind = defineKind<ConfigMap>({
  group: '',
  plural: 'configmaps',
  columns: [
    nameColumn(),
    namespaceColumn(),
    column({ id: 'data', header: 'Data', type: 'number', value: (map) => keys(map).length }),
    column({
      id: 'keys',
      header: 'Keys',
      type: 'mono',
      weight: 3,
      value: (map) => keys(map).join(', ') || null,
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
  sentence: (map) => say('data.keys', { keys: keys(map), immutable: map.immutable ?? false }),
  links: (map) => usedBy(map, 'ConfigMap'),
});

function keys({ data, binaryData }: ConfigMap): string[] {
  return [...Object.keys(data ?? {}), ...Object.keys(binaryData ?? {})].toSorted();
}
