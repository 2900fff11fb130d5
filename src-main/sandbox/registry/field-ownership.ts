/**
 * managedFields of a write. Who makes thousands of objects makes them alike, so the fields of a new object are worked out
 * once per shape: the names of its fields, and the values by which its list items are told apart.
 */
import type { AnyObject, ManagedFieldsEntry } from '#common/kube/object';
import { updateManagedFields, type FieldWrite } from '#main/sandbox/machinery/managed-fields';

const MOST_SHAPES = 500;

export class FieldOwnership {
  readonly #byShape = new Map<string, ManagedFieldsEntry[]>();

  /** Sets the managedFields of `draft`, which replaces `current`; `draft` has its defaults and nothing else of the server yet. */
  record(current: AnyObject | undefined, draft: AnyObject, write: FieldWrite): void {
    const isNew = !current && !draft.metadata.managedFields;
    const managed = isNew ? this.#ofNew(draft, write) : updateManagedFields(current, draft, write);
    if (managed.length > 0) draft.metadata.managedFields = managed;
    else delete draft.metadata.managedFields;
  }

  #ofNew(draft: AnyObject, write: FieldWrite): ManagedFieldsEntry[] {
    const shape = `${write.manager}\n${write.subresource}\n${write.apiVersion}\n${shapeOf(draft)}`;
    const known = this.#byShape.get(shape);
    if (known) return known.map((entry) => (write.time ? { ...entry, time: write.time } : entry));
    const managed = updateManagedFields(undefined, draft, write);
    if (this.#byShape.size >= MOST_SHAPES) this.#byShape.clear();
    this.#byShape.set(shape, managed);
    return managed;
  }
}

/** Text that is the same for objects whose fields have the same paths. */
function shapeOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  if (Array.isArray(value)) return `[${value.map(itemShape).join(',')}]`;
  let text = '{';
  for (const key of Object.keys(value)) text += `${key}${shapeOf((value as Record<string, unknown>)[key])};`;
  return `${text}}`;
}

/** Any scalar of a list item may be what it is known by. */
function itemShape(item: unknown): string {
  if (typeof item !== 'object' || item === null) return JSON.stringify(item);
  if (Array.isArray(item)) return shapeOf(item);
  let text = '{';
  for (const [key, value] of Object.entries(item)) {
    text += typeof value === 'object' ? `${key}${shapeOf(value)};` : `${key}=${JSON.stringify(value)};`;
  }
  return `${text}}`;
}
