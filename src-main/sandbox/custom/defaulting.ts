/** Fills in the defaults that a structural schema declares. */
import type { JSONSchemaProps } from '#common/kube/types';
import { copyJson } from '#main/sandbox/registry/copy-json';
import { isFields, itemsOf, memberSchema, type Fields } from './schema-parts';

/** Edits nothing: the same value where no default was missing, else a copy of the parts that got one. */
export function withDefaults<T>(value: T, schema: JSONSchemaProps): T {
  if (!declaresDefaults(schema)) return value;
  return defaulted(value, schema) as T;
}

function defaulted(value: unknown, schema: JSONSchemaProps): unknown {
  if (Array.isArray(value)) return defaultedItems(value, schema);
  if (!isFields(value)) return value;
  let next: Fields | undefined;
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    // Null stands for "not given" where it is not allowed.
    const isGiven = value[key] !== undefined && (value[key] !== null || property.nullable === true);
    if (property.default === undefined || isGiven) continue;
    next ??= { ...value };
    next[key] = copyJson(property.default);
  }
  for (const [key, member] of Object.entries(next ?? value)) {
    const known = memberSchema(schema, key);
    const after = known ? defaulted(member, known) : member;
    if (after === member) continue;
    next ??= { ...value };
    next[key] = after;
  }
  return next ?? value;
}

function defaultedItems(value: unknown[], schema: JSONSchemaProps): unknown[] {
  const items = itemsOf(schema);
  if (!items) return value;
  const next = value.map((item) => defaulted(item, items));
  return next.some((item, at) => item !== value[at]) ? next : value;
}

const known = new WeakMap<JSONSchemaProps, boolean>();

function declaresDefaults(schema: JSONSchemaProps): boolean {
  let answer = known.get(schema);
  if (answer === undefined) {
    const { additionalProperties: rest } = schema;
    const below = [...Object.values(schema.properties ?? {}), itemsOf(schema), isFields(rest) ? rest : undefined];
    answer = schema.default !== undefined || below.some((one) => one !== undefined && declaresDefaults(one));
    known.set(schema, answer);
  }
  return answer;
}
