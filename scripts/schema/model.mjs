// Turns Go declarations into the model everything else is written from: types with fields, each field with what JSON,
// protobuf, patches and server-side apply need to know about it.

/** Go types with an encoding of their own: full name -> scalar of the model. */
const SPECIAL = {
  'k8s.io/apimachinery/pkg/apis/meta/v1.Time': 'time',
  'k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime': 'microtime',
  'k8s.io/apimachinery/pkg/apis/meta/v1.Duration': 'duration',
  'k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1': 'fieldsv1',
  'k8s.io/apimachinery/pkg/api/resource.Quantity': 'quantity',
  'k8s.io/apimachinery/pkg/util/intstr.IntOrString': 'intstr',
  'k8s.io/apimachinery/pkg/runtime.RawExtension': 'raw',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSON': 'json',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrArray': 'schemaorarray',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrBool': 'schemaorbool',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrStringArray': 'schemaorstrings',
};

const BASIC = {
  string: 'string',
  bool: 'bool',
  int: 'int64',
  int32: 'int32',
  int64: 'int64',
  uint32: 'uint32',
  uint64: 'uint64',
  uint8: 'int32',
  float64: 'double',
  'interface{}': 'json',
  any: 'json',
};

/** Reads all packages' declarations: `{ types: Map<id, Type>, kinds: Kind[] }`. Ids are those of the OpenAPI documents. */
export function buildModel(declarations, apiPackages, metaPackages) {
  const packages = new Map([...metaPackages, ...apiPackages].map((entry) => [entry.path, entry]));
  const resolve = resolver(declarations, packages);
  const types = new Map();
  for (const [path, entry] of packages) {
    if (!entry.version) continue;
    for (const [name, decl] of Object.entries(declarations[path].types)) {
      if (decl.type !== 'struct' || SPECIAL[`${path}.${name}`]) continue;
      if (!/^[A-Z]/.test(name)) continue;
      const type = typeOf(decl, { path, entry, name, resolve });
      if (type) types.set(type.id, type);
    }
  }
  return { types, kinds: kindsOf(types, packages) };
}

function typeOf(decl, { path, entry, name, resolve }) {
  const fields = [];
  for (const field of decl.fields ?? []) {
    const made = fieldOf(field, (expr) => resolve(expr, path));
    if (made) fields.push(made);
  }
  const doc = split(decl.doc);
  return {
    id: `${entry.id}.${name}`,
    name,
    package: entry,
    atomic: doc.markers.get('structType')?.[0] === 'atomic',
    isObject: (doc.markers.get('k8s:deepcopy-gen:interfaces') ?? []).some((text) => text.includes('runtime.Object')),
    clusterScoped: doc.markers.has('genclient:nonNamespaced'),
    description: doc.text,
    fields,
  };
}

function fieldOf(field, resolve) {
  const [name, ...flags] = field.json.split(',');
  if (name === '-' || field.proto === '-') return undefined;
  const inline = flags.includes('inline') || (field.json === '' && !field.name);
  if (!inline && !name) return undefined;
  const { markers, text } = split(field.doc);
  const [omitEmpty, omitZero] = [flags.includes('omitempty'), flags.includes('omitzero')];
  return {
    name,
    inline,
    type: resolve(field.type),
    pointer: field.type.startsWith('*'),
    omitEmpty,
    omitZero,
    number: field.proto ? Number(field.proto.split(',')[1]) : 0,
    required: !inline && isRequired(markers, omitEmpty || omitZero),
    ...topologyOf(markers),
    default: single(markers, 'default'),
    description: text,
    patchStrategy: field.patch ? field.patch.split(',') : [],
    mergeKey: field.key ?? '',
  };
}

function topologyOf(markers) {
  return {
    listType: single(markers, 'listType') ?? single(markers, 'k8s:listType'),
    mapKeys: markers.get('listMapKey') ?? markers.get('k8s:listMapKey') ?? [],
    atomic: single(markers, 'mapType') === 'atomic' || single(markers, 'structType') === 'atomic',
  };
}

/** The rule of the OpenAPI documents: markers first, then whether Go would leave an empty value out. */
function isRequired(markers, omitted) {
  if (markers.has('optional')) return false;
  if (markers.has('required')) return true;
  return !omitted;
}

const single = (markers, name) => markers.get(name)?.[0];

