/** What server-side apply sees in a value: leaves, members with names, and items with keys. */
import type { FieldSchema, ListSchema, MapSchema, ScalarName, TypeSchema, ValueSchema } from './schema';

export type Fields = Record<string, unknown>;

/** The schema of a member whose type nobody declared. */
export type Known = ValueSchema | undefined;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Free-form JSON: objects merge by key, lists are taken as they are. */
const FREE_FORM: MapSchema = {
  shape: 'map',
  elements: { shape: 'scalar', scalar: 'json', goType: 'json' },
  atomic: false,
  goType: 'map[string]interface {}',
};

/** A struct or map whose members are owned one by one. */
export function granular(type: Known, value: unknown): TypeSchema | MapSchema | undefined {
  if (type === undefined) return isFields(value) ? FREE_FORM : undefined;
  if (type.shape === 'struct' || type.shape === 'map') return type.atomic ? undefined : type;
  const isFreeForm = type.shape === 'scalar' && !type.atomic && (type.scalar === 'raw' || type.scalar === 'json');
  return isFreeForm && isFields(value) ? FREE_FORM : undefined;
}

/** A list whose items are owned one by one. */
export function associative(type: Known): ListSchema | undefined {
  return type?.shape === 'list' && type.topology !== 'atomic' ? type : undefined;
}

/** The schema of one member; undefined where an open struct does not declare it. */
export function memberOf(type: TypeSchema | MapSchema, key: string): Known {
  return type.shape === 'map' ? type.elements : type.field(key)?.type;
}

/** Whether Go writes the member even when it is empty, if need be as null: then it was never missing. */
export function isNeverMissing(type: TypeSchema | MapSchema, key: string): boolean {
  const field = type.shape === 'struct' ? type.field(key) : undefined;
  return field !== undefined && isAlwaysThere(field);
}

/** `omitempty` does nothing for what Go keeps as a struct by value: times, quantities, and structs themselves. */
function isAlwaysThere({ type, pointer, omitsEmpty, omitsZeroStruct }: FieldSchema): boolean {
  if (omitsZeroStruct) return false;
  if (!omitsEmpty) return true;
  return !pointer && (type.shape === 'struct' || (type.shape === 'scalar' && STRUCT_SCALARS.has(type.scalar)));
}

const STRUCT_SCALARS = new Set<ScalarName>(['time', 'microtime', 'duration', 'quantity', 'intstr', 'raw']);

const neverMissing = new WeakMap<TypeSchema, readonly string[]>();

/** The members of a struct that are null where they are not given. */
export function neverMissingOf(type: TypeSchema | MapSchema): readonly string[] {
  if (type.shape === 'map') return [];
  let names = neverMissing.get(type);
  if (!names) neverMissing.set(type, (names = type.fields.filter(isAlwaysThere).map((field) => field.name)));
  return names;
}

/** An item without what would identify it. */
export class NoKeyError extends Error {}

/** The path element of an item: `k:{"name":"a"}`, or `v:"a"` in a set. */
export function elementOf(list: ListSchema, item: unknown): string {
  if (list.topology === 'set') return `v:${JSON.stringify(item)}`;
  if (!isFields(item)) throw new NoKeyError('associative list with keys may not have non-map elements');
  const [only] = list.keys;
  if (list.keys.length === 1 && only !== undefined && item[only] !== undefined) {
    return `k:{${JSON.stringify(only)}:${JSON.stringify(item[only])}}`;
  }
  return keyElement(list, item);
}

function keyElement(list: ListSchema, item: Fields): string {
  const keys: Fields = {};
  for (const name of sortedKeys(list)) {
    const value = item[name] ?? defaultKey(list.elements, name);
    if (value !== undefined) keys[name] = value;
  }
  if (Object.keys(keys).length > 0) return `k:${JSON.stringify(keys)}`;
  const names = `[${list.keys.map((name) => JSON.stringify(name)).join(' ')}]`;
  throw new NoKeyError(
    `associative list with keys has an element that omits all key fields ${names} (and doesn't have default values for any key fields)`,
  );
}

const sorted = new WeakMap<ListSchema, readonly string[]>();

function sortedKeys(list: ListSchema): readonly string[] {
  let keys = sorted.get(list);
  if (!keys) sorted.set(list, (keys = [...list.keys].sort()));
  return keys;
}

/** A key that Go always writes has its zero value when it is missing. */
function defaultKey(elements: ValueSchema, name: string): unknown {
  const field = elements.shape === 'struct' ? elements.field(name) : undefined;
  if (!field) return undefined;
  if (field.default !== undefined) return field.default;
  if (field.omitsEmpty || field.pointer || field.type.shape !== 'scalar') return undefined;
  if (field.type.scalar === 'bool') return false;
  return field.type.scalar === 'string' ? '' : 0;
}
