/** Checks an object against a structural schema, with the texts of kube-openapi's validators. */
import { RE2JS } from 're2js';
import type { JSONSchemaProps } from '#common/kube/types';
import { sameValue } from '#main/sandbox/machinery/same-value';
import {
  duplicateValue,
  invalidValue,
  notSupported,
  required,
  tooLong,
  type FieldError,
} from '#main/sandbox/registry/field-errors';
import { hasFormat } from './schema-formats';
import { isFields, itemsOf, memberSchema, pathOf, type Fields } from './schema-parts';

/**
 * What is wrong with `value`. Parts that are the same in `before` are not looked at: what was stored once may stay, even
 * if the schema has become stricter since.
 */
export function validateSchema(value: unknown, schema: JSONSchemaProps, path = '', before?: unknown): FieldError[] {
  if (before !== undefined && sameValue(value, before)) return [];
  if (value === null && schema.nullable) return [];
  const wrong = typeError(value, schema, path);
  if (wrong) return [wrong, ...fractionErrors(wrong)];
  return [...ownErrors(value, schema, path), ...combined(value, schema, path), ...below(value, schema, path, before)];
}

function below(value: unknown, schema: JSONSchemaProps, path: string, before: unknown): FieldError[] {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    const pairs = correlated(value, schema, before);
    return items ? value.flatMap((item, at) => validateSchema(item, items, pathOf(path, at), pairs(item))) : [];
  }
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const known = memberSchema(schema, key);
    const old = isFields(before) ? before[key] : undefined;
    return known ? validateSchema(member, known, pathOf(path, key), old) : [];
  });
}

/** Finds the former state of a list's item: only items of keyed lists have one. */
function correlated(value: unknown[], schema: JSONSchemaProps, before: unknown): (item: unknown) => unknown {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (!Array.isArray(before) || schema['x-kubernetes-list-type'] !== 'map' || !keys) return () => undefined;
  const known = new Map(before.map((item) => [keyOf(item, keys), item]));
  return (item) => (value.length > 0 ? known.get(keyOf(item, keys)) : undefined);
}

function keyOf(item: unknown, keys: readonly string[]): string {
  return JSON.stringify(keys.map((key) => (isFields(item) ? item[key] : undefined)));
}

function typeError(value: unknown, schema: JSONSchemaProps, path: string): FieldError | undefined {
  const found = typeOf(value);
  if (schema['x-kubernetes-int-or-string']) {
    return found === 'integer' || found === 'string' ? undefined : mistyped(path, 'integer,string', found);
  }
  if (!schema.type || schema.type === found || (schema.type === 'number' && found === 'integer')) return undefined;
  return mistyped(path, schema.type, found);
}

function mistyped(path: string, expected: string, found: string): FieldError {
  const text = `${path} in body must be of type ${expected}: ${JSON.stringify(found)}`;
  return { ...invalidValue(path, found, text), reason: 'FieldValueTypeInvalid' };
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** A number where a whole one is wanted is told twice, the second time by no field. */
function fractionErrors({ field, body }: FieldError): FieldError[] {
  if (!body.endsWith('must be of type integer: "number"')) return [];
  const text = `Invalid value: "": Checked value must be of type integer (default format) in ${field}`;
  return [{ reason: 'FieldValueInvalid', field: '<nil>', body: text }];
}

function ownErrors(value: unknown, schema: JSONSchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.enum && !schema.enum.some((one) => sameValue(one, value)))
    errors.push(notListed(path, value, schema.enum));
  if (typeof value === 'number') errors.push(...numberErrors(value, schema, path));
  if (typeof value === 'string') errors.push(...textErrors(value, schema, path));
  if (Array.isArray(value)) errors.push(...listErrors(value, schema, path));
  else if (isFields(value)) errors.push(...objectErrors(value, schema, path));
  return errors;
}

function notListed(path: string, value: unknown, supported: readonly unknown[]): FieldError {
  const texts = supported.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  return notSupported(path, value, texts);
}

function numberErrors(value: number, schema: JSONSchemaProps, path: string): FieldError[] {
  const { maximum, minimum, multipleOf } = schema;
  const wrong = (text: string): FieldError => invalidValue(path, value, `${path} in body should be ${text}`);
  const errors: FieldError[] = [];
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf))
    errors.push(wrong(`a multiple of ${multipleOf}`));
  if (maximum !== undefined && (schema.exclusiveMaximum ? value >= maximum : value > maximum)) {
    errors.push(wrong(`less than ${schema.exclusiveMaximum ? '' : 'or equal to '}${maximum}`));
  }
  if (minimum !== undefined && (schema.exclusiveMinimum ? value <= minimum : value < minimum)) {
    errors.push(wrong(`greater than ${schema.exclusiveMinimum ? '' : 'or equal to '}${minimum}`));
  }
  return errors;
}

