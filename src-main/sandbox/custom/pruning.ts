/** Takes out of an object what its structural schema does not know. */
import type { JSONSchemaProps } from '#common/kube/types';
import { isFields, itemsOf, memberSchema, pathOf, type Fields } from './schema-parts';

export interface Pruned<T = unknown> {
  value: T;
  /** Paths of what was taken out, in document order. */
  unknown: string[];
}

const RESOURCE_FIELDS = new Set(['apiVersion', 'kind', 'metadata']);

/** The same object where everything is known, else a copy. */
export function prune(object: Fields, schema: JSONSchemaProps): Pruned<Fields> {
  const unknown: string[] = [];
  const value = pruneFields(object, schema, { path: '', isResource: true, unknown });
  return { value, unknown };
}

interface Place {
  path: string;
  isResource: boolean;
  unknown: string[];
}

function pruneValue(value: unknown, schema: JSONSchemaProps, { path, unknown }: Place): unknown {
  const isResource = schema['x-kubernetes-embedded-resource'] === true;
  if (isFields(value)) return pruneFields(value, schema, { path, isResource, unknown });
  const items = itemsOf(schema);
  if (!Array.isArray(value) || !items) return value;
  const next = value.map((item, at) => pruneValue(item, items, { path: pathOf(path, at), isResource: false, unknown }));
  return next.some((item, at) => item !== value[at]) ? next : value;
}

function pruneFields(value: Fields, schema: JSONSchemaProps, place: Place): Fields {
  const next: Fields = {};
  let isSame = true;
  for (const [key, member] of Object.entries(value)) {
    const path = pathOf(place.path, key);
    const known = memberSchema(schema, key);
    if (place.isResource && RESOURCE_FIELDS.has(key)) next[key] = member;
    else if (known) next[key] = pruneValue(member, known, { ...place, path, isResource: false });
    else if (keepsUnknown(schema)) next[key] = member;
    else place.unknown.push(path);
    if (next[key] !== member || !(key in next)) isSame = false;
  }
  return isSame ? value : next;
}

function keepsUnknown(schema: JSONSchemaProps): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true;
}
