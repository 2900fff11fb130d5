import { stringify } from 'yaml';
import { cellText, type Cell, type Column, type Kind } from '#common/kinds/kind';
import type { AnyObject } from '#common/kube/object';
import { cellsOf, type Row } from './row';

export type ExportFormat = 'csv' | 'json' | 'yaml';

/** The rows as text: CSV of all columns (RFC 4180), or the objects as a List. */
export function exportRows(rows: readonly Row[], kind: Kind, format: ExportFormat): string {
  if (format === 'csv') return csv(rows, kind);
  const list = { apiVersion: 'v1', kind: 'List', items: rows.map(({ object }) => object) };
  return format === 'json'
    ? `${JSON.stringify(list, undefined, 2)}\n`
    : stringify(list, { aliasDuplicateObjects: false });
}

function csv(rows: readonly Row[], kind: Kind): string {
  const lines = [kind.columns.map(({ header }) => header), ...rows.map((row) => texts(row, kind))];
  return lines.map((fields) => `${fields.map(csvField).join(',')}\r\n`).join('');
}

function texts(row: Row, kind: Kind): string[] {
  const cells = cellsOf(row, kind);
  return kind.columns.map((column, index) => exportText(column, cells[index] ?? null));
}

function exportText({ type }: Column<AnyObject>, cell: Cell): string {
  return type === 'age' && typeof cell === 'number' ? new Date(cell).toISOString() : cellText(cell);
}

/** A field that a spreadsheet would take for a formula is marked as text: messages come from the cluster. */
function csvField(text: string): string {
  const safe = /^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
