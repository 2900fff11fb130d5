/** `components.schemas` of an OpenAPI v3 document: the types of the table as JSON schemas with the `x-kubernetes-` extensions. */
import type { FieldSchema, Gvk, ListSchema, ScalarName, ScalarSchema, TypeSchema, ValueSchema } from '../schema';
import { typeNamed } from '../schema';

import type { Descriptions } from './descriptions';

export type JsonSchema = Record<string, unknown>;

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.';

export const reference = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** Scalars that the documents name: their schema's name, and its content without the description. */
const NAMED: Partial<Record<ScalarName, { name: string; schema: JsonSchema }>> = {
  time: { name: `${META}Time`, schema: { type: 'string', format: 'date-time' } },
  microtime: { name: `${META}MicroTime`, schema: { type: 'string', format: 'date-time' } },
  duration: { name: `${META}Duration`, schema: { type: 'string' } },
  fieldsv1: { name: `${META}FieldsV1`, schema: { type: 'object' } },
  quantity: {
    name: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
    schema: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  },
  intstr: {
    name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
    schema: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  },
  raw: { name: 'io.k8s.apimachinery.pkg.runtime.RawExtension', schema: { type: 'object' } },
  json: { name: `${EXTENSIONS}JSON`, schema: {} },
  schemaorarray: { name: `${EXTENSIONS}JSONSchemaPropsOrArray`, schema: {} },
  schemaorbool: { name: `${EXTENSIONS}JSONSchemaPropsOrBool`, schema: {} },
  schemaorstrings: { name: `${EXTENSIONS}JSONSchemaPropsOrStringArray`, schema: {} },
};

const PLAIN: Partial<Record<ScalarName, JsonSchema>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  uint32: { type: 'integer', format: 'int64' },
  uint64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
};

/** What the body of a PATCH is called. */
export const PATCH_SCHEMA = `${META}Patch`;

/** A group version that a document is about. */
type Home = Omit<Gvk, 'kind'>;

/** Collects the schemas that a document needs, each with everything it refers to. */
export class SchemaCollector {
  readonly schemas: Record<string, JsonSchema> = {};
  readonly #descriptions: Descriptions;

  readonly #homes: readonly Home[];

  /** `homes` are the group versions that the document is about. */
  constructor(descriptions: Descriptions, homes: readonly Home[]) {
    this.#descriptions = descriptions;
    this.#homes = homes;
    this.#put(PATCH_SCHEMA, { type: 'object' });
  }

  /** Adds a type by its OpenAPI name; unknown names are left out. */
  add(name: string): void {
    const type = typeNamed(name);
    if (type) this.#addType(type);
  }

  #addType(type: TypeSchema): void {
    if (this.schemas[type.name]) return;
    const schema: JsonSchema = this.#put(type.name, { type: 'object' });
    const properties = Object.fromEntries(
      type.fields.map((field, at) => [field.name, this.#property(type, field, at)]),
    );
    if (type.fields.length > 0) schema['properties'] = properties;
    const required = type.fields.filter((field) => field.required).map((field) => field.name);
    if (required.length > 0) schema['required'] = required;
    if (type.atomic) schema['x-kubernetes-map-type'] = 'atomic';
    const kinds = this.#kindsOf(type);
    if (kinds.length > 0) schema['x-kubernetes-group-version-kind'] = kinds;
  }

  /** Every group takes the shared kinds that requests and watches are made of. */
  #kindsOf({ name, gvk }: TypeSchema): Gvk[] {
    const kind = IN_EVERY_GROUP[name] ?? gvk?.kind;
    if (kind === undefined) return [];
    if (gvk && gvk.group !== 'meta.k8s.io') return [{ group: gvk.group, kind, version: gvk.version }];
    const homes = IN_EVERY_GROUP[name] ? this.#homes.filter(({ group }) => group !== '') : [];
    const places = [{ group: '', version: 'v1' }, ...homes.toSorted((a, b) => (a.group < b.group ? -1 : 1))];
    return places.map(({ group, version }) => ({ group, kind, version }));
  }

