import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import { isAbort, Problem } from '#common/base/errors';
import type { ClusterId, Freshness, ResourceRef } from '#common/contract/shapes';
import type { SortKey, TableBatch, TableChange, TableColumn, TableRow } from '#common/contract/tables';
import type { HostConnection } from '#renderer/stores/api';
import { nextWindow, type Range } from '#renderer/ui/table/row-window';
import { HeldRows } from './held-rows';

export interface TableSource {
  cluster: ClusterId;
  resource: ResourceRef;
}

export interface TableLook {
  namespaces: readonly string[];
  filter: string;
  /** Empty: as the host orders this kind. */
  sort: readonly SortKey[];
}

const FIRST_WINDOW: Range = { first: 0, count: 90 };
/** What a view gives at once. */
const MOST_ROWS = 1000;

/**
 * A table view of the host, as far as the window sees it: the rows around the viewport and nothing more. Scrolling,
 * sorting and filtering move the view in the host, at most once per frame. When the connection to the host breaks, what
 * is here stays, and the view is opened again as it looks by then.
 */
export class LiveTable {
  readonly columns = shallowRef<readonly TableColumn[]>([]);
  readonly sort = shallowRef<readonly SortKey[]>([]);
  readonly total = ref(0);
  readonly matched = ref(0);
  readonly freshness = shallowRef<Freshness>({ state: 'loading', since: Date.now() });
  readonly filterProblem = ref<string>();
  readonly failure = shallowRef<unknown>();
  /** Counts up whenever rows changed: rows themselves are no reactive state. */
  readonly version = ref(0);

  readonly #connection: HostConnection;
  readonly #rows = new HeldRows();
  #look: TableLook = { namespaces: [], filter: '', sort: [] };
  #view: string | undefined;
  #asked = FIRST_WINDOW;
  #pending: Omit<TableChange, 'view'> | undefined;
  #controller = new AbortController();
  #collecting: { count: number; done: (rows: TableRow[]) => void } | undefined;

  constructor(connection: HostConnection) {
    this.#connection = connection;
  }

  async open(source: TableSource, look: TableLook): Promise<void> {
    this.close();
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    this.#reset();
    this.#look = look;
    while (!signal.aborted) {
      try {
        return await this.#follow(source, signal);
      } catch (cause) {
        if (signal.aborted || isAbort(cause)) return;
        if (!(cause instanceof Problem && cause.code === 'disconnected')) {
          this.failure.value = cause;
          return;
        }
        this.#view = undefined;
        await this.#connection.connected(signal);
      }
    }
  }

  async #follow(source: TableSource, signal: AbortSignal): Promise<void> {
    const { namespaces, filter, sort } = this.#look;
    const look = { namespaces: [...namespaces], filter, sort: [...sort], window: this.#asked };
    for await (const batch of this.#connection.api.tables.view({ ...source, ...look }, { signal })) {
      if (signal.aborted) return;
      this.#apply(batch);
    }
  }

  close(): void {
    this.#controller.abort();
  }

  readonly rowAt = (index: number): TableRow | undefined => this.#rows.at(index);
  readonly indexOf = (key: string): number | undefined => this.#rows.indexOf(key);
  readonly takeChanged = (): ReadonlySet<string> => this.#rows.takeChanged();

  /** The rows that are here, in order: what completion and the palette look through. */
  heldRows(): TableRow[] {
    return this.#rows.all();
  }

  /** Asks for the rows around what is visible, before they are needed. */
  show(visible: Range): void {
    if (this.#collecting) return;
    const window = nextWindow(visible, this.#asked, this.matched.value);
    if (!window) return;
    this.#asked = window;
    this.#change({ window });
  }

  /** Another choice or order of rows begins at its top again. */
  look(look: TableLook): void {
    const { namespaces, filter, sort } = look;
    const before = this.#look;
    this.#look = look;
    this.#asked = FIRST_WINDOW;
    this.#change({
      window: FIRST_WINDOW,
      ...(filter === before.filter ? {} : { filter }),
      ...(sort === before.sort ? {} : { sort: [...sort] }),
      ...(namespaces === before.namespaces ? {} : { namespaces: [...namespaces] }),
    });
  }

  /** All rows that pass the filter, the first thousand of them where there are more. */
  collect(): Promise<TableRow[]> {
    const count = Math.min(MOST_ROWS, this.matched.value);
    return new Promise((done) => {
      this.#collecting = { count, done };
      this.#asked = { first: 0, count };
      this.#change({ window: this.#asked });
      this.#finishCollecting();
    });
  }

  export(format: 'csv' | 'json' | 'yaml'): Promise<string> {
    if (!this.#view) return Promise.reject(new Problem('view-closed', 'The table is not open yet.'));
    return this.#connection.api.tables.export({ view: this.#view, format });
  }

  /** Gathers the changes of one frame into one call. */
  #change(next: Omit<TableChange, 'view'>): void {
    if (!this.#pending) requestAnimationFrame(() => this.#send());
    this.#pending = { ...this.#pending, ...next };
  }

  #send(): void {
    const next = this.#pending;
    this.#pending = undefined;
    if (!next || !this.#view) return;
    const { signal } = this.#controller;
    this.#connection.api.tables.change({ view: this.#view, ...next }, { signal }).catch((cause: unknown) => {
      // A view that is gone is opened again with this very look.
      const isGone = cause instanceof Problem && ['disconnected', 'view-closed'].includes(cause.code);
      if (!signal.aborted && !isAbort(cause) && !isGone) this.failure.value = cause;
    });
  }

  #apply(batch: TableBatch): void {
    this.#view = batch.view;
    if (batch.columns) this.columns.value = batch.columns;
    if (batch.sort) this.sort.value = batch.sort;
    this.filterProblem.value = batch.filterProblem;
    this.total.value = batch.total;
    this.matched.value = batch.matched;
    this.freshness.value = batch.freshness;
    this.#rows.take(batch);
    this.version.value++;
    this.#finishCollecting();
  }

  #finishCollecting(): void {
    const { count, done } = this.#collecting ?? {};
    if (count === undefined || !done) return;
    const rows = this.#rows.all();
    if (rows.length < Math.min(count, this.matched.value) || this.#rows.indexOf(rows[0]?.key ?? '') !== 0) return;
    this.#collecting = undefined;
    done(rows);
  }

  #reset(): void {
    this.#view = undefined;
    this.#asked = FIRST_WINDOW;
    this.#collecting = undefined;
    this.#rows.clear();
    this.columns.value = [];
    this.sort.value = [];
    this.total.value = 0;
    this.matched.value = 0;
    this.freshness.value = { state: 'loading', since: Date.now() };
    this.filterProblem.value = undefined;
    this.failure.value = undefined;
    this.version.value++;
  }
}

/** A live table that follows `source` and `look` for as long as the component lives. */
export function useTableView(connection: HostConnection, source: () => TableSource, look: () => TableLook): LiveTable {
  const table = new LiveTable(connection);
  const key = computed(() => {
    const { cluster, resource } = source();
    return `${cluster} ${resource.group}/${resource.version}/${resource.plural}`;
  });
  watch([key, look], ([nextKey], [previousKey]) => {
    if (nextKey === previousKey) table.look(look());
    else void table.open(source(), look());
  });
  void table.open(source(), look());
  onScopeDispose(() => table.close());
  return table;
}
