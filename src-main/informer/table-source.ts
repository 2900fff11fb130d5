import type {
  KubeList,
  KubeObject,
  ObjectMeta,
  Table,
  TableColumnDefinition,
  TableRow,
  WatchEvent,
} from '#common/kube/object';
import { apiVersionOf, resourcePath, type Resource } from '#common/kube/resource';
import type { CarrierRequest } from '#main/client/carrier';
import type { KubeClient } from '#main/client/client';
import { listQuery, watchQuery } from '#main/client/queries';
import { watchEvents } from '#main/client/watch-events';
import type { Source } from './source';

/** One row of a server's Table: the metadata of the object, with the cells the server prints for it. */
export interface TableRowObject extends KubeObject {
  cells: readonly unknown[];
}

/** The columns of the latest Table; a watch sends them with its first event only. */
export class TableColumns {
  latest: readonly TableColumnDefinition[] = [];

  see(columns: readonly TableColumnDefinition[] | null | undefined): void {
    if (columns && columns.length > 0) this.latest = columns;
  }
}

export interface TableScope {
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  columns: TableColumns;
}

/** As kubectl asks: a Table where the server has one, else the plain answer. */
const ACCEPT = [
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=Table;v=v1beta1;g=meta.k8s.io',
  'application/json',
].join(',');

/** What is shown of a kind whose server knows no Table. */
const FALLBACK_COLUMNS: readonly TableColumnDefinition[] = [
  { name: 'Name', type: 'string', format: 'name', description: '', priority: 0 },
  { name: 'Created At', type: 'date', format: '', description: '', priority: 0 },
];

/** The rows of the server's own Table of one kind and scope, as objects that a reflector can follow. */
export function tableSource(client: KubeClient, resource: Resource, scope: TableScope): Source<TableRowObject> {
  const { namespace, labelSelector, columns } = scope;
  const request = (query: CarrierRequest['query'], signal: AbortSignal | undefined) =>
    client.request({
      method: 'GET',
      path: resourcePath(resource, { namespace }),
      query: { ...query, includeObject: 'Metadata' },
      headers: { accept: ACCEPT },
      signal,
    });
  const reader = new RowReader(resource, columns);
  return {
    async list(options) {
      const response = await request(listQuery({ labelSelector, ...options }), options.signal);
      return reader.list((await response.json()) as Table | KubeList<KubeObject>);
    },
    async *watch(options) {
      const response = await request(watchQuery({ labelSelector, ...options }), options.signal);
      options.onOpen?.();
      for await (const event of watchEvents<Table | KubeObject>(response)) yield* reader.events(event);
    },
  };
}

class RowReader {
  readonly #resource: Resource;
  readonly #columns: TableColumns;

  constructor(resource: Resource, columns: TableColumns) {
    this.#resource = resource;
    this.#columns = columns;
  }

  list(answer: Table | KubeList<KubeObject>): KubeList<TableRowObject> {
    const { apiVersion, kind, metadata } = answer;
    if (isTable(answer)) this.#columns.see(answer.columnDefinitions);
    else this.#columns.see(FALLBACK_COLUMNS);
    const items = isTable(answer) ? this.#rows(answer) : (answer.items ?? []).map((item) => this.#plain(item));
    return { apiVersion, kind, metadata, items };
  }

  /** An event's Table holds one row; a bookmark's may hold none and then speaks through its list metadata. */
  events({ type, object }: WatchEvent<Table | KubeObject>): WatchEvent<TableRowObject>[] {
    if (!isTable(object)) {
      if (type !== 'BOOKMARK') this.#columns.see(FALLBACK_COLUMNS);
      return [{ type, object: this.#plain(object) }];
    }
    this.#columns.see(object.columnDefinitions);
    const rows = this.#rows(object);
    if (rows.length > 0) return rows.map((row) => ({ type, object: row }));
    const metadata = object.metadata as ObjectMeta;
    return [{ type, object: { ...this.#identity(), metadata, cells: [] } }];
  }

  #rows({ rows, metadata }: Table): TableRowObject[] {
    return (rows ?? []).flatMap((row) => this.#row(row, metadata.resourceVersion ?? ''));
  }

  #row({ cells, object }: TableRow, listRevision: string): TableRowObject[] {
    if (!object) return [];
    const resourceVersion = object.metadata.resourceVersion ?? listRevision;
    return [{ ...this.#identity(), metadata: { ...object.metadata, resourceVersion }, cells }];
  }

  #plain({ metadata }: KubeObject): TableRowObject {
    return { ...this.#identity(), metadata, cells: [metadata.name, metadata.creationTimestamp] };
  }

  #identity() {
    return { apiVersion: apiVersionOf(this.#resource), kind: this.#resource.kind };
  }
}

function isTable(answer: object): answer is Table {
  return 'kind' in answer && answer.kind === 'Table';
}
