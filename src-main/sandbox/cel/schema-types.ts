/** What rules of a structural schema may speak of: its fields with their types, and how large they can become in a request. */
import type { Environment } from '@marcbachmann/cel-js';
import type { JSONSchemaProps } from '#common/kube/types';
import { kubernetesEnvironment } from './environment';
import { escapedName, isReserved } from './schema-value';

/** A part of a schema as a type. */
export interface DeclaredType {
  shape: 'object' | 'list' | 'map' | 'scalar';
  /** Of scalars, as the package calls it. */
  name: string;
  /** By their names in CEL. */
  fields: ReadonlyMap<string, DeclaredType>;
  /** Of lists and maps. */
  element: DeclaredType | undefined;
  /** Items, entries or letters; none of objects and numbers. */
  maxElements: number;
  /** The least bytes of JSON that it takes. */
  minSize: number;
}

/** Bytes of the largest request. */
export const LARGEST_REQUEST = 3 * 1024 * 1024;

const NO_FIELDS: ReadonlyMap<string, DeclaredType> = new Map();

const scalar = (name: string, minSize: number, maxElements = 0): DeclaredType => ({
  shape: 'scalar',
  name,
  fields: NO_FIELDS,
  element: undefined,
  maxElements,
  minSize,
});

const STRING = scalar('string', 2);
const METADATA = objectOf(
  new Map([
    ['name', STRING],
    ['generateName', STRING],
  ]),
  2,
);
const OF_RESOURCES: readonly [string, DeclaredType][] = [
  ['apiVersion', STRING],
  ['kind', STRING],
  ['metadata', METADATA],
];

function objectOf(fields: ReadonlyMap<string, DeclaredType>, minSize: number): DeclaredType {
  return { shape: 'object', name: 'object', fields, element: undefined, maxElements: 0, minSize };
}

/** Undefined for what rules cannot see: values without a type. `isResource` is said of the root. */
export function declaredType(schema: JSONSchemaProps, isResource = isEmbedded(schema)): DeclaredType | undefined {
  if (schema['x-kubernetes-int-or-string']) return scalar('dyn', 1, lettersOf(schema) ?? LARGEST_REQUEST - 2);
  switch (schema.type) {
    case 'array':
      return listType(schema);
    case 'object':
      return isOpenMap(schema) ? mapType(schema) : objectType(schema, isResource);
    case 'string':
      return stringType(schema);
    case 'boolean':
      return scalar('bool', 4);
    case 'number':
      return scalar('double', 1);
    case 'integer':
      return scalar('int', 1);
    default:
      return undefined;
  }
}

const isEmbedded = (schema: JSONSchemaProps): boolean => schema['x-kubernetes-embedded-resource'] === true;

const isOpenMap = ({ additionalProperties: rest }: JSONSchemaProps): boolean =>
  typeof rest === 'object' && rest !== null;

/** Letters can take four bytes. */
const lettersOf = ({ maxLength }: JSONSchemaProps): number | undefined =>
  maxLength === undefined ? undefined : Math.max(maxLength, 0) * 4;

function listType({ items, maxItems }: JSONSchemaProps): DeclaredType | undefined {
  const element = items && declaredType((Array.isArray(items) ? items[0] : items) as JSONSchemaProps);
  if (!element) return undefined;
  const most = maxItems ?? Math.floor((LARGEST_REQUEST - 2) / (element.minSize + 1));
  return { shape: 'list', name: 'list', fields: NO_FIELDS, element, maxElements: Math.max(most, 0), minSize: 2 };
}

function mapType({ additionalProperties, maxProperties }: JSONSchemaProps): DeclaredType | undefined {
  const element = declaredType(additionalProperties as JSONSchemaProps);
  if (!element) return undefined;
  const most = maxProperties ?? Math.floor((LARGEST_REQUEST - 2) / (element.minSize + 6));
  return { shape: 'map', name: 'map', fields: NO_FIELDS, element, maxElements: Math.max(most, 0), minSize: 2 };
}

function objectType({ properties = {}, required = [] }: JSONSchemaProps, isResource: boolean): DeclaredType {
  const fields = new Map<string, DeclaredType>();
  let minSize = 2;
  for (const [name, property] of Object.entries(properties)) {
    const type = declaredType(property);
    if (!type) continue;
    fields.set(escapedName(name), type);
    if (isReserved(name)) fields.set(name, type);
    if (required.includes(name) && property.default === undefined) minSize += name.length + type.minSize + 4;
  }
  if (isResource) for (const [name, type] of OF_RESOURCES) fields.set(name, type);
  return objectOf(fields, minSize);
}

const DATES: Readonly<Record<string, DeclaredType>> = {
  duration: scalar('google.protobuf.Duration', 3, 32),
  date: scalar('google.protobuf.Timestamp', 12, 12),
  'date-time': scalar('google.protobuf.Timestamp', 21, 32),
};

function stringType(schema: JSONSchemaProps): DeclaredType {
  const { format = '', maxLength, enum: values = [] } = schema;
  const known = DATES[format];
  if (known) return known;
  if (format === 'byte') return scalar('bytes', 2, maxLength ?? LARGEST_REQUEST - 2);
  const longest = values.length > 0 ? Math.max(...values.map((one) => String(one).length)) : LARGEST_REQUEST - 2;
  return scalar('string', 2, lettersOf(schema) ?? longest);
}

/** The type of a part, by the steps of a path: names of fields, `@items`, `@values`, `@keys`. */
export function typeAt(type: DeclaredType, path: readonly string[]): DeclaredType | undefined {
  return path.reduce<DeclaredType | undefined>((at, step) => {
    if (step === '@items' || step === '@values') return at?.element;
    if (step === '@keys') return at?.shape === 'map' ? STRING : undefined;
    return at?.fields.get(step);
  }, type);
}

/** What cel-go calls the type of `self`, which nobody may rely on. */
const SELF = 'selfType1';

/** An environment in which `self` and `oldSelf` have the type. */
export function ruleEnvironment(type: DeclaredType, { optionalOldSelf }: { optionalOldSelf: boolean }): Environment {
  const environment = kubernetesEnvironment().clone({ unlistedVariablesAreDyn: false });
  const self = register(environment, type, SELF);
  return environment
    .registerVariable('self', self)
    .registerVariable('oldSelf', optionalOldSelf ? `optional<${self}>` : self);
}

/** Makes the types of objects known, and answers how the package calls this one. */
function register(environment: Environment, type: DeclaredType, name: string): string {
  if (type.shape === 'scalar') return type.name;
  if (type.shape !== 'object') {
    const element = type.element ? register(environment, type.element, `${name}.${ELEMENT[type.shape]}`) : 'dyn';
    return type.shape === 'list' ? `list<${element}>` : `map<string, ${element}>`;
  }
  const fields = [...type.fields].map(([field, one]) => [field, register(environment, one, `${name}.${field}`)]);
  environment.registerType(name, { fields: Object.fromEntries(fields) as Record<string, string> });
  // For the checker alone: rules are asked with plain values.
  environment.registerOperator(`${name} == ${name}`, () => false);
  return name;
}

/** Steps of names; cel-go's begin with `@`, which are no names here. */
const ELEMENT = { list: '__idx', map: '__elem' } as const;
