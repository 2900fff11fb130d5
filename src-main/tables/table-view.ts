import { sleep, type Clock } from '#common/base/clock';
import type { Freshness } from '#common/contract/shapes';
import type { TableBatch, TableChange, TableColumn, TableRequest, TableRow } from '#common/contract/tables';
import type { AnyObject, TableColumnDefinition } from '#common/kube/object';
import type { Informers } from '#main/informer/informers';
import { exportRows, type ExportFormat } from './export';
import { Pulse } from '#main/base/pulse';
import { cellsOf, type Row } from './row';
import {
  inNamespaces,
  kindFor,
  openSource,
  watchedNamespaces,
  worstFreshness,
  type ScopeSource,
} from './scope-sources';
import { TableEngine, type Look } from './table-engine';

/** At most one batch in this time: a frame of a 60 Hz screen. */
const FRAME_MS = 16;
/** How often a filter by age is looked at again. */
const REFILTER_MS = 5000;

export interface TableViewOptions {
  id: string;
  informers: Informers;
  clock: Clock;
  request: Omit<TableRequest, 'cluster'>;
}

/** One table on one screen: follows its informers, and tells its reader what changed in the rows of its window. */
export class TableView implements Disposable {
  readonly id: string;
  readonly #options: TableViewOptions;
  readonly #changed = new Pulse();
  #sources: { source: ScopeSource; listening: Disposable }[] = [];
  #namespaces: readonly string[];
  #look: Look;
  #columns: readonly TableColumnDefinition[] = [];
  #engine: TableEngine;
  #refilterTimer: Disposable | undefined;
  /** What the reader holds: the rows of the last window. */
  #told = new Map<string, Row>();
  #lastBatch: Omit<TableBatch, 'rows'> | undefined;
  #columnsTold = false;
  #sortTold = '';

  constructor(options: TableViewOptions) {
    this.id = options.id;
    this.#options = options;
    const { namespaces, filter, sort, window } = options.request;
    this.#namespaces = namespaces;
    this.#look = { filter, sort, window };
    this.#engine = this.#newEngine();
    this.#openSources();
  }

  /** Batches as they come, at most one per frame; while the reader does not ask for the next, changes gather here. */
  async *batches(signal: AbortSignal): AsyncGenerator<TableBatch> {
    const { clock } = this.#options;
    let lastAt = -Infinity;
    for (;;) {
      await this.#changed.taken(signal);
      const waitMs = lastAt + FRAME_MS - clock.now();
      if (waitMs > 0 && !signal.aborted) await sleep(clock, waitMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      const batch = this.#batch();
      if (!batch) continue;
      lastAt = clock.now();
      yield batch;
    }
  }

  change({ namespaces, filter, sort, window }: Omit<TableChange, 'view'>): void {
    this.#look = {
      ...this.#look,
      ...(filter !== undefined && { filter }),
      ...(sort && { sort }),
      ...(window && { window }),
    };
    if (filter !== undefined) this.#engine.setFilter(filter);
    if (sort) this.#engine.setSort(sort);
    if (window) this.#engine.setWindow(window);
    if (namespaces) this.#changeNamespaces(namespaces);
    this.#planRefilter();
    this.#changed.set();
  }

