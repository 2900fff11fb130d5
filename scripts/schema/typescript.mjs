// Writes src-common/kube/types.ts and resources.ts from the model.

const SCALARS = {
  string: 'string',
  bool: 'boolean',
  int32: 'number',
  int64: 'number',
  uint32: 'number',
  uint64: 'number',
  double: 'number',
  bytes: 'string',
  time: 'string',
  microtime: 'string',
  duration: 'string',
  quantity: 'string',
  intstr: 'number | string',
  fieldsv1: 'Record<string, unknown>',
  raw: 'Record<string, unknown>',
  json: 'unknown',
  schemaorarray: 'JSONSchemaProps | JSONSchemaProps[]',
  schemaorbool: 'JSONSchemaProps | boolean',
  schemaorstrings: 'JSONSchemaProps | string[]',
};

/** Types that src-common/kube/object.ts holds already. */
const SHARED = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': 'ObjectMeta',
  'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta': 'ListMeta',
  'io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference': 'OwnerReference',
  'io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry': 'ManagedFieldsEntry',
};

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
const EXTRA_ROOTS = ['DeleteOptions', 'Condition', 'LabelSelector', 'Preconditions'].map((name) => META + name);

/** Names that mean something else to a reader of TypeScript. */
const RESERVED = new Set(['JSON', 'Record', 'Partial', 'KubeObject', 'Table', 'WatchEvent', ...Object.values(SHARED)]);

export function typesSource({ types, kinds }, release) {
  const roots = [...EXTRA_ROOTS, ...kinds.filter((kind) => kind.role === 'object').map((kind) => kind.type.id)];
  const reachable = reach(types, roots);
  const names = nameTypes(types, reachable);
  const objects = new Set(kinds.filter((kind) => kind.role === 'object').map((kind) => kind.type.id));
  const used = new Set(['KubeObject', 'ObjectMeta']);
  const body = [...names.keys()]
    .map((id) => interfaceSource(types.get(id), { types, names, objects, used }))
    .join('\n');
  const imports = [...used]
    .filter((name) => body.includes(name))
    .sort()
    .join(', ');
  return (
    `/** Kinds of Kubernetes ${release} as JSON has them. Written by scripts/schema/generate.mjs; change that instead. */\n` +
    `import type { ${imports} } from './object';\n\n${body}`
  );
}

export function resourcesSource(resources, names, release) {
  const constants = nameConstants(resources, names);
  const lines = resources.map((entry) => {
    const parts = [
      entry.group ? `group: '${entry.group}'` : '',
      entry.version === 'v1' ? '' : `version: '${entry.version}'`,
      `plural: '${entry.plural}'`,
      `kind: '${entry.kind}'`,
      entry.namespaced ? '' : 'namespaced: false',
    ].filter(Boolean);
    return `export const ${constants.get(entry)} = resource<types.${names.get(entry.typeId)}>({ ${parts.join(', ')} });`;
  });
  return (
    `/** Every resource of Kubernetes ${release} by its plural. Written by scripts/schema/generate.mjs; change that instead. */\n` +
    `import { resource, type Resource } from './resource';\nimport type * as types from './types';\n\n${lines.join('\n')}\n\n` +
    `/** All of the above, in the order in which discovery lists their groups. */\n` +
    `export const builtInResources: readonly Resource[] = [\n${resources.map((entry) => `  ${constants.get(entry)},`).join('\n')}\n];\n`
  );
}

/** Resource -> constant: `Pods`; where an earlier resource has the name, what its type carries (`EventsV1Events`). */
function nameConstants(resources, names) {
  const constants = new Map();
  const taken = new Set();
  for (const entry of resources) {
    const plural = capitalised(entry);
    const typeName = names.get(entry.typeId);
    const at = typeName.lastIndexOf(entry.kind);
    const long = typeName.slice(0, at) + plural + typeName.slice(at + entry.kind.length);
    const name = taken.has(plural) ? long : plural;
    if (taken.has(name)) throw new Error(`two resources want the name ${name}`);
    taken.add(name);
    constants.set(entry, name);
  }
  return constants;
}

