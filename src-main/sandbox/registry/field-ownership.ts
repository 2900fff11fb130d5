/**
 * managedFields of a write. Who makes thousands of objects makes them alike, so the fields of a new object are worked out
 * once per shape: the names of its fields, and the values by which its list items are told apart. Who changes them
 * changes them alike, too: equal sets of fields are kept once.
 */
import type { AnyObject, ManagedFieldsEntry } from '#common/kube/object';
import { NoKeyError } from '#main/sandbox/machinery/typed-values';
import { otherVersions, updateManagedFields, type FieldWrite } from '#main/sandbox/machinery/managed-fields';
import { changesIn, type Versions } from '#main/sandbox/machinery/versions';

const MOST_SHAPES = 500;
const MOST_SETS = 2000;

type Fields = NonNullable<ManagedFieldsEntry['fieldsV1']>;

export class FieldOwnership {
  readonly #byShape = new Map<string, ManagedFieldsEntry[]>();
  readonly #sets = new Map<string, Fields>();

  /** Sets the managedFields of `draft`, which replaces `current`; `draft` has its defaults and nothing else of the server yet. */
  record(current: AnyObject | undefined, draft: AnyObject, write: FieldWrite): void {
    // What nobody owned when it was made, nobody comes to own but by applying.
    if (current && !owned(current) && !owned(draft)) return;
    const isNew = !current && !draft.metadata.managedFields;
    const managed = this.#tracked(() => (isNew ? this.#ofNew(draft, write) : this.#ofChanged(current, draft, write)));
    if (managed.length > 0) draft.metadata.managedFields = managed;
    else delete draft.metadata.managedFields;
  }

  /** The same where fields may be owned in other versions, with names of their own: at once where none are. */
  recordAcross(current: AnyObject, draft: AnyObject, write: FieldWrite, versions: Versions): void | Promise<void> {
    const others = otherVersions(current.metadata.managedFields ?? [], write.apiVersion);
    if (others.length === 0) return this.record(current, draft, write);
    return changesIn(others, { before: current, next: draft }, versions).then(
      (elsewhere) => this.record(current, draft, { ...write, elsewhere }),
      // What others own cannot be said any more: a real server forgets all of it.
      () => void delete draft.metadata.managedFields,
    );
  }

  /** What cannot be told apart is owned by nobody: whether it may be stored at all is for others to say. */
  #tracked(work: () => ManagedFieldsEntry[]): ManagedFieldsEntry[] {
    try {
      return work();
    } catch (problem) {
      if (problem instanceof NoKeyError) return [];
      throw problem;
    }
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

  #ofChanged(current: AnyObject | undefined, draft: AnyObject, write: FieldWrite): ManagedFieldsEntry[] {
    const before = new Set(current?.metadata.managedFields);
    return updateManagedFields(current, draft, write).map((entry) => {
      if (before.has(entry) || !entry.fieldsV1) return entry;
      return { ...entry, fieldsV1: this.#shared(entry.fieldsV1) };
    });
  }

  #shared(set: Fields): Fields {
    const text = JSON.stringify(set);
    const known = this.#sets.get(text);
    if (known) return known;
    if (this.#sets.size >= MOST_SETS) this.#sets.clear();
    this.#sets.set(text, set);
    return set;
  }
}

const owned = ({ metadata }: AnyObject): boolean => (metadata.managedFields?.length ?? 0) > 0;

/** Text that is the same for objects whose fields have the same paths. What is empty may stand there without an owner. */
function shapeOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return value ? '' : '0';
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
