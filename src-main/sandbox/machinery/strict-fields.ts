/**
 * Reads an object as the server reads a body into its Go types and writes it again: unknown fields are reported and dropped,
 * empty values that Go leaves out are left out, structs that Go always writes are written, quantities and times get their
 * canonical text, and a value of the wrong type is refused with the server's own message.
 */
import { parseApiVersion } from '#common/kube/resource';
import { ApiStatusError, failure } from '#common/kube/status-error';
import { conversionRefusal } from './conversion-refusal';
import { goKind, readScalar, ScalarProblem } from './scalars';
import {
  typeNamed,
  type FieldSchema,
  type ListSchema,
  type MapSchema,
  type ScalarName,
  type ScalarSchema,
  type TypeSchema,
  type ValueSchema,
} from './schema';

type Fields = Record<string, unknown>;

export interface CheckedFields {
  /** The same object where nothing had to change, else a copy; never the argument edited. */
  object: Fields;
  /** Phrases as a strict decoding error lists them: `unknown field "spec.foo"`, in document order. */
  unknown: string[];
}

/** Throws BadRequest (400) when a value has the wrong type. */
export function checkFields(object: unknown, schema: TypeSchema): CheckedFields {
  const reading = new Reading();
  try {
    return { object: reading.struct(object, schema), unknown: reading.unknown };
  } catch (problem) {
    if (problem instanceof FieldProblem) throw cannotBeHandled(object, schema, problem);
    throw problem;
  }
}

/** 400: `Deployment in version "v1" cannot be handled as a Deployment: …`. */
export class UnfitObject extends ApiStatusError {
  /** What is behind the colon. */
  readonly detail: string;
  /** The same, of an object that was no JSON but a map that a patch had changed. */
  readonly converted: string;

  constructor(text: string, { message, converted = message }: Unfit) {
    super(failure(400, 'BadRequest', `${text}: ${message}`).status);
    this.detail = message;
    this.converted = converted;
  }
}

export interface Unfit {
  message: string;
  converted?: string | undefined;
}

export function cannotBeHandled(object: unknown, schema: TypeSchema, unfit: Unfit): UnfitObject {
  const { apiVersion, kind } = isFields(object) ? object : {};
  const expected = schema.gvk?.kind ?? schema.goType;
  const version = typeof apiVersion === 'string' ? parseApiVersion(apiVersion).version : (schema.gvk?.version ?? '');
  const name = typeof kind === 'string' ? kind : expected;
  return new UnfitObject(`${name} in version "${version}" cannot be handled as a ${expected}`, unfit);
}

/** The refusal of `fieldValidation=Strict`: the phrases of unknown and duplicate fields in one message. */
export function strictDecodingError(object: unknown, schema: TypeSchema, phrases: readonly string[]) {
  return cannotBeHandled(object, schema, { message: strictDecodingMessage(phrases) });
}

export function strictDecodingMessage(phrases: readonly string[]): string {
  return `strict decoding error: ${phrases.join(', ')}`;
}

/** What Go makes of a kind that was given nothing: its structs by value and its required scalars. */
export function emptyStruct(type: TypeSchema): Fields {
  const empty: Fields = {};
  for (const field of type.alwaysWritten) empty[field.name] = absentValue(field);
  return empty;
}

/** A refusal without the words around it that name the kind. */
class FieldProblem extends Error {
  constructor(
    message: string,
    readonly converted?: string,
  ) {
    super(message);
  }
}

/** Go stops collecting after this many. */
const MOST_UNKNOWN = 100;

/** Empty lists that are no absent ones: only those are given a default. What stays empty is refused, and never stored. */
const TOLD_FROM_NOTHING: ReadonlySet<string> = new Set(['v2.HPAScalingRules.policies']);

const DROPPED = Symbol('dropped');

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One pass over one object; the path is kept as segments because it is rarely asked for. */
class Reading {
  readonly unknown: string[] = [];
  readonly #path: (string | number)[] = [];
  /** Struct fields only, as Go's messages have it. */
  readonly #goPath: string[] = [];
  #inside = '';

  struct(value: unknown, type: TypeSchema): Fields {
    if (!isFields(value)) throw this.#mismatch(value, type);
    const outer = this.#inside;
    this.#inside = type.goType;
    let next: Fields | undefined;
    for (const key of Object.keys(value)) {
      const before = value[key];
      const after = this.#entry(key, before, type);
      if (after !== before && !next) next = entriesBefore(value, key);
      if (next && after !== DROPPED) next[key] = after;
    }
    this.#inside = outer;
    return withAlwaysWritten(value, next, type);
  }

