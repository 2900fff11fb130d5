/** A structural schema told in the words of `machinery/schema`, so that patches, apply and ownership treat custom resources as any kind. */
import type { JSONSchemaProps } from '#common/kube/types';
import {
  typeNamed,
  type FieldSchema,
  type Gvk,
  type ListSchema,
  type ScalarName,
  type ScalarSchema,
  type TypeSchema,
  type ValueSchema,
} from '#main/sandbox/machinery/schema';

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const SCALARS: Readonly<Record<string, ScalarName>> = {
  string: 'string',
  integer: 'int64',
  number: 'double',
  boolean: 'bool',
};

/** The schema of a kind that a CustomResourceDefinition declares; without `schema`, of any object. */
export function customType(gvk: Gvk, schema: JSONSchemaProps = {}): TypeSchema {
  return new StructuralType(openApiName(gvk), schema, { isResource: true, gvk });
}

/** `com.example.stable.v1.CronTab`. */
export function openApiName({ group, version, kind }: Gvk): string {
  return [...group.split('.').reverse(), version, kind].join('.');
}

/** `metadata` of every object. */
export function objectMetaType(): TypeSchema {
  const type = typeNamed(OBJECT_META);
  if (!type) throw new Error('the schema table has no ObjectMeta');
  return type;
}

interface Place {
  /** The object has apiVersion, kind and metadata of its own. */
  isResource: boolean;
  gvk?: Gvk;
}

class StructuralType implements TypeSchema {
  readonly shape = 'struct';
  readonly name: string;
  readonly goType: string;
  readonly gvk?: Gvk;
  readonly atomic: boolean;
  readonly preservesUnknown: boolean;
  readonly fields: readonly FieldSchema[];
  readonly alwaysWritten: readonly FieldSchema[] = [];
  readonly #byName: ReadonlyMap<string, FieldSchema>;

  constructor(name: string, schema: JSONSchemaProps, { isResource, gvk }: Place) {
    this.name = name;
    this.goType = gvk ? `${gvk.version}.${gvk.kind}` : 'map[string]interface {}';
    if (gvk) this.gvk = gvk;
    this.atomic = schema['x-kubernetes-map-type'] === 'atomic';
    this.preservesUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true;
    const own = Object.entries(schema.properties ?? {}).filter(([key]) => !isResource || !(key in TYPE_META));
    const fields = own.map(([key, property]) => fieldOf(key, valueSchema(property, `${name}.${key}`), property));
    this.fields = isResource ? [...resourceFields(), ...fields] : fields;
    this.#byName = new Map(this.fields.map((field) => [field.name, field]));
  }

  field(name: string): FieldSchema | undefined {
    return this.#byName.get(name);
  }
}

const TYPE_META = { apiVersion: 1, kind: 1, metadata: 1 };

function resourceFields(): FieldSchema[] {
  const text = scalar('string');
  return [fieldOf('apiVersion', text), fieldOf('kind', text), fieldOf('metadata', objectMetaType())];
}

function fieldOf(name: string, type: ValueSchema, { default: given }: JSONSchemaProps = {}): FieldSchema {
  return {
    name,
    goPath: name,
    type,
    required: false,
    pointer: true,
    omitsEmpty: true,
    omitsZeroStruct: true,
    merges: false,
    replaces: false,
    mergeKey: '',
    retainsKeys: false,
    ...(given === undefined ? {} : { default: given }),
    number: 0,
  };
}

function valueSchema(schema: JSONSchemaProps, name: string): ValueSchema {
  if (schema['x-kubernetes-int-or-string']) return scalar('json');
  if (schema['x-kubernetes-embedded-resource']) return new StructuralType(name, schema, { isResource: true });
  if (schema.type === 'object') return objectSchema(schema, name);
  if (schema.type === 'array') return listSchema(schema, name);
  return scalar(SCALARS[schema.type ?? ''] ?? 'json');
}

function objectSchema(schema: JSONSchemaProps, name: string): ValueSchema {
  const { additionalProperties } = schema;
  if (!additionalProperties) return new StructuralType(name, schema, { isResource: false });
  return {
    shape: 'map',
    elements: additionalProperties === true ? scalar('json') : valueSchema(additionalProperties, name),
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    goType: 'map[string]interface {}',
  };
}

function listSchema(schema: JSONSchemaProps, name: string): ListSchema {
  const items = Array.isArray(schema.items) ? schema.items[0] : schema.items;
  const type = schema['x-kubernetes-list-type'];
  return {
    shape: 'list',
    elements: valueSchema(items ?? {}, name),
    topology: type === 'map' || type === 'set' ? type : 'atomic',
    keys: schema['x-kubernetes-list-map-keys'] ?? [],
    wrapped: false,
    goType: '[]interface {}',
  };
}

function scalar(name: ScalarName): ScalarSchema {
  return { shape: 'scalar', scalar: name, goType: name };
}