  #put(name: string, schema: JsonSchema): JsonSchema {
    const description = this.#descriptions.ofType(name);
    const described = description ? { description, ...schema } : schema;
    this.schemas[name] = described;
    return described;
  }

  #property(type: TypeSchema, field: FieldSchema, at: number): JsonSchema {
    const description = this.#descriptions.ofField(type.name, at);
    const schema = withoutListType(type, field, this.#value(field.type));
    const wrapped = '$ref' in schema && (description || defaultOf(field) !== undefined) ? { allOf: [schema] } : schema;
    return {
      ...(description ? { description } : {}),
      ...wrapped,
      ...(defaultOf(field) === undefined ? {} : { default: defaultOf(field) }),
      ...mapType(field.type),
      ...patchExtensions(field),
    };
  }

  #value(type: ValueSchema): JsonSchema {
    switch (type.shape) {
      case 'struct':
        this.#addType(type);
        return reference(type.name);
      case 'list':
        return { type: 'array', items: this.#element(type.elements), ...listExtensions(type) };
      case 'map':
        return { type: 'object', additionalProperties: this.#element(type.elements) };
      case 'scalar':
        return this.#scalar(type);
    }
  }

  /** Elements that Go keeps by value have their zero value as default. */
  #element(type: ValueSchema): JsonSchema {
    const schema = this.#value(type);
    const zero = zeroOf(type);
    if (zero === undefined) return schema;
    return '$ref' in schema ? { allOf: [schema], default: zero } : { ...schema, default: zero };
  }

  #scalar({ scalar, values }: ScalarSchema): JsonSchema {
    const named = NAMED[scalar];
    if (!named) return { ...PLAIN[scalar], ...(values ? { enum: values } : {}) };
    if (!this.schemas[named.name]) this.#put(named.name, named.schema);
    return reference(named.name);
  }
}

const IN_EVERY_GROUP: Readonly<Record<string, string>> = {
  [`${META}DeleteOptions`]: 'DeleteOptions',
  [`${META}WatchEvent`]: 'WatchEvent',
};

/** The items of a kind's list are no list that anybody merges. */
function withoutListType(type: TypeSchema, field: FieldSchema, schema: JsonSchema): JsonSchema {
  if (field.name !== 'items' || !type.gvk?.kind.endsWith('List')) return schema;
  const { 'x-kubernetes-list-type': _, ...rest } = schema;
  return rest;
}

function defaultOf(field: FieldSchema): unknown {
  if (field.default !== undefined) return field.default;
  if (field.pointer) return undefined;
  if (field.type.shape === 'struct') return field.omitsZeroStruct ? undefined : {};
  return field.omitsEmpty ? undefined : zeroOf(field.type);
}

function zeroOf(type: ValueSchema): unknown {
  if (type.shape === 'struct') return {};
  if (type.shape !== 'scalar') return undefined;
  if (type.scalar === 'string') return '';
  if (type.scalar === 'bool') return false;
  return type.scalar === 'bytes' || !PLAIN[type.scalar] ? undefined : 0;
}

function mapType(type: ValueSchema): JsonSchema {
  return type.shape === 'map' && type.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {};
}

function listExtensions({ topology, keys }: ListSchema): JsonSchema {
  if (topology === 'map') return { 'x-kubernetes-list-map-keys': keys, 'x-kubernetes-list-type': 'map' };
  return { 'x-kubernetes-list-type': topology };
}

function patchExtensions({ merges, replaces, mergeKey, retainsKeys }: FieldSchema): JsonSchema {
  const strategy = [
    ...(merges ? ['merge'] : []),
    ...(replaces ? ['replace'] : []),
    ...(retainsKeys ? ['retainKeys'] : []),
  ].join(',');
  return {
    ...(mergeKey ? { 'x-kubernetes-patch-merge-key': mergeKey } : {}),
    ...(strategy ? { 'x-kubernetes-patch-strategy': strategy } : {}),
  };
}
