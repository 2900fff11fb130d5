import type { Clock } from '#common/base/clock';
import { Problem } from '#common/base/errors';
import type { TableBatch, TableChange, TableRequest } from '#common/contract/tables';
import type { ClusterSessions } from '#main/session/session';
import type { ExportFormat } from './export';
import { TableView } from './table-view';

/** The open table views of all windows, by id. */
export class TableViews {
  readonly #sessions: ClusterSessions;
  readonly #clock: Clock;
  readonly #views = new Map<string, TableView>();
  #lastId = 0;

  constructor(sessions: ClusterSessions, clock: Clock) {
    this.#sessions = sessions;
    this.#clock = clock;
  }

  /** The view lives as long as its stream is read; the first batch carries its id. */
  async *open({ cluster, ...request }: TableRequest, signal: AbortSignal): AsyncGenerator<TableBatch> {
    using lease = this.#sessions.open(cluster);
    const { informers } = lease.session;
    const id = `view-${++this.#lastId}`;
    using view = new TableView({ id, informers, clock: this.#clock, request });
    this.#views.set(id, view);
    try {
      yield* view.batches(signal);
    } finally {
      this.#views.delete(id);
    }
  }

  change({ view, ...change }: TableChange): void {
    this.#find(view).change(change);
  }

  export(view: string, format: ExportFormat): string {
    return this.#find(view).export(format);
  }

  #find(id: string): TableView {
    const view = this.#views.get(id);
    if (!view) throw new Problem('view-closed', 'This table is closed.', { nextStep: 'Open it again.' });
    return view;
  }
}
