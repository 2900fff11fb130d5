import * as v from 'valibot';
import { call, stream } from './define';
import type { Cell, CellType, Tone } from '../kinds/kind';
import { clusterId, resourceRef, type Freshness } from './shapes';

export type { Cell, CellType };

const sortKey = v.object({ column: v.string(), descending: v.boolean() });
export type SortKey = v.InferOutput<typeof sortKey>;

const rowWindow = v.object({
  first: v.pipe(v.number(), v.integer(), v.minValue(0)),
  count: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000)),
});
export type RowWindow = v.InferOutput<typeof rowWindow>;

const look = {
  /** Empty: all namespaces. */
  namespaces: v.array(v.string()),
  /** Tokens as in the filter field: text, `ns:`, `label:`, `status:`, `node:`, `image:`, `age<1h`, `/regex/`, `!not`. */
  filter: v.pipe(v.string(), v.maxLength(2000)),
  sort: v.array(sortKey),
  window: rowWindow,
};

export const tableRequest = v.object({ cluster: clusterId, resource: resourceRef, ...look });
export type TableRequest = v.InferOutput<typeof tableRequest>;

export const tableChange = v.object({
  view: v.string(),
  namespaces: v.optional(look.namespaces),
  filter: v.optional(look.filter),
  sort: v.optional(look.sort),
  window: v.optional(rowWindow),
});
export type TableChange = v.InferOutput<typeof tableChange>;

export interface TableColumn {
  id: string;
  /** English header, as kubectl prints it in title case; the window translates known ids. */
  header: string;
  type: CellType;
  align: 'start' | 'end';
  /** Hidden until chosen (the server's priority > 0). */
  wide: boolean;
  /** Relative width; the name column has the most. */
  weight: number;
}

export interface TableRow {
  /** uid of the object. */
  key: string;
  namespace?: string;
  name: string;
  cells: Cell[];
  tone: Tone;
  /** deletionTimestamp is set. */
  deleting: boolean;
}

/**
 * One change of a view, at most one per frame. What is absent did not change. The reader holds the rows of `keys` and
 * forgets the others: a row that comes back into the window is sent again.
 */
export interface TableBatch {
  view: string;
  columns?: TableColumn[];
  sort?: SortKey[];
  /** Objects in scope (kind and namespaces), and those that pass the filter. */
  total: number;
  matched: number;
  /** Index of the first row of `keys`. */
  first: number;
  /** The rows of the window, in order, by key. Absent when order and window did not change. */
  keys?: string[];
  /** Rows that are new to the window's reader or changed. */
  rows: TableRow[];
  freshness: Freshness;
  /** The part of the filter that could not be read, with its reason. */
  filterProblem?: string;
}

export const tables = {
  /** Opens a table view in the host; the first batch carries its id and columns. */
  view: stream(tableRequest).of<TableBatch>(),
  /** Moves, filters or sorts an open view; the answer comes as its next batch. */
  change: call(tableChange).returns<void>(),
  /** All matching rows as text, in the view's order. */
  export: call(v.object({ view: v.string(), format: v.picklist(['csv', 'json', 'yaml']) })).returns<string>(),
};
