import type { AnyObject } from '#common/kube/object';
import type { Kind } from '#common/kinds/kind';
import type { Delta } from '#main/informer/informer';
import { parseFilter, type Filter } from './filter';
import { OrderedList } from './ordered-list';
import { compareNaturally, rowOf, type Row } from './row';
import { rowOrder, sortRows, type Sort } from './sort';

export interface Look {
  filter: string;
  sort: readonly { column: string; descending: boolean }[];
  window: { first: number; count: number };
}

/** What the window shows now. */
export interface Shown {
  total: number;
  matched: number;
  first: number;
  rows: readonly Row[];
}

/** A batch that touches more than this share of the rows is sorted as a whole instead of row by row. */
const REBUILD_SHARE = 1 / 8;
/** Below this many changes, row by row is always as quick. */
const REBUILD_AT_LEAST = 500;

/**
 * The rows of one view: all of them in natural order, and those that pass the filter in the order asked for. A change
 * of one object moves one row; a change of filter or order sorts once, at the next `show`.
 */
export class TableEngine {
  readonly #kind: Kind;
  readonly #now: () => number;
  readonly #rows = new Map<string, Row>();
  readonly #all = new OrderedList<Row>(compareNaturally);
  #shown = new OrderedList<Row>(compareNaturally);
  #filter: Filter;
  #sort: Sort;
  #window: Look['window'];
  #stale = false;

  constructor(kind: Kind, look: Look, now: () => number) {
    this.#kind = kind;
    this.#now = now;
    this.#filter = parseFilter(look.filter, kind);
    this.#sort = this.#resolve(look.sort);
    this.#window = look.window;
    this.#shown = new OrderedList(rowOrder(this.#sort));
  }

  get kind(): Kind {
    return this.#kind;
  }

  get filterProblem(): string | undefined {
    return this.#filter.problem;
  }

  /** Time alone changes what passes the filter: `refilter` has to be called now and then. */
  get timed(): boolean {
    return this.#filter.timed;
  }

  get sort(): Look['sort'] {
    return this.#sort.map(({ index, descending }) => ({ column: this.#kind.columns[index]?.id ?? '', descending }));
  }

  setFilter(filter: string): void {
    this.#filter = parseFilter(filter, this.#kind);
    this.#stale = true;
  }

  refilter(): void {
    this.#stale = true;
  }

  setSort(sort: Look['sort']): void {
    this.#sort = this.#resolve(sort);
    this.#stale = true;
  }

  setWindow(window: Look['window']): void {
    this.#window = window;
  }

  apply(deltas: readonly Delta<AnyObject>[]): void {
    if (deltas.length > Math.max(REBUILD_AT_LEAST, this.#rows.size * REBUILD_SHARE)) this.#stale = true;
    for (const { type, object } of deltas) {
      if (type === 'removed') this.#remove(object.metadata.uid);
      else this.#put(rowOf(object, this.#kind));
    }
  }

  clear(): void {
    this.apply([...this.#rows.values()].map(({ object }) => ({ type: 'removed', object })));
  }

  show(): Shown {
    if (this.#stale) this.#rebuild();
    const { count } = this.#window;
    const matched = this.#shown.size;
    const first = Math.min(this.#window.first, Math.max(0, matched - count));
    return { total: this.#rows.size, matched, first, rows: this.#shown.slice(first, count) };
  }

  /** Every row that passes the filter, in order. */
  matching(): Row[] {
    if (this.#stale) this.#rebuild();
    return this.#shown.slice(0, this.#shown.size);
  }

  #put(row: Row): void {
    const previous = this.#rows.get(row.uid);
    this.#rows.set(row.uid, row);
    if (!previous || !this.#all.replace(previous, row)) this.#all.insert(row);
    if (this.#stale) return;
    row.matches = this.#filter.test(row, this.#now());
    if (previous?.matches && row.matches) this.#shown.replace(previous, row);
    else if (previous?.matches) this.#shown.remove(previous);
    else if (row.matches) this.#shown.insert(row);
  }

  #remove(uid: string): void {
    const row = this.#rows.get(uid);
    if (!row) return;
    this.#rows.delete(uid);
    this.#all.remove(row);
    if (!this.#stale && row.matches) this.#shown.remove(row);
  }

  #rebuild(): void {
    const matching: Row[] = [];
    const { test } = this.#filter;
    const now = this.#now();
    this.#all.forEach((row) => {
      row.matches = test(row, now);
      if (row.matches) matching.push(row);
    });
    this.#shown = new OrderedList(rowOrder(this.#sort), sortRows(matching, this.#sort));
    this.#stale = false;
  }

  #resolve(sort: Look['sort']): Sort {
    return sort
      .map(({ column, descending }) => ({ index: this.#kind.columns.findIndex(({ id }) => id === column), descending }))
      .filter(({ index }) => index >= 0);
  }
}
