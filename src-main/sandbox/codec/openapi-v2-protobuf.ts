/**
 * OpenAPI v2 documents as `openapi.v2.Document`, gnostic's protobuf form of them. Field numbers are those of its
 * OpenAPIv2.proto. Free values travel as YAML, of which JSON is a part.
 */
import type { Buffer } from 'node:buffer';
import { WireWriter } from './wire-writer';

type Json = Readonly<Record<string, unknown>>;

/** Writes a value as the field of a number. */
type Put = (out: WireWriter, number: number, value: unknown) => void;

/** JSON key -> protobuf field. */
type Layout = Readonly<Record<string, readonly [number: number, put: Put]>>;

/** Writes what is inside of a message. */
type Fill = (out: WireWriter, value: unknown) => void;

/** A document's protobuf. */
export function openApiV2Protobuf(document: object): Buffer {
  const out = new WireWriter();
  fields(DOCUMENT)(out, document);
  return out.bytes;
}

/** The keys of `layout`; those that begin with `x-` are free values under `extensions`. */
const fields =
  (layout: Layout, extensions = 0): Fill =>
  (out, value) => {
    for (const [key, inner] of Object.entries(value as Json)) {
      const field = layout[key];
      if (field) field[1](out, field[0], inner);
      else if (extensions > 0 && key.startsWith('x-')) namedAny(out, extensions, [key, inner]);
    }
  };

const text: Put = (out, number, value) => out.string(number, String(value));
const flag: Put = (out, number, value) => out.bool(number, value === true);
const integer: Put = (out, number, value) => out.int64(number, Number(value));
const double: Put = (out, number, value) => out.double(number, Number(value));
const free: Put = (out, number, value) => out.message(number, () => out.string(2, JSON.stringify(value)));

const namedAny: Put = (out, number, value) => {
  const [name, inner] = value as [string, unknown];
  out.message(number, () => {
    out.string(1, name);
    free(out, 2, inner);
  });
};

/** A message; filled when it is written, so that messages may hold their own kind. */
const message =
  (fill: () => Fill): Put =>
  (out, number, value) =>
    out.message(number, () => fill()(out, value));

/** A field for each element; a value alone counts as one. */
const each =
  (put: Put): Put =>
  (out, number, value) => {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) put(out, number, one);
  };

/** A name and a value for each key of a map, the field `entry` of a message around all. */
const byName =
  (put: Put, entry = 1): Put =>
  (out, number, value) =>
    out.message(number, () => {
      for (const [name, inner] of Object.entries(value as Json)) {
        out.message(entry, () => {
          out.string(1, name);
          put(out, 2, inner);
        });
      }
    });

const schema = message(() => fields(SCHEMA, 31));

const additionalProperties = message(() => (out, value) => {
  if (typeof value === 'boolean') flag(out, 2, value);
  else schema(out, 1, value);
});

const SCHEMA: Layout = {
  $ref: [1, text],
  format: [2, text],
  title: [3, text],
  description: [4, text],
  default: [5, free],
  multipleOf: [6, double],
  maximum: [7, double],
  exclusiveMaximum: [8, flag],
  minimum: [9, double],
  exclusiveMinimum: [10, flag],
  maxLength: [11, integer],
  minLength: [12, integer],
  pattern: [13, text],
  maxItems: [14, integer],
  minItems: [15, integer],
  uniqueItems: [16, flag],
  maxProperties: [17, integer],
  minProperties: [18, integer],
  required: [19, each(text)],
  enum: [20, each(free)],
  additionalProperties: [21, additionalProperties],
  type: [22, message(() => (out, value) => each(text)(out, 1, value))],
  items: [23, message(() => (out, value) => each(schema)(out, 1, value))],
  properties: [25, byName(schema)],
};

const BODY_PARAMETER: Layout = {
  description: [1, text],
  name: [2, text],
  in: [3, text],
  required: [4, flag],
  schema: [5, schema],
};

const QUERY_PARAMETER: Layout = {
  required: [1, flag],
  in: [2, text],
  description: [3, text],
  name: [4, text],
  type: [6, text],
  format: [7, text],
  uniqueItems: [20, flag],
};

const PATH_PARAMETER: Layout = {
  required: [1, flag],
  in: [2, text],
  description: [3, text],
  name: [4, text],
  type: [5, text],
  format: [6, text],
  uniqueItems: [19, flag],
};

const body = message(() => fields(BODY_PARAMETER, 6));
const query = message(() => fields(QUERY_PARAMETER, 23));
const path = message(() => fields(PATH_PARAMETER, 22));

const parameter = message(() => (out, value) => {
  const place = (value as Json)['in'];
  if (place === 'body') return body(out, 1, value);
  return out.message(2, () => (place === 'path' ? path(out, 4, value) : query(out, 3, value)));
});

/** A parameter, or a reference to a shared one. */
const parametersItem = message(() => (out, value) => {
  const { $ref } = value as Json;
  if ($ref === undefined) parameter(out, 1, value);
  else out.message(2, () => text(out, 1, $ref));
});

const RESPONSE: Layout = {
  description: [1, text],
  schema: [2, message(() => (out, value) => schema(out, 1, value))],
};

const responseValue = message(() => (out, value) => message(() => fields(RESPONSE, 5))(out, 1, value));

const OPERATION: Layout = {
  tags: [1, each(text)],
  summary: [2, text],
  description: [3, text],
  operationId: [5, text],
  produces: [6, each(text)],
  consumes: [7, each(text)],
  parameters: [8, each(parametersItem)],
  responses: [9, byName(responseValue)],
  schemes: [10, each(text)],
  deprecated: [11, flag],
};

const operation = message(() => fields(OPERATION, 13));

const PATH_ITEM: Layout = {
  get: [2, operation],
  put: [3, operation],
  post: [4, operation],
  delete: [5, operation],
  options: [6, operation],
  head: [7, operation],
  patch: [8, operation],
  parameters: [9, each(parametersItem)],
};

const PATH_ENTRY = 2;

const API_KEY: Layout = { type: [1, text], name: [2, text], in: [3, text], description: [4, text] };

const securityDefinition = message(() => (out, value) => message(() => fields(API_KEY))(out, 2, value));

const scopes = message(() => (out, value) => each(text)(out, 1, value));

/** Requirements are maps of their own. */
const securityRequirement: Put = byName(scopes);

const DOCUMENT: Layout = {
  swagger: [1, text],
  info: [2, message(() => fields({ title: [1, text], version: [2, text], description: [3, text] }))],
  paths: [
    8,
    byName(
      message(() => fields(PATH_ITEM, 10)),
      PATH_ENTRY,
    ),
  ],
  definitions: [9, byName(schema)],
  parameters: [10, byName(parameter)],
  security: [12, each(securityRequirement)],
  securityDefinitions: [13, byName(securityDefinition)],
};
