/** Other servers' OpenAPI v2 documents in that of this one (kube-openapi's aggregator). */
import { sameValue } from '#main/sandbox/machinery/same-value';

type Json = Record<string, unknown>;

/** A document of another server, of which the paths below `prefix` count. */
export interface ForeignDocument {
  prefix: string;
  swagger: Json;
}

interface MergedDocument {
  paths: Json;
  definitions: Json;
}

const REFERENCE = '#/definitions/';

/**
 * Paths that are there already stay as they are. Definitions come along as far as paths need them; one that is called
 * like another and differs gets the next free `_v2`.
 */
export function withForeignDocuments<T extends MergedDocument>(own: T, foreign: readonly ForeignDocument[]): T {
  if (foreign.length === 0) return own;
  const merged = { ...own, paths: { ...own.paths }, definitions: { ...own.definitions } };
  for (const one of foreign) mergeOne(merged, one);
  return { ...merged, paths: sorted(merged.paths), definitions: sorted(merged.definitions) };
}

function mergeOne(merged: MergedDocument, { prefix, swagger }: ForeignDocument): void {
  const theirs = (swagger['paths'] ?? {}) as Json;
  const paths = Object.entries(theirs).filter(([path]) => path.startsWith(prefix) && !(path in merged.paths));
  const definitions = (swagger['definitions'] ?? {}) as Json;
  const needed = new Set<string>();
  for (const [, item] of paths) collect(item, definitions, needed);
  const names = new Map([...needed].map((name) => [name, nameFor(name, definitions[name], merged.definitions)]));
  for (const [path, item] of paths) merged.paths[path] = renamed(item, names);
  for (const [name, known] of names) merged.definitions[known] ??= renamed(definitions[name], names);
}

function collect(part: unknown, definitions: Json, found: Set<string>): void {
  if (typeof part !== 'object' || part === null) return;
  for (const [key, inner] of Object.entries(part)) {
    const name = key === '$ref' ? referred(inner) : undefined;
    if (name === undefined) {
      collect(inner, definitions, found);
    } else if (name in definitions && !found.has(name)) {
      found.add(name);
      collect(definitions[name], definitions, found);
    }
  }
}

function nameFor(name: string, definition: unknown, known: Json): string {
  let candidate = name;
  for (let count = 2; candidate in known && !sameValue(known[candidate], definition); count++) {
    candidate = `${name}_v${count}`;
  }
  return candidate;
}

function renamed(part: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(part)) return part.map((inner) => renamed(inner, names));
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, inner]) => {
      const name = key === '$ref' ? referred(inner) : undefined;
      return [key, name === undefined ? renamed(inner, names) : `${REFERENCE}${names.get(name) ?? name}`];
    }),
  );
}

const referred = (reference: unknown): string | undefined =>
  typeof reference === 'string' && reference.startsWith(REFERENCE) ? reference.slice(REFERENCE.length) : undefined;

const sorted = (map: Json): Json => Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