  export(format: ExportFormat): string {
    return exportRows(this.#engine.matching(), this.#engine.kind, format);
  }

  [Symbol.dispose](): void {
    this.#refilterTimer?.[Symbol.dispose]();
    this.#closeSources();
  }

  #newEngine(): TableEngine {
    const kind = kindFor(this.#options.request.resource, this.#columns);
    return new TableEngine(kind, this.#look, () => this.#options.clock.now());
  }

  #changeNamespaces(namespaces: readonly string[]): void {
    this.#namespaces = namespaces;
    const previous = this.#sources;
    this.#sources = [];
    this.#engine = this.#newEngine();
    this.#openSources();
    // Closed last: what both choices read stays open.
    closeAll(previous);
  }

  #openSources(): void {
    const { informers, request } = this.#options;
    for (const namespace of watchedNamespaces(request.resource, this.#namespaces)) {
      const source = openSource(informers, request.resource, namespace);
      const listening = source.informer.subscribe((deltas) => {
        if (!this.#adoptColumns()) this.#engine.apply(this.#inScope(deltas, namespace));
        this.#changed.set();
      });
      this.#sources.push({ source, listening });
    }
    if (!this.#adoptColumns()) this.#fill();
    this.#planRefilter();
    this.#changed.set();
  }

  /** Where one watch covers more than was chosen, the rest is left out. */
  #inScope(
    deltas: readonly { type: 'added' | 'changed' | 'removed'; object: AnyObject }[],
    watched: string | undefined,
  ) {
    const chosen = watched === undefined && this.#namespaces.length > 0 && this.#options.request.resource.namespaced;
    return inNamespaces(deltas, chosen ? new Set(this.#namespaces) : undefined);
  }

  #fill(): void {
    const watched = watchedNamespaces(this.#options.request.resource, this.#namespaces);
    for (const [index, { source }] of this.#sources.entries()) {
      const objects = Array.from(source.informer.cache.values(), (object) => ({ type: 'added' as const, object }));
      this.#engine.apply(this.#inScope(objects, watched[index]));
    }
  }

  /** The server's columns come with its first answer and may change: everything is read again then. */
  #adoptColumns(): boolean {
    const columns = this.#sources[0]?.source.columns;
    if (!columns || columns === this.#columns) return false;
    const isSame = sameColumns(columns, this.#columns);
    this.#columns = columns;
    if (isSame) return false;
    this.#columnsTold = false;
    this.#told.clear();
    this.#engine = this.#newEngine();
    this.#fill();
    return true;
  }

  #planRefilter(): void {
    this.#refilterTimer?.[Symbol.dispose]();
    this.#refilterTimer = this.#engine.timed
      ? this.#options.clock.after(REFILTER_MS, () => {
          this.#engine.refilter();
          this.#changed.set();
          this.#planRefilter();
        })
      : undefined;
  }

  /** What the reader does not know yet; undefined when it knows all. */
  #batch(): TableBatch | undefined {
    const { total, matched, first, rows } = this.#engine.show();
    const news = rows.filter((row) => this.#told.get(row.uid) !== row);
    const keys = rows.map(({ uid }) => uid);
    const sameKeys = first === this.#lastBatch?.first && sameTexts(keys, [...this.#told.keys()]);
    const head = { view: this.id, total, matched, first, freshness: this.#freshness(), ...this.#problem() };
    const look = this.#lookNews();
    if (look === undefined && sameKeys && news.length === 0 && sameHead(head, this.#lastBatch)) return undefined;
    this.#told = new Map(rows.map((row) => [row.uid, row]));
    this.#lastBatch = head;
    return { ...head, ...look, ...(sameKeys ? {} : { keys }), rows: news.map((row) => this.#tableRow(row)) };
  }

  #lookNews(): Pick<TableBatch, 'columns' | 'sort'> | undefined {
    const sort = JSON.stringify(this.#engine.sort);
    const columnsKnown = this.#columnsTold || (this.#sources[0]?.source.columns && this.#columns.length === 0);
    if (columnsKnown && sort === this.#sortTold) return undefined;
    const columns = columnsKnown ? {} : { columns: this.#engine.kind.columns.map(tableColumn) };
    this.#columnsTold ||= !columnsKnown;
    this.#sortTold = sort;
    return { ...columns, sort: [...this.#engine.sort] };
  }

  #problem(): { filterProblem?: string } {
    const { filterProblem } = this.#engine;
    return filterProblem ? { filterProblem } : {};
  }

  #freshness(): Freshness {
    const worst = worstFreshness(this.#sources.map(({ source }) => source));
    const message = 'message' in worst ? { message: worst.message } : {};
    return { state: worst.state, since: worst.since, ...message };
  }

  #tableRow(row: Row): TableRow {
    const { object, uid, name, namespace, status } = row;
    return {
      key: uid,
      ...(namespace ? { namespace } : {}),
      name,
      cells: cellsOf(row, this.#engine.kind),
      tone: status.tone,
      deleting: object.metadata.deletionTimestamp !== undefined,
    };
  }

  #closeSources(): void {
    closeAll(this.#sources);
    this.#sources = [];
  }
}

function closeAll(sources: readonly { source: ScopeSource; listening: Disposable }[]): void {
  for (const { source, listening } of sources) {
    listening[Symbol.dispose]();
    source.dispose();
  }
}

function tableColumn({ id, header, type, align, wide, weight }: TableColumn): TableColumn {
  return { id, header, type, align, wide, weight };
}

/** A server that lists again tells its columns again; they are rarely others. */
function sameColumns(left: readonly TableColumnDefinition[], right: readonly TableColumnDefinition[]): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function sameTexts(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((text, index) => text === right[index]);
}

function sameHead(left: Omit<TableBatch, 'rows'>, right: Omit<TableBatch, 'rows'> | undefined): boolean {
  return (
    right !== undefined &&
    left.total === right.total &&
    left.matched === right.matched &&
    left.filterProblem === right.filterProblem &&
    left.freshness.state === right.freshness.state &&
    left.freshness.since === right.freshness.since &&
    left.freshness.message === right.freshness.message
  );
}
