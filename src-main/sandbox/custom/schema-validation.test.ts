import { describe, expect, it } from 'vitest';
import type { JSONSchemaProps } from '#common/kube/types';
import { textOf } from '#main/sandbox/registry/field-errors';
import { withDefaults } from './defaulting';
import { parseJsonPath } from './json-path';
import { prune } from './pruning';
import { validateSchema } from './schema-validation';
import { validateStructure } from './structural-rules';

const list = (type: string): JSONSchemaProps => ({
  type: 'array',
  'x-kubernetes-list-type': type,
  'x-kubernetes-list-map-keys': type === 'map' ? ['name'] : [],
  items: type === 'map' ? { type: 'object', properties: { name: { type: 'string' } } } : { type: 'string' },
});

describe('validation against a structural schema', () => {
  it.each<[value: unknown, schema: JSONSchemaProps, text: string | undefined]>([
    [
      11,
      { type: 'integer', maximum: 10 },
      'spec.a: Invalid value: 11: spec.a in body should be less than or equal to 10',
    ],
    [
      10,
      { type: 'integer', maximum: 10, exclusiveMaximum: true },
      'spec.a: Invalid value: 10: spec.a in body should be less than 10',
    ],
    ['x', { type: 'integer' }, 'spec.a: Invalid value: "string": spec.a in body must be of type integer: "string"'],
    [1, { type: 'number' }, undefined],
    [null, { type: 'string', nullable: true }, undefined],
    [null, { type: 'string' }, 'spec.a: Invalid value: "null": spec.a in body must be of type string: "null"'],
    ['z', { type: 'string', enum: ['a', 'b'] }, 'spec.a: Unsupported value: "z": supported values: "a", "b"'],
    ['Z', { type: 'string', pattern: '^[a-z]$' }, `spec.a: Invalid value: "Z": spec.a in body should match '^[a-z]$'`],
    ['abc', { type: 'string', maxLength: 2 }, 'spec.a: Too long: may not be more than 2 bytes'],
    [
      'now',
      { type: 'string', format: 'date-time' },
      'spec.a: Invalid value: "now": spec.a in body must be of type date-time: "now"',
    ],
    ['80', { 'x-kubernetes-int-or-string': true }, undefined],
    [
      true,
      { 'x-kubernetes-int-or-string': true },
      'spec.a: Invalid value: "boolean": spec.a in body must be of type integer,string: "boolean"',
    ],
    [{}, { type: 'object', required: ['b'] }, 'spec.a.b: Required value'],
    [['a', 'a'], list('set'), 'spec.a[1]: Duplicate value: "a"'],
    [[{ name: 'a' }, { name: 'a' }], list('map'), 'spec.a[1]: Duplicate value: {"name":"a"}'],
    [['a'], { ...list('set'), minItems: 2 }, 'spec.a: Invalid value: 1: spec.a in body should have at least 2 items'],
    [
      {},
      { type: 'object', oneOf: [{ required: ['b'] }, { required: ['c'] }] },
      'spec.a: Invalid value: "": "spec.a" must validate one and only one schema (oneOf). Found none valid',
    ],
  ])('judges %j by %j', (value, schema, text) => {
    expect(validateSchema(value, schema, 'spec.a').map(textOf)).toEqual(text === undefined ? [] : [text]);
  });

  it('lets stay what was stored before the schema became stricter', () => {
    const schema: JSONSchemaProps = {
      type: 'object',
      properties: { a: { type: 'integer', maximum: 1 }, b: { type: 'string' } },
    };
    expect(validateSchema({ a: 5, b: 'new' }, schema, '', { a: 5, b: 'old' })).toEqual([]);
    expect(validateSchema({ a: 6 }, schema, '', { a: 5 })).toHaveLength(1);
  });
});

describe('pruning and defaults', () => {
  const schema: JSONSchemaProps = {
    type: 'object',
    properties: {
      spec: { type: 'object', default: {}, properties: { size: { type: 'integer', default: 3 } } },
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  };

  it('takes out what the schema does not know, unless it is to be kept', () => {
    const object = { kind: 'A', spec: { size: 1, colour: 'red' }, free: { any: 1 }, more: 1 };
    expect(prune(object, schema)).toEqual({
      value: { kind: 'A', spec: { size: 1 }, free: { any: 1 } },
      unknown: ['spec.colour', 'more'],
    });
  });

  it('fills in defaults below defaults, and leaves what is complete alone', () => {
    expect(withDefaults({}, schema)).toEqual({ spec: { size: 3 } });
    const whole = { spec: { size: 0 } };
    expect(withDefaults(whole, schema)).toBe(whole);
  });
});

describe('the structure of a schema', () => {
  it.each<[schema: JSONSchemaProps, text: string]>([
    [{ type: 'string' }, 's.type: Invalid value: "string": must be object at the root'],
    [
      { type: 'object', properties: { a: {} } },
      's.properties[a].type: Required value: must not be empty for specified object fields',
    ],
    [
      { type: 'object', properties: { a: { type: 'array' } } },
      's.properties[a].items: Required value: must be specified',
    ],
    [
      { type: 'object', properties: { a: { type: 'integer', default: 'x' } } },
      's.properties[a].default: Invalid value: "string":  in body must be of type integer: "string"',
    ],
    [
      {
        type: 'object',
        properties: {
          a: { type: 'object', properties: { b: { type: 'string' } }, additionalProperties: { type: 'string' } },
        },
      },
      's.properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive',
    ],
  ])('refuses %j', (schema, text) => {
    expect(validateStructure(schema, 's').map(textOf)).toEqual([text]);
  });

  it('lets properties stand beside any others', () => {
    const inner: JSONSchemaProps = {
      type: 'object',
      properties: { b: { type: 'string' } },
      additionalProperties: true,
    };
    expect(validateStructure({ type: 'object', properties: { a: inner } }, 's')).toEqual([]);
  });
});

describe('JSONPath', () => {
  const object = { status: { conditions: [{ type: 'Ready', status: 'True' }, { type: 'Other' }] }, 'a.b': [1, 2] };
  it.each<[path: string, found: unknown[]]>([
    ['.status.conditions[?(@.type=="Ready")].status', ['True']],
    ['.status.conditions[*].type', ['Ready', 'Other']],
    ["['a.b'][1]", [2]],
    ['.a\\.b[0]', [1]],
    ['.nothing.here', []],
  ])('finds %s', (path, found) => {
    expect(parseJsonPath(path)?.(object)).toEqual(found);
  });
});
