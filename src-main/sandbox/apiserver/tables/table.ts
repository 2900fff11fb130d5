import { Buffer } from 'node:buffer';
import type { ListMeta, TableRow } from '#common/kube/object';
import type { Entry } from '#main/sandbox/store/entry';
import type { Printer } from './printer';

/** What every row of one table has in common. */
export interface RowContent {
  printer: Printer;
  /** Epoch milliseconds: ages are told as of now. */
  now: number;
  metaVersion: string;
  include: 'Metadata' | 'Object' | 'None';
}

/** A table without its rows; watches leave the columns out after the first event. */
export function tableHead({ columns }: Printer, metadata: ListMeta, metaVersion: string, withColumns = true) {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata,
    columnDefinitions: withColumns ? columns : null,
  };
}

export function rowValue(entry: Pick<Entry, 'object'>, { printer, now, metaVersion, include }: RowContent): TableRow {
  const row = cellsOf(entry, printer, now);
  if (include === 'None') return row;
  if (include === 'Object') return { ...row, object: entry.object };
  const { metadata } = entry.object;
  return { ...row, object: { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${metaVersion}`, metadata } };
}

function cellsOf({ object }: Pick<Entry, 'object'>, printer: Printer, now: number): TableRow {
  const cells = printer.cells(object, now);
  const conditions = printer.conditions?.(object);
  return conditions ? { cells, conditions } : { cells };
}

/** The same as bytes: the object's own are used again. */
export function rowBytes(entry: Entry, { printer, now, metaVersion, include }: RowContent): Buffer[] {
  const row = JSON.stringify(cellsOf(entry, printer, now)).slice(0, -1);
  if (include === 'None') return [Buffer.from(`${row},"object":null}`)];
  if (include === 'Object') return [Buffer.from(`${row},"object":`), entry.bytes, CLOSE];
  const head = `${row},"object":{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${metaVersion}","metadata":`;
  return [Buffer.from(head), entry.metadataBytes, CLOSE_BOTH];
}

const CLOSE = Buffer.from('}');
const CLOSE_BOTH = Buffer.from('}}');
