import type { PilothouseHandlers } from '#common/contract/contract';
import type { TableViews } from '#main/tables/table-views';

export function tablesHandlers(views: TableViews): PilothouseHandlers['tables'] {
  return {
    view: (request, { signal }) => views.open(request, signal),
    change: (change) => views.change(change),
    export: ({ view, format }) => views.export(view, format),
  };
}
