/** Finds the fields in which two values of one kind differ, in the granularity in which fields are owned. */
import { MEMBER, below, type FieldSet } from './field-set';
import { sameValue } from './same-value';
import type { ListSchema, MapSchema, TypeSchema } from './schema';
import {
  associative,
  elementOf,
  granular,
  isFields,
  isNeverMissing,
  neverMissingOf,
  memberOf,
  type Fields,
  type Known,
} from './typed-values';

export interface Difference {
  /** Added or modified. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

const SAME: Difference = { changed: MEMBER, removed: MEMBER };

/** Fields of `next` that are new or other than in `live`, and fields of `live` that are gone. Shared parts are skipped. */
export function compareFields(live: Fields, next: Fields, type: TypeSchema): Difference {
  if (live === next) return SAME;
  const out = new Changes();
  compareMembers(live, next, type, out);
  return { changed: out.changed, removed: out.removed };
}

/** Collects what differs below one place. */
class Changes {
  changed: Record<string, FieldSet> = {};
  removed: Record<string, FieldSet> = {};

  /** Takes what was found below `element`. */
  take(element: string, { changed, removed }: Changes): void {
    const [more, less] = [below(false, changed), below(false, removed)];
    if (more) this.changed[element] = more;
    if (less) this.removed[element] = less;
  }
}

function compareMembers(live: Fields, next: Fields, type: TypeSchema | MapSchema, out: Changes): void {
  for (const key in next) if (next[key] !== live[key]) compareMember(key, [live[key], next[key]], type, out);
  for (const key in live)
    if (next[key] === undefined && live[key] !== undefined) compareMember(key, [live[key], undefined], type, out);
}

function compareMember(
  key: string,
  [live, next]: [unknown, unknown],
  type: TypeSchema | MapSchema,
  out: Changes,
): void {
  const alwaysThere = isNeverMissing(type, key);
  const before = live === undefined && alwaysThere ? null : live;
  const after = next === undefined && alwaysThere ? null : next;
  if (before !== after) compareValues(`f:${key}`, [before, after], memberOf(type, key), out);
}

function compareValues(element: string, [live, next]: [unknown, unknown], type: Known, out: Changes): void {
  if (live === undefined) out.changed[element] = everyField(next, type);
  else if (next === undefined) out.removed[element] = everyField(live, type);
  else if (!compareInside(element, [live, next], type, out) && !sameValue(live, next)) out.changed[element] = MEMBER;
}

/** False where the value is a leaf. */
function compareInside(element: string, [live, next]: [unknown, unknown], type: Known, out: Changes): boolean {
  if (isEmptyOrNull(live) && isEmptyOrNull(next)) return false;
  const members = granular(type, isFields(live) ? live : next);
  if (members && isFieldsOrNull(live) && isFieldsOrNull(next)) {
    const inner = new Changes();
    compareMembers(live ?? {}, next ?? {}, members, inner);
    out.take(element, inner);
    return true;
  }
  const list = associative(type);
  if (!list || !isListOrNull(live) || !isListOrNull(next)) return false;
  const inner = new Changes();
  compareItems(live ?? [], next ?? [], list, inner);
  out.take(element, inner);
  return true;
}

/** Items are compared with their namesakes; items that share a name are compared together. */
function compareItems(live: readonly unknown[], next: readonly unknown[], type: ListSchema, out: Changes): void {
  const [before, after] = [groupItems(live, type), groupItems(next, type)];
  for (const [element, items] of after) compareNamesakes(element, [before.get(element) ?? [], items], type, out);
  for (const [element, items] of before) {
    if (!after.has(element)) compareNamesakes(element, [items, []], type, out);
  }
}

function compareNamesakes(
  element: string,
  [live, next]: [readonly unknown[], readonly unknown[]],
  type: ListSchema,
  out: Changes,
): void {
  if (live.length > 1 || next.length > 1) {
    if (live.length > 1 && next.length > 1) {
      if (!sameValue(live, next)) out.changed[element] = MEMBER;
    } else if (next.length > 1) out.changed[element] = MEMBER;
    else {
      out.removed[element] = MEMBER;
      if (next.length === 1) out.changed[element] = everyField(next[0], type.elements);
    }
  } else if (live[0] !== next[0]) compareValues(element, [live[0], next[0]], type.elements, out);
}

function groupItems(items: readonly unknown[], type: ListSchema): Map<string, unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const item of items) {
    const element = elementOf(type, item);
    const group = groups.get(element);
    if (group) group.push(item);
    else groups.set(element, [item]);
  }
  return groups;
}

/** The element itself and everything below it: what a value adds that was not there at all. */
function everyField(value: unknown, type: Known): FieldSet {
  if (isEmptyOrNull(value)) return MEMBER;
  const members = granular(type, value);
  if (members && isFields(value)) {
    const children: Record<string, FieldSet> = {};
    for (const key in value)
      if (value[key] !== undefined) children[`f:${key}`] = everyField(value[key], memberOf(members, key));
    for (const key of neverMissingOf(members)) children[`f:${key}`] ??= MEMBER;
    return below(true, children) ?? MEMBER;
  }
  const list = associative(type);
  if (!list || !Array.isArray(value)) return MEMBER;
  const children: Record<string, FieldSet> = {};
  for (const [element, items] of groupItems(value, list)) {
    children[element] = items.length > 1 ? MEMBER : everyField(items[0], list.elements);
  }
  return below(true, children) ?? MEMBER;
}

function isEmptyOrNull(value: unknown): boolean {
  if (value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && value !== undefined && Object.keys(value as Fields).length === 0;
}

const isFieldsOrNull = (value: unknown): value is Fields | null => value === null || isFields(value);
const isListOrNull = (value: unknown): value is readonly unknown[] | null => value === null || Array.isArray(value);
