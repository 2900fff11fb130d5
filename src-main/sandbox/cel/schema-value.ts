/** A JSON value as the rules of its schema see it: typed by the schema, its field names escaped where CEL needs it. */
import type { JSONSchemaProps } from '#common/kube/types';
import { celValue } from './environment';

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function schemaValue(value: unknown, schema: JSONSchemaProps): unknown {
  if (Array.isArray(value)) return listValue(value, schema);
  if (isFields(value)) return fieldsValue(value, schema);
  if (typeof value === 'number' && schema.type === 'number') return value;
  if (typeof value === 'string' && (schema.format === 'date-time' || schema.format === 'date')) return new Date(value);
  return celValue(value);
}

function listValue(value: unknown[], { items }: JSONSchemaProps): unknown[] {
  const one = Array.isArray(items) ? items[0] : items;
  return value.map((item) => schemaValue(item, one ?? {}));
}

/** Declared fields are selected by name and must be names; keys of maps stay as they are. */
function fieldsValue(value: Fields, { properties, additionalProperties }: JSONSchemaProps): Fields {
  const rest = isFields(additionalProperties) ? (additionalProperties as JSONSchemaProps) : {};
  const entries = Object.entries(value).map(([key, member]): [string, unknown] => {
    const declared = properties?.[key];
    return declared ? [escapedName(key), schemaValue(member, declared)] : [key, schemaValue(member, rest)];
  });
  const fields = Object.fromEntries(entries);
  // Fields named by words of the language are selected as they are, too.
  for (const key of Object.keys(value))
    if (properties?.[key] && isReserved(key)) fields[key] = fields[escapedName(key)];
  return fields;
}

/** Words of the language that cannot be names. */
const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

export const isReserved = (name: string): boolean => RESERVED.has(name);

/** `namespace` is `__namespace__`, `a-b` is `a__dash__b`. */
export function escapedName(name: string): string {
  if (RESERVED.has(name)) return `__${name}__`;
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}
