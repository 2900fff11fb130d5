/** Whether a schema is structural: every value has a type, and combinations only add constraints. */
import type { JSONSchemaProps } from '#common/kube/types';
import {
  forbiddenField,
  invalidValue,
  must,
  notSupported,
  required,
  type FieldError,
} from '#main/sandbox/registry/field-errors';
import { RE2JS } from 're2js';
import { validateRuleTexts } from './schema-rules';
import { isFields, itemsOf } from './schema-parts';
import { validateSchema } from './schema-validation';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** What is wrong with the schema of a version; `path` is that of the schema. */
export function validateStructure(schema: JSONSchemaProps, path: string): FieldError[] {
  const root = schema.type
    ? must(schema.type === 'object', () => invalidValue(`${path}.type`, schema.type, 'must be object at the root'))
    : [required(`${path}.type`, 'must not be empty at the root')];
  return [...root, ...nodeErrors(schema, path)];
}

function nodeErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  return [
    ...typeErrors(schema, path),
    ...keywordErrors(schema, path),
    ...extensionErrors(schema, path),
    ...defaultErrors(schema, path),
    ...validateRuleTexts(schema, path),
    ...childErrors(schema, path),
  ];
}

function childErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const items = itemsOf(schema);
  const rest = isFields(schema.additionalProperties) ? (schema.additionalProperties as JSONSchemaProps) : undefined;
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, one]) =>
      typed(one, `${path}.properties[${name}]`, 'object fields'),
    ),
    ...(items ? typed(items, `${path}.items`, 'array items') : []),
    ...(rest ? typed(rest, `${path}.additionalProperties`, 'object fields') : []),
  ];
}

function typed(schema: JSONSchemaProps, path: string, place: string): FieldError[] {
  const isFree = schema['x-kubernetes-int-or-string'] || schema['x-kubernetes-preserve-unknown-fields'];
  const missing = !schema.type && !isFree ? [required(`${path}.type`, `must not be empty for specified ${place}`)] : [];
  return [...missing, ...nodeErrors(schema, path)];
}

function typeErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const { type, properties, additionalProperties } = schema;
  const hasProperties = properties && Object.keys(properties).length > 0;
  return [
    ...must(!type || TYPES.includes(type), () => notSupported(`${path}.type`, type, TYPES)),
    ...must(type !== 'array' || itemsOf(schema) !== undefined, () => required(`${path}.items`, 'must be specified')),
    ...must(!hasProperties || (additionalProperties ?? true) === true, () =>
      forbiddenField(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
    ),
    ...must(additionalProperties !== false, () =>
      forbiddenField(`${path}.additionalProperties`, 'additionalProperties cannot be set to false'),
    ),
  ];
}

function keywordErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const refused = (name: keyof JSONSchemaProps, detail: string): FieldError[] =>
    must(schema[name] === undefined, () => forbiddenField(`${path}.${name}`, detail));
  return [
    ...must(schema.uniqueItems !== true, () =>
      forbiddenField(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    ),
    ...refused('$ref', '$ref is not supported'),
    ...refused('definitions', 'definitions is not supported'),
    ...refused('dependencies', 'dependencies is not supported'),
    ...refused('patternProperties', 'patternProperties is not supported'),
    ...patternErrors(schema.pattern, `${path}.pattern`),
    ...must(!Array.isArray(schema.items), () =>
      forbiddenField(`${path}.items`, 'items must be a schema object and not an array'),
    ),
  ];
}

function patternErrors(pattern: string | undefined, path: string): FieldError[] {
  if (!pattern) return [];
  try {
    RE2JS.compile(pattern);
    return [];
  } catch (problem) {
    const why = problem instanceof Error ? problem.message : String(problem);
    return [invalidValue(path, pattern, `must be a valid regular expression, but isn't: ${why}`)];
  }
}

function extensionErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const items = itemsOf(schema);
  return [
    ...must(listType === undefined || ['atomic', 'map', 'set'].includes(listType), () =>
      notSupported(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']),
    ),
    ...must(listType === undefined || schema.type === 'array', () =>
      invalidValue(`${path}.type`, schema.type ?? '', 'must be array if x-kubernetes-list-type is specified'),
    ),
    ...must(listType !== 'map' || keys.length > 0, () =>
      required(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'),
    ),
    ...keys.flatMap((key) => keyErrors(items, key, path)),
    ...embeddedErrors(schema, path),
  ];
}

function keyErrors(items: JSONSchemaProps | undefined, key: string, path: string): FieldError[] {
  const property = items?.properties?.[key];
  if (!property) {
    return [invalidValue(`${path}.x-kubernetes-list-map-keys`, key, 'entries must all be names of item properties')];
  }
  const isCertain = property.default !== undefined || items?.required?.includes(key);
  if (isCertain) return [];
  const detail = 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
  return [required(`${path}.items.properties[${key}].default`, detail)];
}

function embeddedErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  if (!schema['x-kubernetes-embedded-resource']) return [];
  const isOpen = schema.properties !== undefined || schema['x-kubernetes-preserve-unknown-fields'] === true;
  return [
    ...must(schema.type === 'object', () =>
      schema.type
        ? invalidValue(`${path}.type`, schema.type, 'must be object if x-kubernetes-embedded-resource is true')
        : required(`${path}.type`, 'must be object if x-kubernetes-embedded-resource is true'),
    ),
    ...must(isOpen, () =>
      required(
        `${path}.properties`,
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ),
    ),
  ];
}

/** A default must be a value that the schema accepts. */
function defaultErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  if (schema.default === undefined) return [];
  return validateSchema(schema.default, schema, `${path}.default`);
}
