import type { Container, Pod } from '#common/kube/types';
import { sortedEntries } from './metadata';
import { parseQuantity } from './quantity';

/** The value of a downward API field, as far as kubectl's describer resolves it: metadata only. */
export function fieldValue({ metadata }: Pod, path: string): string {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed) return metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2] ?? ''] ?? '';
  switch (path) {
    case 'metadata.name':
    case 'metadata.namespace':
    case 'metadata.uid':
      return metadata[path.slice('metadata.'.length) as 'name' | 'namespace' | 'uid'] ?? '';
    case 'metadata.labels':
    case 'metadata.annotations':
      return sortedEntries(metadata[path.slice('metadata.'.length) as 'labels' | 'annotations'])
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .join('\n');
    default:
      return '';
  }
}

/** A resource in units of the divisor, rounded up. */
export function resourceValue(
  { resources }: Container,
  { resource, divisor }: { resource: string; divisor?: string },
): string {
  const [side = '', ...name] = resource.split('.');
  const amounts = side === 'limits' ? resources?.limits : resources?.requests;
  const { nano } = parseQuantity(amounts?.[name.join('.')]);
  const unit = parseQuantity(!divisor || divisor === '0' ? '1' : divisor).nano;
  return String((nano + unit - 1n) / unit);
}
