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
import { ruleErrors } from './rule-definitions';
import { validateRuleTexts } from './schema-rules';
import { isFields, itemsOf } from './schema-parts';
import { prune } from './pruning';
import { validateSchema } from './schema-validation';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** What is wrong with the schema of a version; `path` is that of the schema. */
export function validateStructure(schema: JSONSchemaProps, path: string): FieldError[] {
  const root = schema.type
    ? must(schema.type === 'object', () => invalidValue(`${path}.type`, schema.type, 'must be object at the root'))
    : [required(`${path}.type`, 'must not be empty at the root')];
  const errors = [...root, ...metadataErrors(schema, path), ...nodeErrors(schema, path)];
  // Rules can only be read by a schema that is right; flaws of their own texts stand in the way of none but themselves.
  return errors.every(isAboutRule) ? [...errors, ...ruleErrors(schema, path, errors)] : errors;
}

const isAboutRule = ({ field }: FieldError): boolean => field.includes('.x-kubernetes-validations[');

/** Of its own metadata a schema may restrict the name alone. */
function metadataErrors({ properties }: JSONSchemaProps, path: string): FieldError[] {
  const metadata = properties?.['metadata'];
  if (!metadata) return [];
  const { type: _type, properties: own = {}, ...rest } = metadata;
  const isFree =
    Object.keys(rest).length === 0 && Object.keys(own).every((one) => ['name', 'generateName'].includes(one));
  const detail = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
  return must(isFree, () => forbiddenField(`${path}.properties[metadata]`, detail));
}

/** Inside of a combination nothing is declared: only what the schema around it declares is narrowed. */
function combinationErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const { anyOf = [], oneOf = [], allOf = [], not } = schema;
  const each = (name: string, all: readonly JSONSchemaProps[]) =>
    all.flatMap((one, at) => valueOnlyErrors(one, schema, `${path}.${name}[${at}]`));
  return [
    ...each('allOf', allOf),
    ...each('anyOf', anyOf),
    ...each('oneOf', oneOf),
    ...(not ? valueOnlyErrors(not, schema, `${path}.not`) : []),
  ];
}

const DECLARING: readonly (keyof JSONSchemaProps)[] = ['description', 'type', 'title', 'default', 'nullable'];

function valueOnlyErrors(schema: JSONSchemaProps, around: JSONSchemaProps, path: string): FieldError[] {
  // Whole numbers and texts are declared by their alternatives.
  const isIntOrString = around['x-kubernetes-int-or-string'] === true;
  const declared = DECLARING.filter((field) => schema[field] !== undefined && !(isIntOrString && field === 'type'));
  return [
    ...declared.map((field) => forbiddenField(`${path}.${field}`, 'must be empty to be structural')),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, one]) => {
      const known = around.properties?.[name];
      const here = `${path}.properties[${name}]`;
      if (known) return valueOnlyErrors(one, known, here);
      const place = here.replace(/\.(?:allOf|anyOf|oneOf)\[\d+\]|\.not/g, '');
      const detail = `because it is defined in ${here}`;
      const missing =
        Object.keys(one).length === 0 || around['x-kubernetes-preserve-unknown-fields'] || around.additionalProperties
          ? []
          : [required(place, detail)];
      return [...missing, ...valueOnlyErrors(one, {}, here)];
    }),
  ];
}

function nodeErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  return [
    ...typeErrors(schema, path),
    ...keywordErrors(schema, path),
    ...extensionErrors(schema, path),
    ...defaultErrors(schema, path),
    ...validateRuleTexts(schema, path),
    ...childErrors(schema, path),
    ...combinationErrors(schema, path),
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

const MAP_TYPES = ['atomic', 'granular'];

function extensionErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const listType = schema['x-kubernetes-list-type'];
  const mapType = schema['x-kubernetes-map-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const items = itemsOf(schema);
  return [
    ...must(listType === undefined || ['atomic', 'map', 'set'].includes(listType), () =>
      notSupported(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']),
    ),
    ...must(mapType === undefined || MAP_TYPES.includes(mapType), () =>
      notSupported(`${path}.x-kubernetes-map-type`, mapType, MAP_TYPES),
    ),
    ...must(mapType === undefined || schema.type === 'object', () =>
      invalidValue(`${path}.type`, schema.type ?? '', 'must be object if x-kubernetes-map-type is specified'),
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
    return [invalidValue(`${path}.x-kubernetes-list-map-keys`, [key], 'entries must all be names of item properties')];
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
    ...must(isOpen, () =>
      required(
        `${path}.properties`,
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ),
    ),
    ...must(schema.type === 'object', () =>
      schema.type
        ? invalidValue(`${path}.type`, schema.type, 'must be object if x-kubernetes-embedded-resource is true')
        : required(`${path}.type`, 'must be object if x-kubernetes-embedded-resource is true'),
    ),
  ];
}

/** A default must be a value that the schema accepts. */
function defaultErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  if (schema.default === undefined) return [];
  const field = `${path}.default`;
  if (isFields(schema.default) && prune(schema.default, schema).unknown.length > 0) {
    return [invalidValue(field, schema.default, 'must not have unknown fields')];
  }
  return validateSchema(schema.default, schema, field).map((error) => ({
    ...error,
    body: error.body.replace(`: ${field} in body`, ':  in body'),
  }));
}
