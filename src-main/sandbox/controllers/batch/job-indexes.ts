/** Indexes of an indexed Job: as a status writes them (`0-3,5,7-9`), and on its Pods. */
import type { Pod } from '#common/kube/types';

export const INDEX = 'batch.kubernetes.io/job-completion-index';

/** The index that a Pod works on; undefined when it has none. */
export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[INDEX];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...new Set(indexes)].sort((left, right) => left - right);
  const ranges: [first: number, last: number][] = [];
  for (const index of sorted) {
    const open = ranges.at(-1);
    if (open && index === open[1] + 1) open[1] = index;
    else ranges.push([index, index]);
  }
  return ranges.map(rangeText).join(',');
}

/** Two neighbours are written one by one. */
function rangeText([first, last]: [number, number]): string {
  if (first === last) return String(first);
  return last === first + 1 ? `${first},${last}` : `${first}-${last}`;
}

/** Indexes of `below` and above no longer count: a Job may have been made smaller. */
export function parseIndexes(text = '', below = Infinity): Set<number> {
  const indexes = new Set<number>();
  for (const part of text.split(',').filter(Boolean)) {
    const [first = NaN, last = first] = part.split('-').map(Number);
    for (let index = first; index <= last && index < below; index++) indexes.add(index);
  }
  return indexes;
}
