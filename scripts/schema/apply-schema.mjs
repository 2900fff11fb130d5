// Takes from client-go's schema for server-side apply how lists, maps and structs merge: the source the API server's own
// decisions are generated into. Markers in the Go types count only for types that it does not have.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { flatFields } from './typescript.mjs';

export function readApplySchema(modules) {
  const source = readFileSync(
    join(modules.get('k8s.io/client-go'), 'applyconfigurations/internal/internal.go'),
    'utf8',
  );
  const text = source.slice(source.indexOf('`types:') + 1, source.lastIndexOf('`'));
  return new Map(parse(text).types.map((type) => [type.name, type]));
}

/** Edits `types` in place; returns what differed from the markers, for whoever runs the generator. */
export function takeTopology(types, applySchema) {
  const notes = [];
  for (const type of types.values()) {
    const known = applySchema.get(type.id);
    if (!known) continue;
    type.atomic = known.map?.elementRelationship === 'atomic';
    for (const field of flatFields(type, types)) {
      const entry = known.map?.fields?.find((other) => other.name === field.name);
      if (entry) notes.push(...takeField(field, entry.type).map((note) => `${type.id}.${field.name}: ${note}`));
    }
  }
  return notes;
}

function takeField(field, type) {
  const before = [field.atomic || field.listType === 'atomic', `${field.mapKeys}`, field.listType === 'set'];
  field.atomic =
    [type, type.map].some((at) => at?.elementRelationship === 'atomic') || type.namedType === '__untyped_atomic_';
  // One field may take part by part what is taken as a whole elsewhere.
  field.granular = type.namedType !== undefined && type.elementRelationship === 'separable';
  if (type.list) {
    field.listType = topologyOf(type.list);
    field.mapKeys = type.list.keys ?? [];
  }
  const after = [field.atomic || field.listType === 'atomic', `${field.mapKeys}`, field.listType === 'set'];
  return `${before}` === `${after}` || (type.list && !before[1]) ? [] : [`markers say ${before}, the schema ${after}`];
}

function topologyOf({ elementRelationship, keys }) {
  if (elementRelationship !== 'associative') return 'atomic';
  return keys ? 'map' : 'set';
}