  #entry(key: string, value: unknown, type: TypeSchema): unknown {
    const field = type.field(key);
    if (!field) return type.preservesUnknown ? value : this.#unknownField(key);
    this.#path.push(key);
    this.#goPath.push(field.goPath);
    const after = this.#field(value, field);
    this.#path.pop();
    this.#goPath.pop();
    return after;
  }

  #unknownField(key: string): typeof DROPPED {
    if (this.unknown.length < MOST_UNKNOWN) this.unknown.push(`unknown field "${pathText([...this.#path, key])}"`);
    return DROPPED;
  }

  #field(value: unknown, field: FieldSchema): unknown {
    if (value === null) return DROPPED;
    const after = this.value(value, field.type);
    const isDropped = field.omitsEmpty && !field.pointer && isEmpty(after, field.type);
    return isDropped && !this.#isToldFromNothing(field) ? DROPPED : after;
  }

  #isToldFromNothing({ name }: FieldSchema): boolean {
    return TOLD_FROM_NOTHING.has(`${this.#inside}.${name}`);
  }

  value(value: unknown, type: ValueSchema): unknown {
    switch (type.shape) {
      case 'struct':
        return this.struct(value, type);
      case 'list':
        return this.#list(value, type);
      case 'map':
        return this.#map(value, type);
      case 'scalar':
        return this.#scalar(value, type);
    }
  }

  #list(value: unknown, type: ListSchema): unknown[] {
    if (!Array.isArray(value)) throw this.#mismatch(value, type);
    let next: unknown[] | undefined;
    for (let at = 0; at < value.length; at++) {
      this.#path.push(at);
      const after = value[at] === null ? emptyValue(type.elements) : this.value(value[at], type.elements);
      this.#path.pop();
      if (after !== value[at] && !next) next = value.slice(0, at);
      if (next) next[at] = after;
    }
    return next ?? value;
  }

  #map(value: unknown, type: MapSchema): Fields {
    if (!isFields(value)) throw this.#mismatch(value, type);
    let next: Fields | undefined;
    for (const key of Object.keys(value)) {
      this.#path.push(key);
      const after = value[key] === null ? emptyValue(type.elements) : this.value(value[key], type.elements);
      this.#path.pop();
      if (after !== value[key] && !next) next = entriesBefore(value, key);
      if (next) next[key] = after;
    }
    return next ?? value;
  }

  #scalar(value: unknown, type: ScalarSchema): unknown {
    if (typeof value === 'string' && type.scalar === 'string') return value;
    const alternative = structuredAlternative(value, type.scalar);
    if (alternative) return this.#quietly(() => this.value(value, alternative));
    try {
      return readScalar(value, type.scalar);
    } catch (problem) {
      if (!(problem instanceof ScalarProblem)) throw problem;
      if (problem.text !== undefined) throw new FieldProblem(problem.text);
      const found = problem.exactNumber ? `number ${String(value)}` : goKind(value);
      throw this.#mismatch(value, type, found);
    }
  }

  /** Types with a decoder of their own do not report unknown fields below them. */
  #quietly<T>(read: () => T): T {
    const known = this.unknown.length;
    const result = read();
    this.unknown.length = known;
    return result;
  }

  #mismatch(value: unknown, type: ValueSchema, found = goKind(value)): FieldProblem {
    const goType = (type.shape === 'scalar' ? DECODED_AS[type.scalar] : undefined) ?? type.goType;
    const struct = this.#inside.slice(this.#inside.indexOf('.') + 1);
    const place = struct ? `Go struct field ${struct}.${this.#goPath.join('.')}` : 'Go value';
    const message = `json: cannot unmarshal ${found} into ${place} of type ${goType}`;
    return new FieldProblem(message, conversionRefusal(value, type));
  }
}

/** Types with a decoder of their own fail inside it. */
const DECODED_AS: Partial<Record<ScalarName, string>> = {
  intstr: 'int32',
  time: 'string',
  microtime: 'string',
  duration: 'string',
};

const SCHEMA_PROPS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

/** JSONSchemaPropsOrBool and its siblings hold a schema, or lists, where the value is one. */
function structuredAlternative(value: unknown, scalar: ScalarName): ValueSchema | undefined {
  if (!scalar.startsWith('schemaor')) return undefined;
  const schema = typeNamed(SCHEMA_PROPS);
  if (isFields(value) || !schema) return schema;
  if (!Array.isArray(value) || scalar !== 'schemaorarray') return undefined;
  return {
    shape: 'list',
    elements: schema,
    topology: 'atomic',
    keys: [],
    wrapped: false,
    goType: '[]v1.JSONSchemaProps',
  };
}

function withAlwaysWritten(value: Fields, next: Fields | undefined, type: TypeSchema): Fields {
  let result = next;
  for (const field of type.alwaysWritten) {
    if (field.name in (result ?? value)) continue;
    result ??= { ...value };
    result[field.name] = absentValue(field);
  }
  return result ?? value;
}

function entriesBefore(value: Fields, key: string): Fields {
  const copy: Fields = {};
  for (const name of Object.keys(value)) {
    if (name === key) break;
    copy[name] = value[name];
  }
  return copy;
}

/** What Go writes for a field that nobody has set. */
function absentValue({ type, pointer }: FieldSchema): unknown {
  return pointer || type.shape === 'list' || type.shape === 'map' ? null : emptyValue(type);
}

function emptyValue(type: ValueSchema): unknown {
  if (type.shape === 'struct') return emptyStruct(type);
  if (type.shape === 'list') return [];
  if (type.shape === 'map') return {};
  return EMPTY_SCALARS[type.scalar] ?? null;
}

const EMPTY_SCALARS: Readonly<Record<string, unknown>> = {
  string: '',
  bytes: '',
  bool: false,
  int32: 0,
  int64: 0,
  uint32: 0,
  uint64: 0,
  double: 0,
  intstr: 0,
  quantity: '0',
  duration: '0s',
};

/** Whether Go's `omitempty` leaves the value out: zero scalars, lists and maps without entries, never structs. */
export function isEmpty(value: unknown, type: ValueSchema): boolean {
  if (type.shape === 'list') return (value as unknown[]).length === 0;
  if (type.shape === 'map') return Object.keys(value as Fields).length === 0;
  if (type.shape === 'struct' || type.scalar === 'quantity' || type.scalar === 'intstr') return false;
  return value === '' || value === 0 || value === false;
}

/** `spec.containers[0].image`. */
function pathText(path: readonly (string | number)[]): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else text += text ? `.${segment}` : segment;
  }
  return text;
}
