/**
 * `application/strategic-merge-patch+json`: a merge patch whose lists merge item by item where the kind's types say so, with
 * the directives `$patch`, `$retainKeys`, `$setElementOrder/<list>` and `$deleteFromPrimitiveList/<list>`.
 */
import { goPrint } from '../go-values';
import type { FieldSchema, TypeSchema, ValueSchema } from '../schema';
import { mergedOrder } from './element-order';
import { badPatch, patchFailed, patchObject } from './patch-errors';

type Fields = Record<string, unknown>;

const PATCH = '$patch';
const RETAIN_KEYS = '$retainKeys';
const SET_ELEMENT_ORDER = '$setElementOrder/';
const DELETE_FROM_LIST = '$deleteFromPrimitiveList/';

/** The object after the patch; neither argument is edited. Throws 400 for a malformed patch, 500 where a merge key is missing. */
export function applyStrategicMergePatch<T extends object>(current: T, patch: unknown, schema: TypeSchema): T {
  return mergeFields(current as Fields, patchObject(patch), schema) as T;
}

/** The schema below a field; undefined where the types say nothing, as in free-form JSON. */
type Known = ValueSchema | undefined;

function mergeFields(current: Fields, patch: Fields, schema: Known): Fields {
  if (PATCH in patch) return directed(patch);
  const next = retained(current, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key === RETAIN_KEYS || key.startsWith(SET_ELEMENT_ORDER)) continue;
    if (key.startsWith(DELETE_FROM_LIST)) deleteFromList(next, key.slice(DELETE_FROM_LIST.length), value);
    else mergeField(next, { key, value, order: patch[SET_ELEMENT_ORDER + key], schema });
  }
  for (const [key, order] of Object.entries(patch)) {
    if (key.startsWith(SET_ELEMENT_ORDER)) reorder(next, { key, order, patch, schema });
  }
  return next;
}

/** `$patch: replace` takes the patch as it is, `$patch: delete` leaves nothing. */
function directed({ [PATCH]: directive, ...rest }: Fields): Fields {
  if (directive === 'replace') return rest;
  if (directive === 'delete') return {};
  throw patchFailed(`unknown patch type: ${goPrint(directive)} in map: ${goPrint({ [PATCH]: directive, ...rest })}`);
}

/** A copy of `current`, without the keys that `$retainKeys` does not list. */
function retained(current: Fields, patch: Fields): Fields {
  const list = patch[RETAIN_KEYS];
  if (list === undefined) return { ...current };
  if (!Array.isArray(list)) throw badPatch('invalid patch format of retainKeys');
  const keep = new Set<unknown>(list);
  for (const [key, value] of Object.entries(patch)) {
    if (value !== null && !key.startsWith('$') && !keep.has(key)) throw badPatch('invalid patch format of retainKeys');
  }
  return Object.fromEntries(Object.entries(current).filter(([key]) => keep.has(key)));
}

interface FieldPatch {
  key: string;
  value: unknown;
  /** The `$setElementOrder` list of the same field. */
  order: unknown;
  schema: Known;
}

function mergeField(next: Fields, { key, value, order, schema }: FieldPatch): void {
  const current = next[key];
  const field = fieldOf(schema, key);
  if (isFields(value) && isFields(current)) {
    const type = field?.type ?? (schema?.shape === 'map' ? schema.elements : undefined);
    next[key] = field?.replaces ? value : mergeFields(current, value, type);
  } else if (Array.isArray(value) && Array.isArray(current) && field?.merges) {
    next[key] = mergeList({ current, patch: value, field, order });
  } else setOrRemove(next, key, value === null ? undefined : withoutDirectives(value));
}

function setOrRemove(next: Fields, key: string, value: unknown): void {
  if (value === undefined) delete next[key];
  else next[key] = value;
}

function fieldOf(schema: Known, key: string): FieldSchema | undefined {
  return schema?.shape === 'struct' ? schema.field(key) : undefined;
}

interface ListPatch {
  current: readonly unknown[];
  patch: readonly unknown[];
  field: FieldSchema;
  /** The `$setElementOrder` list, if there is one; else the patch's own order counts. */
  order: unknown;
}

