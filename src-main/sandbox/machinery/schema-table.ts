/**
 * Reads the release's table (resources/kubernetes-schema/schema.json, written by scripts/schema). Layout:
 * `packages` [id, group, version]; `shapes` texts: a scalar with Go's name after it (`=n`: its values are `enums[n]`), `[n` list, `!n` list that protobuf
 * wraps, `{n` map (Go's name after them if they have one), `#n` type; `types` [package, name, flags (1 atomic, 2 kind), fields]; a field is
 * [name, shape, number, flags, extra], extra holding map keys `k`, merge key `m`, default `d`. Types are built on first use.
 */
import table from '#resources/kubernetes-schema/schema.json';
import type {
  BuiltInResource,
  FieldSchema,
  Gvk,
  ListSchema,
  ListTopology,
  MapSchema,
  ScalarName,
  ScalarSchema,
  TypeSchema,
  ValueSchema,
} from './schema';

const FLAG = {
  pointer: 1,
  omitEmpty: 2,
  omitZero: 4,
  required: 8,
  inline: 16,
  atomic: 32,
  set: 64,
  keyed: 128,
  merge: 256,
  retainKeys: 512,
  replace: 1024,
  granular: 2048,
} as const;

const TYPE_ATOMIC = 1;
const TYPE_IS_KIND = 2;

interface FieldExtra {
  k?: string[];
  m?: string;
  d?: unknown;
}

type FieldRow = [name: string, shape: number, number: number, flags: number, extra?: FieldExtra];
type TypeRow = [pkg: number, name: string, flags: number, fields: FieldRow[]];

interface SchemaTable {
  release: string;
  packages: [id: string, group: string, version: string][];
  shapes: string[];
  /** Values that a type is documented to have, sorted. */
  enums: string[][];
  types: TypeRow[];
  resources: BuiltInResource[];
}

/** The wire place of a field: Go-inlined structs are messages of their own in protobuf, though JSON has no level for them. */
export interface WireField {
  readonly number: number;
  /** Undefined for a struct that JSON inlines. */
  readonly field?: FieldSchema;
  readonly inlined?: BuiltInType;
}

/** A type of the table; its fields are made when they are first asked for. */
export class BuiltInType implements TypeSchema {
  readonly shape = 'struct';
  readonly preservesUnknown = false;
  readonly name: string;
  readonly goType: string;
  readonly gvk?: Gvk;
  readonly atomic: boolean;
  readonly #types: BuiltInTypes;
  readonly #row: TypeRow;
  #fields: readonly FieldSchema[] | undefined;
  #byName: Map<string, FieldSchema> | undefined;
  #always: readonly FieldSchema[] | undefined;
  #wire: Map<number, WireField> | undefined;

  constructor(types: BuiltInTypes, row: TypeRow, atomic: boolean) {
    this.#types = types;
    this.#row = row;
    const [id, group, version] = types.packageOf(row);
    this.name = `${id}.${row[1]}`;
    this.goType = `${version}.${row[1]}`;
    this.atomic = atomic;
    if (row[2] & TYPE_IS_KIND) this.gvk = { group, version, kind: row[1] };
  }

