/** Schemas of OpenAPI v3 in the words of v2, which knows neither defaults (the server prunes them) nor choices between types. */
import type { JsonSchema } from './schemas';

const V3_PREFIX = '#/components/schemas/';
const V2_PREFIX = '#/definitions/';

/** A schema of the release's own types. */
export function swaggerSchema(schema: JsonSchema): JsonSchema {
  const { allOf, oneOf, default: _, ...rest } = schema;
  const flat = { ...rest, ...onlyOf(allOf), ...(oneOf ? SCALAR : {}) };
  return mapParts(flat, swaggerSchema);
}

/** What may be one of several scalars is told as a string. */
const SCALAR: JsonSchema = { type: 'string' };

/** References carry nothing beside them in v3, so that those with a description are wrapped. */
function onlyOf(allOf: unknown): JsonSchema {
  return Array.isArray(allOf) && allOf.length === 1 ? (allOf[0] as JsonSchema) : {};
}

const UNKNOWN_TO_V2 = ['allOf', 'anyOf', 'oneOf', 'not', 'default', 'nullable', 'example', 'externalDocs'];
const PARTS = ['items', 'properties'];

/**
 * A schema that a definition of custom resources declares. kubectl's reader of v2 takes what has no type as free, and
 * fails at a type without its parts: so what may be null, and what keeps unknown fields, loses its type and its parts.
 */
export function swaggerCustomSchema(schema: JsonSchema): JsonSchema {
  const isFree = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const isNullable = schema['nullable'] === true;
  const wanted = requiredOf(schema);
  const left = new Set([...UNKNOWN_TO_V2, 'required']);
  if (isFree || isNullable) for (const part of PARTS) left.add(part);
  if (isNullable || (isFree && isComposite(schema))) left.add('type');
  const kept = Object.fromEntries(Object.entries(schema).filter(([key]) => !left.has(key)));
  return mapParts({ ...kept, ...(wanted.length > 0 ? { required: wanted } : {}) }, swaggerCustomSchema);
}

const isComposite = ({ type }: JsonSchema): boolean => type === 'object' || type === 'array';

/** The fields that must be there and may not be null. */
function requiredOf({ required, properties, additionalProperties }: JsonSchema): string[] {
  if (isSchema(additionalProperties) && additionalProperties['nullable'] === true) return [];
  const fields = isSchema(properties) ? properties : {};
  const names = (required as string[] | undefined) ?? [];
  return names.filter((name) => {
    const field = fields[name];
    return !isSchema(field) || field['nullable'] !== true;
  });
}

function mapParts(schema: JsonSchema, map: (part: JsonSchema) => JsonSchema): JsonSchema {
  const { $ref, items, additionalProperties, properties } = schema;
  return {
    ...schema,
    ...(typeof $ref === 'string' ? { $ref: swaggerReference($ref) } : {}),
    ...(isSchema(items) ? { items: map(items) } : {}),
    ...(isSchema(additionalProperties) ? { additionalProperties: map(additionalProperties) } : {}),
    ...(isSchema(properties) ? { properties: mapValues(properties, map) } : {}),
  };
}

function mapValues(properties: JsonSchema, map: (part: JsonSchema) => JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, map(field as JsonSchema)]));
}

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null;

const swaggerReference = (reference: string): string => reference.replace(V3_PREFIX, V2_PREFIX);