function textErrors(value: string, schema: JSONSchemaProps, path: string): FieldError[] {
  const { maxLength, minLength, pattern, format } = schema;
  const length = [...value].length;
  const errors: FieldError[] = [];
  if (maxLength !== undefined && length > maxLength) errors.push(tooLong(path, maxLength));
  if (minLength !== undefined && length < minLength) {
    errors.push(invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`));
  }
  if (pattern && !matches(value, pattern)) {
    errors.push(invalidValue(path, value, `${path} in body should match '${pattern}'`));
  }
  if (format && !hasFormat(value, format)) {
    const text = `${path} in body must be of type ${format}: ${JSON.stringify(value)}`;
    errors.push({ ...invalidValue(path, value, text), reason: 'FieldValueTypeInvalid' });
  }
  return errors;
}

const patterns = new Map<string, RE2JS>();

/** Whether a pattern is found anywhere in the text, as Go's regexp reads it. */
export function matches(text: string, pattern: string): boolean {
  let compiled = patterns.get(pattern);
  if (!compiled) patterns.set(pattern, (compiled = RE2JS.compile(pattern)));
  return compiled.matcher(text).find();
}

const tooMany = (path: string, count: number, most: number): FieldError => ({
  reason: 'FieldValueTooMany',
  field: path,
  body: `Too many: ${count}: must have at most ${most} items`,
});

function listErrors(value: unknown[], schema: JSONSchemaProps, path: string): FieldError[] {
  const { maxItems, minItems } = schema;
  const errors: FieldError[] = [];
  if (maxItems !== undefined && value.length > maxItems) errors.push(tooMany(path, value.length, maxItems));
  if (minItems !== undefined && value.length < minItems) {
    errors.push(invalidValue(path, value.length, `${path} in body should have at least ${minItems} items`));
  }
  return [...errors, ...repeated(value, schema, path)];
}

/** Items of sets, and of lists that are maps, are there once. */
function repeated(value: unknown[], schema: JSONSchemaProps, path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  if (type !== 'set' && type !== 'map') return [];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const seen = new Set<string>();
  return value.flatMap((item, at) => {
    const identity =
      type === 'set' ? item : Object.fromEntries(keys.map((key) => [key, isFields(item) ? item[key] : null]));
    const text = JSON.stringify(identity);
    if (seen.has(text)) return [duplicateValue(pathOf(path, at), identity)];
    seen.add(text);
    return [];
  });
}

function objectErrors(value: Fields, schema: JSONSchemaProps, path: string): FieldError[] {
  const { maxProperties, minProperties } = schema;
  const count = Object.keys(value).length;
  const errors = (schema.required ?? [])
    .filter((key) => value[key] === undefined)
    .map((key) => required(pathOf(path, key)));
  if (schema['x-kubernetes-embedded-resource']) {
    const nameless = ['apiVersion', 'kind'].filter((key) => !value[key]);
    errors.push(...nameless.map((key) => required(pathOf(path, key))));
  }
  if (maxProperties !== undefined && count > maxProperties) errors.push(tooMany(path, count, maxProperties));
  if (minProperties !== undefined && count < minProperties) {
    errors.push(invalidValue(path, count, `${path} in body should have at least ${minProperties} properties`));
  }
  return errors;
}

function combined(value: unknown, schema: JSONSchemaProps, path: string): FieldError[] {
  const fits = (one: JSONSchemaProps): boolean => validateSchema(value, one, path).length === 0;
  const wrong = (text: string): FieldError => invalidValue(path, '', `${JSON.stringify(path)} ${text}`);
  const { allOf, anyOf, oneOf, not } = schema;
  const errors: FieldError[] = [];
  if (anyOf?.length && !anyOf.some(fits)) errors.push(wrong('must validate at least one schema (anyOf)'));
  if (oneOf?.length) {
    const count = oneOf.filter(fits).length;
    const found = count === 0 ? 'Found none valid' : `Found ${count} valid alternatives`;
    if (count !== 1) errors.push(wrong(`must validate one and only one schema (oneOf). ${found}`));
  }
  if (allOf?.length && !allOf.every(fits)) {
    errors.push(
      ...allOf.flatMap((one) => validateSchema(value, one, path)),
      wrong('must validate all the schemas (allOf)'),
    );
  }
  if (not && fits(not)) errors.push(wrong('must not validate the schema (not)'));
  return errors;
}
