// Packs the model into the compact table that src-main/sandbox/machinery/schema-table.ts reads. The layout is described there.

const FLAGS = {
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
};

/** Which labels a field selector may use; kinds that are not listed take metadata.name and, if namespaced, metadata.namespace. */
const FIELD_LABELS = {
  '/v1/pods': [
    'metadata.name',
    'metadata.namespace',
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.podIPs',
    'status.nominatedNodeName',
    'spec.host',
  ],
  '/v1/nodes': ['metadata.name', 'spec.unschedulable'],
  '/v1/replicationcontrollers': ['metadata.name', 'metadata.namespace', 'status.replicas'],
  '/v1/events': [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
    'metadata.namespace',
    'metadata.name',
  ],
  'events.k8s.io/v1/events': [
    'regarding.kind',
    'regarding.namespace',
    'regarding.name',
    'regarding.uid',
    'regarding.apiVersion',
    'regarding.resourceVersion',
    'regarding.fieldPath',
    'reason',
    'reportingController',
    'type',
    'metadata.namespace',
    'metadata.name',
  ],
  '/v1/namespaces': ['status.phase', 'metadata.name'],
  '/v1/secrets': ['type', 'metadata.namespace', 'metadata.name'],
  '/v1/services': ['metadata.namespace', 'metadata.name', 'spec.clusterIP', 'spec.type'],
  'batch/v1/jobs': ['metadata.name', 'metadata.namespace', 'status.successful'],
  'certificates.k8s.io/v1/certificatesigningrequests': ['metadata.name', 'spec.signerName'],
  'resource.k8s.io/v1/resourceslices': ['metadata.name', 'spec.nodeName', 'spec.driver'],
};

/** Singular, short and category names are facts of discovery; `resources` comes from resources.mjs. */
export function schemaTable({ types, kinds }, resources, release) {
  const wanted = [...types.values()];
  const typeIndex = new Map(wanted.map((type, index) => [type.id, index]));
  const shapes = new Interned();
  const enums = new Interned();
  const shapeOf = (type) => {
    const alias = type.go ? ` ${type.go}` : '';
    if (type.k === 'list') return shapes.add(`${type.wrapped ? '!' : '['}${shapeOf(type.of)}${alias}`);
    if (type.k === 'map') return shapes.add(`{${shapeOf(type.of)}${alias}`);
    if (type.k === 'ref') return shapes.add(`#${typeIndex.get(type.id)}`);
    const values = type.values ? `=${enums.add(JSON.stringify(type.values.map(({ text }) => text)))}` : '';
    return shapes.add(type.go ? `${type.scalar} ${type.go}${values}` : type.scalar);
  };
  const roles = new Map(kinds.map((kind) => [kind.type.id, kind.role]));
  const packages = new Interned();
  return {
    release,
    types: wanted.map((type) => [
      packages.add(type.id.slice(0, type.id.lastIndexOf('.'))),
      type.name,
      (type.atomic ? 1 : 0) + (roles.has(type.id) ? 2 : 0),
      type.fields.map((field) => packField(field, shapeOf)),
    ]),
    packages: packages.values.map((id) => {
      const { group, version } = wanted.find((type) => type.id.startsWith(`${id}.`)).package;
      return [id, group, version];
    }),
    shapes: shapes.values,
    enums: enums.values.map((text) => JSON.parse(text)),
    resources: resources.map((entry) => packResource(entry, typeIndex)),
  };
}

/** [name, shape, number, flags, extra?], extra: { k: map keys, m: merge key, d: default }. */
function packField(field, shapeOf) {
  const extra = {
    ...(field.mapKeys.length > 0 ? { k: field.mapKeys } : {}),
    ...(field.mergeKey ? { m: field.mergeKey } : {}),
    ...(field.default === undefined ? {} : { d: defaultValue(field.default) }),
  };
  const packed = [field.name, shapeOf(field.type), field.number, flagsOf(field)];
  return Object.keys(extra).length > 0 ? [...packed, extra] : packed;
}

function flagsOf(field) {
  const on = {
    ...field,
    atomic: field.atomic || field.listType === 'atomic',
    set: field.listType === 'set',
    keyed: field.listType === 'map',
    merge: field.patchStrategy.includes('merge'),
    retainKeys: field.patchStrategy.includes('retainKeys'),
    replace: field.patchStrategy.includes('replace'),
  };
  return Object.entries(FLAGS).reduce((sum, [name, bit]) => sum + (on[name] ? bit : 0), 0);
}

/** `"TCP"`, `8080`, `{}`; a reference to a Go constant names its value in the only places where one is used. */
function defaultValue(text) {
  const reference = /^ref\((.+)\)$/.exec(text);
  if (reference) return REFERENCES[reference[1].split('.').pop()] ?? fail(`unknown default ${text}`);
  return JSON.parse(text);
}

const REFERENCES = { AzureDataDiskCachingReadWrite: 'ReadWrite', AzureSharedBlobDisk: 'Shared' };

function fail(message) {
  throw new Error(message);
}

function packResource(entry, typeIndex) {
  const key = `${entry.group}/${entry.version}/${entry.plural}`;
  const labels = FIELD_LABELS[key] ?? ['metadata.name', 'metadata.namespace'];
  if (!typeIndex.has(entry.typeId)) fail(`no type ${entry.typeId}`);
  return {
    group: entry.group,
    version: entry.version,
    plural: entry.plural,
    singular: entry.singular,
    kind: entry.kind,
    namespaced: entry.namespaced,
    verbs: entry.verbs,
    ...(entry.shortNames.length > 0 ? { shortNames: entry.shortNames } : {}),
    ...(entry.categories.length > 0 ? { categories: entry.categories } : {}),
    ...(entry.subresources.length > 0 ? { subresources: entry.subresources } : {}),
    fieldLabels: labels,
    ...(FIELD_LABELS[key] ? { ownFieldLabels: true } : {}),
  };
}

class Interned {
  values = [];
  #index = new Map();

  add(value) {
    const known = this.#index.get(value);
    if (known !== undefined) return known;
    this.#index.set(value, this.values.length);
    return this.values.push(value) - 1;
  }
}