function mergeList({ current, patch, field, order: wanted }: ListPatch): unknown[] {
  if (current.length === 0 && patch.length === 0) return [];
  const isOfFields = (current.length > 0 ? current : patch).every(isFields);
  if ([...current, ...patch].some((item) => item === null || isFields(item) !== isOfFields)) {
    throw patchFailed(`list element types are not identical: ${goPrint([current, patch])}`);
  }
  const order = Array.isArray(wanted) ? wanted : undefined;
  if (!isOfFields) return mergedOrder([...new Set([...current, ...patch])], order ?? patch, current, identity);
  const { mergeKey } = field;
  if (!mergeKey) throw patchFailed(`cannot merge lists without merge key for ${field.type.goType}`);
  const keyed = (item: unknown): unknown => keyOf(item, mergeKey);
  const { kept, additions } = applySpecialItems(current, patch as Fields[], keyed);
  const merged = mergeItems(kept, additions, { keyed, elements: elementsOf(field.type) });
  return mergedOrder(merged, order ?? additions, kept, keyed);
}

const identity = (item: unknown): unknown => item;

function elementsOf(type: ValueSchema): Known {
  return type.shape === 'list' ? type.elements : undefined;
}

function keyOf(item: unknown, mergeKey: string): unknown {
  if (isFields(item) && mergeKey in item) return item[mergeKey];
  throw patchFailed(`map: ${goPrint(item)} does not contain declared merge key: ${mergeKey}`);
}

/** Items with `$patch` delete their namesakes, or replace the whole list; they are not merged themselves. */
function applySpecialItems(current: readonly unknown[], patch: readonly Fields[], keyed: (item: unknown) => unknown) {
  const additions = patch.filter((item) => !(PATCH in item));
  let kept = [...current];
  let replaces = false;
  for (const item of patch) {
    if (!(PATCH in item)) continue;
    if (item[PATCH] === 'replace') replaces = true;
    else if (item[PATCH] === 'delete') kept = kept.filter((other) => keyed(other) !== keyed(item));
    else if (item[PATCH] === 'merge') throw patchFailed('merging lists cannot yet be specified in the patch');
    else throw patchFailed(`unknown patch type: ${goPrint(item[PATCH])} in map: ${goPrint(item)}`);
  }
  return replaces ? { kept: additions, additions: [] } : { kept, additions };
}

function mergeItems(
  kept: readonly unknown[],
  additions: readonly Fields[],
  { keyed, elements }: { keyed: (item: unknown) => unknown; elements: Known },
): unknown[] {
  const merged = [...kept];
  for (const item of additions) {
    const key = keyed(item);
    const at = merged.findIndex((other) => keyed(other) === key);
    if (at < 0) merged.push(item);
    else merged[at] = mergeFields(merged[at] as Fields, item, elements);
  }
  return merged;
}

function deleteFromList(next: Fields, key: string, value: unknown): void {
  const current = next[key];
  if (!Array.isArray(value)) throw badPatch('invalid patch format of primitive list');
  if (!Array.isArray(current)) return;
  const gone = new Set<unknown>(value);
  next[key] = current.filter((item) => !gone.has(item));
}

/** Orders a list that the patch itself leaves as it is, and checks that list and order agree where it does not. */
function reorder(
  next: Fields,
  { key, order, patch, schema }: { key: string; order: unknown; patch: Fields; schema: Known },
) {
  const name = key.slice(SET_ELEMENT_ORDER.length);
  if (!Array.isArray(order)) throw badPatch('invalid patch format of setElementOrder list');
  const mergeKey = fieldOf(schema, name)?.mergeKey ?? '';
  const keyed = mergeKey ? (item: unknown) => keyOf(item, mergeKey) : identity;
  const patched = patch[name];
  if (patched !== undefined && !Array.isArray(patched)) throw badPatch('invalid patch format of setElementOrder list');
  if (patched) checkOrder(patched, order, keyed);
  const current = next[name];
  if (Array.isArray(current)) next[name] = mergedOrder(current, order, current, keyed);
}

/** The items of the patch must appear in the order list, in the same order. */
function checkOrder(patched: readonly unknown[], order: readonly unknown[], keyed: (item: unknown) => unknown): void {
  if (order.length === 0) return;
  const items = patched.filter((item) => !(isFields(item) && PATCH in item));
  let at = 0;
  for (const item of order) if (at < items.length && keyed(items[at]) === keyed(item)) at++;
  if (at < items.length) {
    const [given, wanted] = [goPrint(patched), goPrint(order)];
    throw patchFailed(`The order in patch list:\n${given}\n doesn't match $setElementOrder list:\n${wanted}\n`);
  }
}

/** The value with nulls and directives taken out, as a new value has it; undefined if it is itself a directive. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isFields(value)) return value;
  if (PATCH in value) return undefined;
  const plain: Fields = {};
  for (const [key, entry] of Object.entries(value)) {
    const kept = entry === null ? undefined : withoutDirectives(entry);
    if (kept !== undefined) plain[key] = kept;
  }
  return plain;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