/** Splits a Go comment into `+marker=value` lines and prose; what follows `---` or begins with TODO is not prose. */
function split(comment = '') {
  const markers = new Map();
  const lines = [];
  let cut = false;
  for (const line of comment.split('\n')) {
    const trimmed = line.trim();
    if (trimmed.startsWith('---')) cut = true;
    const marker = /^\+([A-Za-z0-9:_.()/-]+)(?:=(.*))?$/.exec(trimmed);
    if (marker) markers.set(marker[1], [...(markers.get(marker[1]) ?? []), marker[2] ?? '']);
    else if (!cut && !trimmed.startsWith('TODO') && !trimmed.startsWith('+')) lines.push(line);
  }
  return { markers, text: prose(lines) };
}

function prose(lines) {
  let text = '';
  for (const line of lines) {
    const trimmed = line.trimEnd();
    if (trimmed === '') text = text.replace(/ $/, '') + (text && !text.endsWith('\n\n') ? '\n\n' : '');
    else if (/^\s/.test(line)) text = text.replace(/ $/, '') + (text ? '\n' : '') + trimmed + '\n';
    else text += `${trimmed} `;
  }
  return text.trim();
}

/** Resolves a Go type expression to `{ k: 'scalar' | 'list' | 'map' | 'ref', … }`. */
function resolver(declarations, packages) {
  const resolve = (expr, path) => {
    if (expr.startsWith('*')) return resolve(expr.slice(1), path);
    if (expr === '[]byte') return { k: 'scalar', scalar: 'bytes' };
    if (expr.startsWith('[]')) return { k: 'list', of: resolve(expr.slice(2), path) };
    const map = /^map\[[^\]]+\](.+)$/.exec(expr);
    if (map) return { k: 'map', of: resolve(map[1], path) };
    if (BASIC[expr]) return { k: 'scalar', scalar: BASIC[expr] };
    return named(expr, path);
  };
  const named = (expr, path) => {
    const [prefix, bare] = expr.includes('.') ? expr.split('.') : ['', expr];
    const home = prefix ? declarations[path].imports[prefix] : path;
    const special = SPECIAL[`${home}.${bare}`];
    if (special) return { k: 'scalar', scalar: special };
    const decl = declarations[home]?.types[bare];
    if (!decl) throw new Error(`cannot resolve ${expr} in ${path}`);
    if (decl.type === 'struct') return { k: 'ref', id: `${packages.get(home).id}.${bare}` };
    const target = resolve(decl.type, home);
    const wrapped = target.k === 'list' && /\+protobuf\.nullable=true/.test(decl.doc ?? '');
    const go = `${home.split('/').at(-1)}.${bare}`;
    const values = split(decl.doc).markers.has('enum') ? valuesOf(bare, declarations[home]) : undefined;
    const named = { ...target, go, ...(values ? { values } : {}) };
    return wrapped ? { ...named, wrapped } : named;
  };
  /** The values of a type, sorted, each with what it says of itself; some are constants of another package. */
  const valuesOf = (type, { values, imports }) => {
    const known = new Map();
    for (const { name, value, doc } of values[type] ?? []) {
      const [prefix, other] = value.startsWith('"') ? [] : value.split('.');
      const text = JSON.parse(prefix ? declarations[imports[prefix]].constants[other] : value);
      if (!known.has(text)) known.set(text, { text, says: saysOf(name, doc) });
    }
    return [...known.values()].sort((one, other) => (one.text < other.text ? -1 : 1));
  };
  return resolve;
}

/** The comment of a constant without its name, on one line. */
const saysOf = (name, doc = '') =>
  doc
    .trim()
    .replace(name, (found, at) => (at === 0 ? '' : found))
    .trim()
    .replaceAll(/\s+/g, ' ');

/** Every type that is an object with metadata, and the list kinds beside them. */
function kindsOf(types, packages) {
  const kinds = [];
  for (const type of types.values()) {
    const hasTypeMeta = type.fields.some((field) => field.inline && field.type.id?.endsWith('.TypeMeta'));
    if (!type.isObject || !hasTypeMeta || !packages.has(type.package.path)) continue;
    const metadata = type.fields.find((field) => field.name === 'metadata');
    const meta = metadata?.type.id?.split('.').pop();
    kinds.push({ type, role: meta === 'ObjectMeta' ? 'object' : meta === 'ListMeta' ? 'list' : 'options' });
  }
  return kinds;
}
