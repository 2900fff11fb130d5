/** Encodes JSON values as the messages of built-in types, by the schema's field numbers: the way back of protobuf-body. */
import { Buffer } from 'node:buffer';
import type {
  FieldSchema,
  ListSchema,
  MapSchema,
  ScalarName,
  ScalarSchema,
  ValueSchema,
} from '#main/sandbox/machinery/schema';
import { builtInTypes, type BuiltInType } from '#main/sandbox/machinery/schema-table';
import type { WireWriter } from './wire-writer';

type Fields = Record<string, unknown>;

/** The object's fields; those that the type does not have are left out. */
export function writeMessage(writer: WireWriter, object: Fields, type: BuiltInType): void {
  for (const { number, field, inlined } of type.wire.values()) {
    if (inlined) writer.message(number, () => writeMessage(writer, object, inlined));
    else if (field) writeField(writer, object[field.name], field);
  }
}

function writeField(writer: WireWriter, value: unknown, { number, type }: FieldSchema): void {
  if (value === undefined || value === null) return;
  if (type.shape === 'map') writeMap(writer, { number, value: value as Fields, type });
  else if (type.shape === 'list' && !type.wrapped) writeElements(writer, { number, value: value as unknown[], type });
  else writeValue(writer, { number, value, type });
}

interface Place<V, T> {
  number: number;
  value: V;
  type: T;
}

/** Keys in their order, as Go's generated code has it. */
function writeMap(writer: WireWriter, { number, value, type }: Place<Fields, MapSchema>): void {
  for (const key of Object.keys(value).sort()) {
    writer.message(number, () => {
      writer.string(1, key);
      writeValue(writer, { number: 2, value: value[key], type: type.elements });
    });
  }
}

function writeElements(writer: WireWriter, { number, value, type }: Place<unknown[], ListSchema>): void {
  for (const element of value) writeValue(writer, { number, value: element, type: type.elements });
}

function writeValue(writer: WireWriter, { number, value, type }: Place<unknown, ValueSchema>): void {
  if (type.shape === 'struct') {
    writer.message(number, () => writeMessage(writer, (value ?? {}) as Fields, type as BuiltInType));
  } else if (type.shape === 'list') {
    writer.message(number, () => writeElements(writer, { number: 1, value: (value ?? []) as unknown[], type }));
  } else if (type.shape === 'scalar') writeScalar(writer, { number, value, type });
}

function writeScalar(writer: WireWriter, { number, value, type }: Place<unknown, ScalarSchema>): void {
  SCALARS[type.scalar](writer, number, value);
}

type WriteScalar = (writer: WireWriter, number: number, value: unknown) => void;

const integer: WriteScalar = (writer, number, value) => writer.int64(number, Number(value));
const json: WriteScalar = (writer, number, value) =>
  writer.message(number, () => writer.string(1, JSON.stringify(value)));
const time: WriteScalar = (writer, number, value) => writer.message(number, () => writeTime(writer, String(value)));

const SCALARS: Readonly<Record<ScalarName, WriteScalar>> = {
  string: (writer, number, value) => writer.string(number, String(value)),
  bool: (writer, number, value) => writer.bool(number, value === true),
  int32: integer,
  int64: integer,
  uint32: integer,
  uint64: integer,
  double: (writer, number, value) => writer.double(number, Number(value)),
  bytes: (writer, number, value) => writer.block(number, Buffer.from(String(value), 'base64')),
  time,
  microtime: time,
  duration: (writer, number, value) => writer.message(number, () => writer.int64(1, durationNanos(String(value)))),
  quantity: (writer, number, value) => writer.message(number, () => writer.string(1, String(value))),
  intstr: (writer, number, value) => writer.message(number, () => writeIntOrString(writer, value)),
  raw: json,
  fieldsv1: json,
  json,
  schemaorarray: (writer, number, value) => writer.message(number, () => writeSchemaOr(writer, value, 'array')),
  schemaorbool: (writer, number, value) => writer.message(number, () => writeSchemaOr(writer, value, 'bool')),
  schemaorstrings: (writer, number, value) => writer.message(number, () => writeSchemaOr(writer, value, 'strings')),
};

function writeTime(writer: WireWriter, text: string): void {
  const ms = Date.parse(text);
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? '';
  writer.int64(1, Math.floor(ms / 1000));
  writer.int64(2, Number(fraction.padEnd(9, '0')));
}

function writeIntOrString(writer: WireWriter, value: unknown): void {
  const isText = typeof value === 'string';
  writer.int64(1, isText ? 1 : 0);
  writer.int64(2, isText ? 0 : Number(value));
  writer.string(3, isText ? value : '');
}

const UNIT_NANOS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Go's text of a duration: `1h2m3.5s`. */
function durationNanos(text: string): number {
  let nanos = 0;
  for (const [, amount, unit = ''] of text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)) {
    nanos += Number(amount) * (UNIT_NANOS[unit] ?? 0);
  }
  return Math.round(text.startsWith('-') ? -nanos : nanos);
}

const SCHEMA_PROPS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

/** A message that holds a schema in one field and the alternative to one in the other. */
function writeSchemaOr(writer: WireWriter, value: unknown, other: 'array' | 'bool' | 'strings'): void {
  const type = builtInTypes().named(SCHEMA_PROPS);
  if (!type) return;
  const schema = (number: number, one: unknown): void =>
    writer.message(number, () => writeMessage(writer, one as Fields, type));
  if (typeof value === 'boolean') {
    writer.bool(1, value);
  } else if (Array.isArray(value)) {
    for (const one of value)
      if (other === 'strings') writer.string(2, String(one));
      else schema(2, one);
  } else if (other === 'bool') {
    writer.bool(1, true);
    schema(2, value);
  } else {
    schema(1, value);
  }
}
