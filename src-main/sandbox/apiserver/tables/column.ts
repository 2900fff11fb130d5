import type { TableColumnDefinition } from '#common/kube/object';
import { CREATION_TIME } from '#main/sandbox/custom/custom-columns';

/** A column as the server's printers declare it. */
export function column(name: string, type = 'string'): TableColumnDefinition {
  return { name, type, format: '', description: '', priority: 0 };
}

/** A column that shows with `-o wide` only. */
export function wide(name: string, type = 'string'): TableColumnDefinition {
  return { ...column(name, type), priority: 1 };
}

export const NAME: TableColumnDefinition = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  priority: 0,
};

export const AGE: TableColumnDefinition = column('Age');
/** Of kinds that describe their columns. */
export const CREATED: TableColumnDefinition = { ...AGE, description: CREATION_TIME };

export const NONE = '<none>';
export const UNSET = '<unset>';

/** `a,b + 3 more...`. */
export function firstOf(items: readonly string[], most: number, empty = NONE): string {
  if (items.length === 0) return empty;
  const shown = items.slice(0, most).join(',');
  return items.length > most ? `${shown} + ${items.length - most} more...` : shown;
}
