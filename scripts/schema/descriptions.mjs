// Packs what the release's OpenAPI documents say about types and fields, for `kubectl explain` and editors:
// { texts: [...], types: { <type>: [text of the type, text of its first field, ...] } }, fields in the order of the schema
// table with inlined structs flattened, texts by index, -1 for none.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { flatFields } from './typescript.mjs';

export function packDescriptions({ types }, modules) {
  const published = readPublished(modules);
  const texts = [];
  const index = new Map();
  const intern = (text) => {
    if (!text) return -1;
    if (!index.has(text)) index.set(text, texts.push(text) - 1);
    return index.get(text);
  };
  const packed = {};
  for (const type of types.values()) {
    const schema = published.get(type.id);
    const fields = flatFields(type, types).map(
      (field) => (schema?.properties?.[field.name]?.description ?? field.description) + possibleValues(field.type),
    );
    packed[type.id] = [schema?.description ?? type.description, ...fields].map(intern);
  }
  for (const id of SCALARS) packed[id] = [intern(published.get(id)?.description)];
  return { texts, types: packed };
}

/** What running servers add to the text of a field that has only some values; the published documents leave it out. */
function possibleValues({ k, values = [] }) {
  if (k !== 'scalar' || values.length === 0) return '';
  const lines = values.map(({ text, says }) => ` - \`${JSON.stringify(text)}\`${says ? ` ${says}` : ''}`);
  return `\n\nPossible enum values:\n${lines.sort().join('\n')}`;
}

/** Types that are scalars in the table and have a schema of their own in the documents. */
const SCALARS = [
  'io.k8s.apimachinery.pkg.api.resource.Quantity',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  'io.k8s.apimachinery.pkg.runtime.RawExtension',
  ...['Time', 'MicroTime', 'Duration', 'FieldsV1', 'Patch'].map(
    (name) => `io.k8s.apimachinery.pkg.apis.meta.v1.${name}`,
  ),
  ...['', 'SchemaPropsOrArray', 'SchemaPropsOrBool', 'SchemaPropsOrStringArray'].map(
    (name) => `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON${name}`,
  ),
];

function readPublished(modules) {
  const folder = join(modules.get('k8s.io/kubernetes'), 'api/openapi-spec/v3');
  const schemas = new Map();
  for (const file of readdirSync(folder)) {
    const document = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    for (const [id, schema] of Object.entries(document.components?.schemas ?? {})) schemas.set(id, schema);
  }
  return schemas;
}
