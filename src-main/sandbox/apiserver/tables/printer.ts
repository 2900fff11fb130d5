import type { AnyObject, KubeObject, TableColumnDefinition, TableRowCondition } from '#common/kube/object';

/** How a kind prints: its columns, and the cells of one object. `now` is epoch milliseconds, for ages. */
export interface Printer {
  columns: readonly TableColumnDefinition[];
  cells(object: AnyObject, now: number): unknown[];
  /** The order of the rows of a list, where it is not that of the names. */
  order?(left: AnyObject, right: AnyObject): number;
  /** What else is true of the row. */
  conditions?(object: AnyObject): TableRowCondition[] | undefined;
}

/** A printer of objects whose type is known: as many cells as columns. */
export function definePrinter<T extends KubeObject>(
  columns: readonly TableColumnDefinition[],
  cells: (object: T, now: number) => unknown[],
  order?: (left: T, right: T) => number,
): Printer {
  const printer = { columns, cells: cells as unknown as Printer['cells'] };
  return order ? { ...printer, order: order as unknown as NonNullable<Printer['order']> } : printer;
}
