/** The columns of a custom resource: those that its definition declares, else its age. */
import { humanDuration } from '#common/kinds/duration';
import { epochOf } from '#common/kinds/epoch';
import type { AnyObject, TableColumnDefinition } from '#common/kube/object';
import type { CustomResourceColumnDefinition } from '#common/kube/types';
import { parseJsonPath, type JsonPath } from './json-path';

/** How a kind prints; `now` is epoch milliseconds. */
export interface CustomPrinter {
  columns: readonly TableColumnDefinition[];
  cells(object: AnyObject, now: number): unknown[];
}

/** What the field says of itself. */
export const CREATION_TIME =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata';

const AGE: CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: CREATION_TIME,
};

export function customPrinter(
  declared: readonly CustomResourceColumnDefinition[] | undefined,
  name: TableColumnDefinition,
): CustomPrinter {
  const columns = (declared ?? [AGE]).map((column) => ({ column, path: parseJsonPath(column.jsonPath) }));
  return {
    columns: [name, ...columns.map(({ column }) => headOf(column))],
    cells: (object, now) => [
      object.metadata.name,
      ...columns.map(({ column, path }) => cellOf(object, { column, path, now })),
    ],
  };
}

function headOf({
  name,
  type,
  format = '',
  description,
  priority = 0,
  jsonPath,
}: CustomResourceColumnDefinition): TableColumnDefinition {
  return {
    name,
    type,
    format,
    description: description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority,
  };
}

interface Column {
  column: CustomResourceColumnDefinition;
  path: JsonPath | undefined;
  now: number;
}

function cellOf(object: AnyObject, { column, path, now }: Column): unknown {
  const found = path?.(object) ?? [];
  if (found.length === 0 || (found.length === 1 && found[0] === null)) return null;
  const cells = found.map((value) => valueOf(value, column.type, now));
  return cells.length === 1 ? cells[0] : cells.map(String).join(',');
}

/** A value that is not of the column's type shows as nothing. */
function valueOf(value: unknown, type: string, now: number): unknown {
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return ageOf(value, now);
    default:
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

function ageOf(value: unknown, now: number): string {
  const since = typeof value === 'string' ? epochOf(value) : null;
  return since === null ? '<invalid>' : humanDuration(now - since);
}
