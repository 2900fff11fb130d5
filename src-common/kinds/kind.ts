import type { AnyObject, KubeObject } from '../kube/object';
import type { Resource } from '../kube/resource';
import { epochOf } from './epoch';
import type { Said } from './words/said';

/** How a thing is doing, from "all is well" to "needs a person". Shown as shape, colour and word. */
export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'done' | 'none';

export type CellType = 'name' | 'text' | 'mono' | 'number' | 'status' | 'age' | 'ratio' | 'labels';

/** A word with its tone; `hint` says more, `at` (epoch milliseconds) says when it last happened. */
export interface TonedCell {
  text: string;
  tone: Tone;
  hint?: string;
  at?: number;
}

/** A cell: plain text or number; ages are epoch milliseconds; null where there is nothing. */
export type Cell = string | number | null | TonedCell;

/** What a column is sorted by. Nothing sorts last. */
export type SortValue = string | number | null;

export interface Column<T> {
  /** Stable, in kebab-case. */
  id: string;
  /** English header, as kubectl prints it in title case. */
  header: string;
  type: CellType;
  align: 'start' | 'end';
  /** Hidden until chosen. */
  wide: boolean;
  /** Relative width. */
  weight: number;
  value(object: T): Cell;
  /** What the column is sorted by, where that is not its text or number. */
  order?(object: T): SortValue;
}

/** The state of an object in one word, as kubectl prints it where it does. */
export interface ObjectStatus {
  tone: Tone;
  word: string;
}

export type Relation = 'owner' | 'owned' | 'selects' | 'selected-by' | 'mounts' | 'uses' | 'runs-on' | 'exposed-by';

/** Objects that stand in a relation to another: one by its name, or all of a kind that `matches` finds. */
export interface Link {
  relation: Relation;
  resource: Resource;
  namespace?: string | undefined;
  name?: string | undefined;
  matches?: ((object: AnyObject) => boolean) | undefined;
  /** Narrow what is read from the server; `matches` still decides where it is given. */
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
}

/** All that is known of one kind beyond its schema. Pure: no clock, no cluster. */
export interface Kind<T extends KubeObject = AnyObject> {
  group: string;
  plural: string;
  columns: readonly Column<T>[];
  status(object: T): ObjectStatus;
  /** One sentence: what state the thing is in and why; `speak` puts it into words. */
  sentence(object: T): Said;
  /** What it stands in relation to, beyond its owners. */
  links?(object: T): Link[];
  /** Read by the filter tokens `node:` and `image:`. */
  node?(object: T): string | undefined;
  images?(object: T): readonly string[];
}

/** A kind whose readers know the type of its objects, as the registry keeps it. */
export function defineKind<T extends KubeObject>(kind: Kind<T>): Kind {
  return kind as unknown as Kind;
}

type ColumnSpec<T> = Pick<Column<T>, 'id' | 'header' | 'value'> & Partial<Column<T>>;

const endAligned: ReadonlySet<CellType> = new Set(['number', 'ratio', 'age']);

/** A column; what is left out follows from its type. */
export function column<T>(spec: ColumnSpec<T>): Column<T> {
  const type = spec.type ?? 'text';
  return { type, align: endAligned.has(type) ? 'end' : 'start', wide: false, weight: 1, ...spec };
}

export function nameColumn<T extends KubeObject>(): Column<T> {
  return column<T>({ id: 'name', header: 'Name', type: 'name', weight: 4, value: ({ metadata }) => metadata.name });
}

export function namespaceColumn<T extends KubeObject>(): Column<T> {
  return column<T>({
    id: 'namespace',
    header: 'Namespace',
    weight: 1.6,
    value: ({ metadata }) => metadata.namespace ?? null,
  });
}

/** Since when the object exists. The oldest sorts first, as its time does. */
export function ageColumn<T extends KubeObject>(): Column<T> {
  return column<T>({
    id: 'age',
    header: 'Age',
    type: 'age',
    weight: 0.8,
    value: ({ metadata }) => epochOf(metadata.creationTimestamp),
  });
}

/** The text of a cell, as it is searched and exported. */
export function cellText(cell: Cell): string {
  if (cell === null) return '';
  return typeof cell === 'object' ? cell.text : String(cell);
}

/** What a column is sorted by; `cell` is its value. */
export function sortValueOf<T>(column: Column<T>, object: T, cell: Cell = column.value(object)): SortValue {
  if (column.order) return column.order(object);
  return cell !== null && typeof cell === 'object' ? cell.text : cell;
}