  get fields(): readonly FieldSchema[] {
    this.#fields ??= this.#row[3].flatMap((row) => {
      if (!(row[3] & FLAG.inline)) return [this.#types.field(row)];
      const { goType, fields } = this.#types.inlined(row);
      const prefix = goType.slice(goType.indexOf('.') + 1);
      return fields.map((field) => ({ ...field, goPath: `${prefix}.${field.goPath}` }));
    });
    return this.#fields;
  }

  get alwaysWritten(): readonly FieldSchema[] {
    this.#always ??= this.fields.filter(isAlwaysWritten);
    return this.#always;
  }

  field(name: string): FieldSchema | undefined {
    this.#byName ??= new Map(this.fields.map((field) => [field.name, field]));
    return this.#byName.get(name);
  }

  /** Protobuf number -> field. */
  get wire(): ReadonlyMap<number, WireField> {
    if (this.#wire) return this.#wire;
    const wire = new Map<number, WireField>();
    for (const row of this.#row[3]) {
      const number = row[2];
      if (row[3] & FLAG.inline) wire.set(number, { number, inlined: this.#types.inlined(row) });
      else {
        const field = this.field(row[0]);
        if (field) wire.set(number, { number, field });
      }
    }
    wire.delete(0);
    this.#wire = wire;
    return wire;
  }
}

const PLAIN_SCALARS = new Set<ScalarName>(['string', 'bool', 'int32', 'int64', 'uint32', 'uint64', 'double']);

/**
 * Go writes structs by value whatever they hold (times among them, as null), and everything else unless it is marked
 * `omitempty`: lists, maps and pointers as null, which only matters where they may be missing.
 */
function isAlwaysWritten({ type, pointer, omitsEmpty, omitsZeroStruct, required }: FieldSchema): boolean {
  if (pointer || type.shape === 'list' || type.shape === 'map') return !omitsEmpty && !required;
  if (type.shape === 'struct') return !omitsZeroStruct;
  if (type.scalar === 'quantity' || type.scalar === 'intstr') return true;
  if (type.scalar === 'time' || type.scalar === 'microtime') return !omitsZeroStruct;
  return !omitsEmpty && PLAIN_SCALARS.has(type.scalar);
}

/** All types and resources of the release. */
export class BuiltInTypes {
  readonly resources: readonly BuiltInResource[];
  readonly #table: SchemaTable;
  readonly #index = new Map<string, TypeRow>();
  readonly #packageIds = new Map<string, string>();
  readonly #built = new Map<TypeRow, BuiltInType>();
  /** The same types where a field merges them in another way than the type says. */
  readonly #otherwise = new Map<TypeRow, BuiltInType>();

  constructor(table: SchemaTable) {
    this.#table = table;
    this.resources = table.resources;
    for (const row of table.types) this.#index.set(`${this.packageOf(row)[0]}.${row[1]}`, row);
    for (const [id, group, version] of table.packages) this.#packageIds.set(`${group}/${version}`, id);
  }

  packageOf(row: TypeRow): SchemaTable['packages'][number] {
    return this.#table.packages[row[0]] ?? ['', '', ''];
  }

  /** Kinds of meta/v1 (DeleteOptions, Status, …) belong to every group. */
  kind({ group, version, kind }: Gvk): TypeSchema | undefined {
    const id = this.#packageIds.get(`${group}/${version}`);
    const row = (id && this.#index.get(`${id}.${kind}`)) || this.#index.get(`${META}.${kind}`);
    return row && row[2] & TYPE_IS_KIND ? this.#type(row) : undefined;
  }

  named(name: string): BuiltInType | undefined {
    const row = this.#index.get(name);
    return row && this.#type(row);
  }

  inlined(row: FieldRow): BuiltInType {
    const text = this.#shape(row[1]);
    const target = this.#table.types[Number(text.slice(1))];
    if (!target) throw new Error(`the schema table has no type ${text}`);
    return this.#type(target);
  }

  field(row: FieldRow): FieldSchema {
    const [name, shape, number, flags, extra] = row;
    return {
      name,
      goPath: name,
      type: this.#value(this.#shape(shape), flags, extra?.k ?? NO_KEYS),
      number,
      required: (flags & FLAG.required) !== 0,
      pointer: (flags & FLAG.pointer) !== 0,
      omitsEmpty: (flags & FLAG.omitEmpty) !== 0,
      omitsZeroStruct: (flags & FLAG.omitZero) !== 0,
      merges: (flags & FLAG.merge) !== 0,
      replaces: (flags & FLAG.replace) !== 0,
      retainsKeys: (flags & FLAG.retainKeys) !== 0,
      mergeKey: extra?.m ?? '',
      ...(extra && 'd' in extra ? { default: extra.d } : {}),
    };
  }

  #shape(index: number): string {
    return this.#table.shapes[index] ?? 'json';
  }

  #value(text: string, flags: number, keys: readonly string[]): ValueSchema {
    const atomic = (flags & FLAG.atomic) !== 0;
    switch (text[0]) {
      case '[':
      case '!':
        return this.#list(text, topologyOf(flags), keys);
      case '{':
        return this.#map(text, atomic);
      case '#': {
        const row = this.#table.types[Number(text.slice(1))];
        if (!row) throw new Error(`the schema table has no type ${text}`);
        return this.#reference(row, flags);
      }
      default:
        return atomic ? { ...scalar(text), atomic } : scalar(text);
    }
  }

  #list(text: string, topology: ListTopology, keys: readonly string[]): ListSchema {
    const [index, goName] = text.slice(1).split(' ');
    const elements = this.#value(this.#shape(Number(index)), 0, NO_KEYS);
    const goType = goName ?? `[]${elements.goType}`;
    return { shape: 'list', elements, topology, keys, wrapped: text[0] === '!', goType };
  }

  #map(text: string, atomic: boolean): MapSchema {
    const [index, goName] = text.slice(1).split(' ');
    const elements = this.#value(this.#shape(Number(index)), 0, NO_KEYS);
    return { shape: 'map', elements, atomic, goType: goName ?? `map[string]${elements.goType}` };
  }

  #type(row: TypeRow): BuiltInType {
    return this.#remember(this.#built, row, (row[2] & TYPE_ATOMIC) !== 0);
  }

  #reference(row: TypeRow, flags: number): BuiltInType {
    const isAtomic = (row[2] & TYPE_ATOMIC) !== 0;
    const isOtherwise = (flags & (isAtomic ? FLAG.granular : FLAG.atomic)) !== 0;
    return isOtherwise ? this.#remember(this.#otherwise, row, !isAtomic) : this.#type(row);
  }

  #remember(known: Map<TypeRow, BuiltInType>, row: TypeRow, atomic: boolean): BuiltInType {
    let type = known.get(row);
    if (!type) known.set(row, (type = new BuiltInType(this, row, atomic)));
    return type;
  }
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const NO_KEYS: readonly string[] = [];

