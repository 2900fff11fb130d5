import type { AnyObject, TableColumnDefinition } from '#common/kube/object';

/** How a kind prints: its columns, and the cells of one object. `now` is epoch milliseconds, for ages. */
export interface Printer {
  columns: readonly TableColumnDefinition[];
  cells(object: AnyObject, now: number): unknown[];
}
