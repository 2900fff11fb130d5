/**
 * Decodes `application/vnd.kubernetes.protobuf`: four magic bytes, a runtime.Unknown envelope, then the kind's message, read by
 * the schema's field numbers into the JSON that Go would write for it.
 */
import { durationText } from '#main/sandbox/machinery/scalars';
import type { FieldSchema, ListSchema, ScalarName, ValueSchema } from '#main/sandbox/machinery/schema';
import { parseApiVersion } from '#common/kube/resource';
import { builtInTypes, type BuiltInType } from '#main/sandbox/machinery/schema-table';
import { isEmpty } from '#main/sandbox/machinery/strict-fields';
import { syntaxErrorOf } from './json-scan';
import { WIRE, WireFormatError, WireReader } from './wire-reader';

type Fields = Record<string, unknown>;

const MAGIC = [0x6b, 0x38, 0x73, 0x00];

/** The body names a kind that has no protobuf form here. */
export class UnknownKindError extends Error {
  override readonly name = 'UnknownKindError';
}

/** Throws WireFormatError or UnknownKindError. */
export function decodeProtobuf(bytes: Uint8Array): unknown {
  if (!MAGIC.every((byte, at) => bytes[at] === byte)) {
    throw new WireFormatError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  const { apiVersion, kind, raw, contentType } = readEnvelope(new WireReader(bytes, MAGIC.length));
  if (contentType === 'application/json') return parseJson(raw);
  const gvk = { ...parseApiVersion(apiVersion), kind };
  const type = builtInTypes().kind(gvk);
  if (!type) throw new UnknownKindError(`no kind "${kind}" is registered for version "${apiVersion}"`);
  return { kind, apiVersion, ...readMessage(new WireReader(raw), type as BuiltInType) };
}

function readEnvelope(reader: WireReader) {
  const envelope = { apiVersion: '', kind: '', raw: new Uint8Array(), contentType: '' };
  while (!reader.done) {
    const { number, type } = reader.tag();
    if (number === 1) readTypeMeta(reader.message(), envelope);
    else if (number === 2) envelope.raw = reader.bytes() as Uint8Array<ArrayBuffer>;
    else if (number === 4) envelope.contentType = reader.string();
    else reader.skip(type);
  }
  return envelope;
}

function readTypeMeta(reader: WireReader, into: { apiVersion: string; kind: string }): void {
  while (!reader.done) {
    const { number, type } = reader.tag();
    if (number === 1) into.apiVersion = reader.string();
    else if (number === 2) into.kind = reader.string();
    else reader.skip(type);
  }
}

function readMessage(reader: WireReader, type: BuiltInType, into: Fields = {}): Fields {
  while (!reader.done) {
    const tag = reader.tag();
    const place = type.wire.get(tag.number);
    if (place?.inlined) readMessage(reader.message(), place.inlined, into);
    else if (place?.field) readField(reader, tag.type, place.field, into);
    else reader.skip(tag.type);
  }
  return into;
}

function readField(reader: WireReader, wireType: number, field: FieldSchema, into: Fields): void {
  const { name, type } = field;
  if (type.shape === 'map') {
    const entry = readEntry(reader.message(), type.elements);
    Object.assign((into[name] ??= {}) as Fields, entry);
    return;
  }
  if (type.shape === 'list' && !type.wrapped) {
    readElements(reader, wireType, type, (into[name] ??= []) as unknown[]);
    return;
  }
  const value = readValue(reader, type);
  if (value === null || (field.omitsEmpty && !field.pointer && isEmpty(value, type))) return;
  into[name] = value;
}

/** Repeated fields come one by one; numbers may come packed. */
function readElements(reader: WireReader, wireType: number, type: ListSchema, into: unknown[]): void {
  const { elements } = type;
  const isPacked = wireType === WIRE.bytes && elements.shape === 'scalar' && NUMBERS.has(elements.scalar);
  if (!isPacked) {
    into.push(readValue(reader, elements));
    return;
  }
  const packed = reader.message();
  while (!packed.done) into.push(readValue(packed, elements));
}

const NUMBERS = new Set<ScalarName>(['int32', 'int64', 'uint32', 'uint64', 'double', 'bool']);

function readEntry(reader: WireReader, elements: ValueSchema): Fields {
  let key = '';
  let value: unknown = emptyElement(elements);
  while (!reader.done) {
    const { number, type } = reader.tag();
    if (number === 1) key = reader.string();
    else if (number === 2) value = readValue(reader, elements);
    else reader.skip(type);
  }
  return { [key]: value };
}

function emptyElement(type: ValueSchema): unknown {
  if (type.shape === 'list') return [];
  if (type.shape !== 'scalar') return {};
  if (NUMBERS.has(type.scalar)) return type.scalar === 'bool' ? false : 0;
  return '';
}

function readValue(reader: WireReader, type: ValueSchema): unknown {
  if (type.shape === 'struct') return readMessage(reader.message(), type as BuiltInType);
  if (type.shape === 'scalar') return SCALARS[type.scalar](reader);
  if (type.shape === 'list') return readWrapped(reader.message(), type);
  throw new WireFormatError('proto: a map inside a list has no wire form');
}

function readWrapped(reader: WireReader, type: ListSchema): unknown[] {
  const items: unknown[] = [];
  while (!reader.done) {
    const tag = reader.tag();
    if (tag.number === 1) readElements(reader, tag.type, type, items);
    else reader.skip(tag.type);
  }
  return items;
}

const integer = (reader: WireReader): number => reader.int64();

const SCALARS: Readonly<Record<ScalarName, (reader: WireReader) => unknown>> = {
  string: (reader) => reader.string(),
  bool: (reader) => reader.bool(),
  int32: integer,
  int64: integer,
  uint32: integer,
  uint64: integer,
  double: (reader) => reader.double(),
  bytes: (reader) => Buffer.from(reader.bytes()).toString('base64'),
  time: (reader) => readTime(reader.message(), 0),
  microtime: (reader) => readTime(reader.message(), 6),
  duration: (reader) => durationText(Number(part(reader.message(), 1, integer) ?? 0)),
  quantity: (reader) => part(reader.message(), 1, (inner) => inner.string()) ?? '0',
  intstr: (reader) => readIntOrString(reader.message()),
  raw: (reader) => rawJson(reader.message()),
  fieldsv1: (reader) => rawJson(reader.message()),
  json: (reader) => rawJson(reader.message()),
  schemaorarray: (reader) => readSchemaOr(reader.message(), 'array'),
  schemaorbool: (reader) => readSchemaOr(reader.message(), 'bool'),
  schemaorstrings: (reader) => readSchemaOr(reader.message(), 'strings'),
};

/** Reads a message that has one field that matters. */
function part<T>(reader: WireReader, wanted: number, read: (reader: WireReader) => T): T | undefined {
  let found: T | undefined;
  while (!reader.done) {
    const { number, type } = reader.tag();
    if (number === wanted) found = read(reader);
    else reader.skip(type);
  }
  return found;
}

/** An empty message is Go's zero time, which JSON does not have. */
function readTime(reader: WireReader, digits: 0 | 6): string | null {
  if (reader.done) return null;
  let seconds = 0;
  let nanos = 0;
  while (!reader.done) {
    const { number, type } = reader.tag();
    if (number === 1) seconds = reader.int64();
    else if (number === 2) nanos = reader.int64();
    else reader.skip(type);
  }
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  if (digits === 0) return `${whole}Z`;
  return `${whole}.${String(Math.floor(nanos / 1000)).padStart(digits, '0')}Z`;
}

function readIntOrString(reader: WireReader): number | string {
  let isText = false;
  let whole = 0;
  let words = '';
  while (!reader.done) {
    const { number, type } = reader.tag();
    if (number === 1) isText = reader.int64() === 1;
    else if (number === 2) whole = reader.int64();
    else if (number === 3) words = reader.string();
    else reader.skip(type);
  }
  return isText ? words : whole;
}

function rawJson(reader: WireReader): unknown {
  const raw = part(reader, 1, (inner) => inner.bytes());
  return raw && raw.length > 0 ? parseJson(raw) : null;
}

function parseJson(raw: Uint8Array): unknown {
  const text = new TextDecoder().decode(raw);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new WireFormatError(syntaxErrorOf(text));
  }
}

const SCHEMA_PROPS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

/** A message that holds a schema in one field and the alternative to one in the other. */
function readSchemaOr(reader: WireReader, other: 'array' | 'bool' | 'strings'): unknown {
  const schemaNumber = other === 'bool' ? 2 : 1;
  let schema: unknown;
  let allows = false;
  const items: unknown[] = [];
  while (!reader.done) {
    const { number } = reader.tag();
    if (number === schemaNumber) schema = readSchema(reader);
    else if (other === 'bool') allows = reader.bool();
    else items.push(other === 'strings' ? reader.string() : readSchema(reader));
  }
  if (items.length > 0) return items;
  return schema ?? (other === 'bool' ? allows : null);
}

function readSchema(reader: WireReader): unknown {
  const type = builtInTypes().named(SCHEMA_PROPS);
  return type ? readMessage(reader.message(), type) : null;
}
