import type { TableColumnDefinition } from '#common/kube/object';

/** A column as the server's printers declare it; `priority` 1 shows with `-o wide` only. */
export function column(name: string, type = 'string', priority = 0, description = ''): TableColumnDefinition {
  return { name, type, format: '', description, priority };
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
