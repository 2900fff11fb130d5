import { compareValues, orderOf } from './permutation';
import { compareNaturally, type Row } from './row';

export interface SortBy {
  /** Index of the column. */
  index: number;
  descending: boolean;
}

export type Sort = readonly SortBy[];

/** A total order: the sort columns, then namespace and name. Nothing comes last in either direction. */
export function rowOrder(sort: Sort): (left: Row, right: Row) => number {
  if (sort.length === 0) return compareNaturally;
  return (left, right) => {
    if (left === right) return 0;
    for (const { index, descending } of sort) {
      const order = compareValues(left.values[index] ?? null, right.values[index] ?? null, descending);
      if (order !== 0) return order;
    }
    return compareNaturally(left, right);
  };
}

/**
 * The same order for many rows at once; `rows` come in natural order. One stable pass per column, from the last to the
 * first, and no comparison runs through a row: 150,000 rows stay within a tenth of a second.
 */
export function sortRows(rows: readonly Row[], sort: Sort): readonly Row[] {
  let ordered = rows;
  for (const { index, descending } of sort.toReversed()) {
    const before = ordered;
    const order = orderOf(
      before.map((row) => row.values[index] ?? null),
      descending,
    );
    const after: Row[] = [];
    for (let place = 0; place < order.length; place++) after.push(before[order[place] as number] as Row);
    ordered = after;
  }
  return ordered;
}