/** A list without a declared type is atomic. */
function topologyOf(flags: number): ListTopology {
  if (flags & FLAG.keyed) return 'map';
  return flags & FLAG.set ? 'set' : 'atomic';
}

const GO_NAMES: Partial<Record<ScalarName, string>> = {
  double: 'float64',
  bytes: '[]uint8',
  time: 'v1.Time',
  microtime: 'v1.MicroTime',
  duration: 'v1.Duration',
  quantity: 'resource.Quantity',
  intstr: 'intstr.IntOrString',
  raw: 'runtime.RawExtension',
  fieldsv1: 'v1.FieldsV1',
  json: 'v1.JSON',
};

const scalars = new Map<string, ScalarSchema>();

function scalar(text: string): ScalarSchema {
  let known = scalars.get(text);
  if (known) return known;
  const space = text.indexOf(' ');
  const name = (space < 0 ? text : text.slice(0, space)) as ScalarName;
  const [goName, choice] = space < 0 ? [] : text.slice(space + 1).split('=');
  const values = choice === undefined ? undefined : (table as unknown as SchemaTable).enums[Number(choice)];
  known = { shape: 'scalar', scalar: name, goType: goName ?? GO_NAMES[name] ?? name, ...(values ? { values } : {}) };
  scalars.set(text, known);
  return known;
}

let builtIn: BuiltInTypes | undefined;

export function builtInTypes(): BuiltInTypes {
  builtIn ??= new BuiltInTypes(table as unknown as SchemaTable);
  return builtIn;
}
