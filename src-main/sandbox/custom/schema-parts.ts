/** Small questions about structural schemas. */
import type { JSONSchemaProps } from '#common/kube/types';

export type Fields = Record<string, unknown>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The schema of an array's items. */
export function itemsOf({ items }: JSONSchemaProps): JSONSchemaProps | undefined {
  return Array.isArray(items) ? items[0] : items;
}

/** The schema of one member; undefined where the schema does not know it. */
export function memberSchema(schema: JSONSchemaProps, key: string): JSONSchemaProps | undefined {
  const own = schema.properties?.[key];
  if (own) return own;
  return isFields(schema.additionalProperties) ? (schema.additionalProperties as JSONSchemaProps) : undefined;
}

/** `spec.list[0].name`. */
export function pathOf(parent: string, key: string | number): string {
  if (typeof key === 'number') return `${parent}[${key}]`;
  return parent ? `${parent}.${key}` : key;
}

/** The path of an entry of a map, as field errors write it. */
export function entryPath(parent: string, schema: JSONSchemaProps, key: string): string {
  return schema.properties?.[key] ? pathOf(parent, key) : `${parent}.${key}`;
}