/** `EndpointSlices` from kind and plural: the kind's capitals with the plural's ending. */
function capitalised({ kind, plural }) {
  if (kind.endsWith('Metrics')) return `${kind}es`;
  let same = 0;
  while (same < kind.length && kind[same].toLowerCase() === plural[same]) same++;
  return kind.slice(0, same) + plural.slice(same);
}

/** Id -> name in TypeScript, in the packages' order; a name that is taken gets its group (autoscaling/v1: its version). */
export function nameTypes(types, reachable) {
  const names = new Map();
  const taken = new Set(RESERVED);
  for (const type of types.values()) {
    if (!reachable.has(type.id) || SHARED[type.id]) continue;
    const name = taken.has(type.name) ? longName(type) : type.name;
    if (taken.has(name)) throw new Error(`two types want the name ${name}`);
    taken.add(name);
    names.set(type.id, name);
  }
  return names;
}

function longName({ name, package: { path, version } }) {
  if (path === 'k8s.io/api/autoscaling/v1') return `${name}V1`;
  const folder = path.split('/').at(-2);
  return folder[0].toUpperCase() + folder.slice(1) + version[0].toUpperCase() + version.slice(1) + name;
}

export function reachableFrom({ types, kinds }) {
  return reach(types, [...EXTRA_ROOTS, ...kinds.filter((kind) => kind.role === 'object').map((kind) => kind.type.id)]);
}

function reach(types, roots) {
  const seen = new Set();
  const visitType = (type) => {
    if (type.k === 'ref') visit(type.id);
    else if (type.of) visitType(type.of);
    else if (type.scalar?.startsWith('schemaor'))
      visit([...types.keys()].find((id) => id.endsWith('.apiextensions.v1.JSONSchemaProps')));
  };
  const visit = (id) => {
    if (seen.has(id) || SHARED[id]) return;
    seen.add(id);
    for (const field of types.get(id).fields) if (!(field.inline && !field.number)) visitType(field.type);
  };
  roots.forEach(visit);
  return seen;
}

function interfaceSource(type, context) {
  const isObject = context.objects.has(type.id);
  const fields = flatFields(type, context.types)
    .filter((field) => !(isObject && ['metadata', 'kind', 'apiVersion'].includes(field.name)))
    .map(
      (field) => `  ${propertyName(field.name)}${isNeeded(field, isObject) ? '' : '?'}: ${nameOf(field, context)};\n`,
    );
  const heritage = isObject ? ' extends KubeObject' : '';
  if (fields.length === 0)
    return isObject
      ? `export type ${context.names.get(type.id)} = KubeObject;\n`
      : `export type ${context.names.get(type.id)} = Record<string, never>;\n`;
  return `export interface ${context.names.get(type.id)}${heritage} {\n${fields.join('')}}\n`;
}

/** A kind's spec is always there: the server writes it even when it is empty. */
function isNeeded(field, isObject) {
  if (isObject && field.name === 'spec') return !field.pointer;
  if (isObject && field.name === 'status') return false;
  return field.required;
}

export function flatFields(type, types) {
  return type.fields.flatMap((field) => (field.inline ? flatFields(types.get(field.type.id), types) : [field]));
}

const propertyName = (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}'`);

function nameOf(field, { names, used }) {
  const render = (type) => {
    if (type.k === 'scalar') return SCALARS[type.scalar];
    if (type.k === 'list') return arrayOf(render(type.of));
    if (type.k === 'map') return `Record<string, ${render(type.of)}>`;
    const shared = SHARED[type.id];
    if (shared) used.add(shared);
    if (shared === 'ObjectMeta') return 'Partial<ObjectMeta>';
    return shared ?? names.get(type.id);
  };
  return render(field.type);
}

const arrayOf = (element) => (element.includes(' ') && !element.endsWith('>') ? `(${element})[]` : `${element}[]`);
