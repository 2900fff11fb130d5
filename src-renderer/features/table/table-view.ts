import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import { isAbort } from '#common/base/errors';
import type { PilothouseApi } from '#common/contract/contract';
import type { ClusterId, Freshness, ResourceRef } from '#common/contract/shapes';
import type { SortKey, TableBatch, TableChange, TableColumn, TableRow } from '#common/contract/tables';
import { nextWindow, type Range } from '#renderer/ui/table/row-window';
import { HeldRows } from './held-rows';

export interface TableSource {
  cluster: ClusterId;
  resource: ResourceRef;
}

export interface TableLook {
  namespaces: readonly string[];
  filter: string;
}

const FIRST_WINDOW: Range = { first: 0, count: 80 };

/**
 * A table view of the host, as far as the window sees it: the rows around the viewport and nothing more. Scrolling,
 * sorting and filtering move the view in the host, at most once per frame.
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

  readonly #api: PilothouseApi;
  readonly #rows = new HeldRows();
  #view: string | undefined;
  #asked = FIRST_WINDOW;
  #pending: Omit<TableChange, 'view'> | undefined;
  #controller = new AbortController();

  constructor(api: PilothouseApi) {
    this.#api = api;
  }

  async open(source: TableSource, look: TableLook): Promise<void> {
    this.close();
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    this.#reset();
    const { namespaces, filter } = look;
    const request = { ...source, namespaces: [...namespaces], filter, sort: [], window: this.#asked };
    try {
      for await (const batch of this.#api.tables.view(request, { signal })) {
        if (signal.aborted) return;
        this.#apply(batch);
      }
    } catch (cause) {
      if (!signal.aborted && !isAbort(cause)) this.failure.value = cause;
    }
  }

  close(): void {
    this.#controller.abort();
  }

  rowAt(index: number): TableRow | undefined {
    return this.#rows.at(index);
  }

  /** Asks for the rows around what is visible, once they are not here. */
  show(visible: Range): void {
    const window = nextWindow(visible, this.#asked);
    if (!window) return;
    this.#asked = window;
    this.change({ window });
  }

  /** Gathers the changes of one frame into one call. */
  change(next: Omit<TableChange, 'view'>): void {
    if (!this.#pending) requestAnimationFrame(() => this.#send());
    this.#pending = { ...this.#pending, ...next };
  }

  export(format: 'csv' | 'json' | 'yaml'): Promise<string> {
    if (!this.#view) return Promise.reject(new Error('the table is not open'));
    return this.#api.tables.export({ view: this.#view, format });
  }

  #send(): void {
    const next = this.#pending;
    this.#pending = undefined;
    if (!next || !this.#view) return;
    const { signal } = this.#controller;
    this.#api.tables.change({ view: this.#view, ...next }, { signal }).catch((cause: unknown) => {
      if (!signal.aborted && !isAbort(cause)) this.failure.value = cause;
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
  }

  #reset(): void {
    this.#view = undefined;
    this.#asked = FIRST_WINDOW;
    this.#rows.clear();
    this.columns.value = [];
    this.sort.value = [];
    this.total.value = 0;
    this.matched.value = 0;
    this.freshness.value = { state: 'loading', since: Date.now() };
    this.failure.value = undefined;
    this.version.value++;
  }
}

/** A live table that follows `source` and `look` for as long as the component lives. */
export function useTableView(api: PilothouseApi, source: () => TableSource, look: () => TableLook): LiveTable {
  const table = new LiveTable(api);
  const key = computed(() => {
    const { cluster, resource } = source();
    return `${cluster} ${resource.group}/${resource.version}/${resource.plural}`;
  });
  watch(key, () => void table.open(source(), look()), { immediate: true });
  watch(look, (next, previous) => {
    if (next.filter !== previous.filter) table.change({ filter: next.filter });
    if (next.namespaces !== previous.namespaces) table.change({ namespaces: [...next.namespaces] });
  });
  onScopeDispose(() => table.close());
  return table;
}
