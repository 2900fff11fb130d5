import { parseAllDocuments, type DocumentOptions, type ParseOptions, type SchemaOptions, type Tags } from 'yaml';

/** One object of a manifest, or why its document cannot be read. */
export type ManifestDocument = { content: Record<string, unknown> } | { problem: string };

/**
 * As kubectl reads YAML: version 1.1, so that 0644 is octal and `on` is true, but without the types that Kubernetes does
 * not have. `12:30:45` stays a text and a date stays as it was written.
 */
const options: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  customTags: (tags: Tags) => tags.filter((tag) => typeof tag === 'string' || !isForeign(tag)),
  prettyErrors: true,
  logLevel: 'silent',
};

function isForeign({ tag, format }: { tag: string; format?: string }): boolean {
  return format === 'TIME' || /:(timestamp|binary|omap|pairs|set)$/.test(tag);
}

/** The documents of a manifest in order; a List is taken apart; empty documents are left out. */
export function parseManifest(text: string): ManifestDocument[] {
  const documents = parseAllDocuments(text, options);
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document): ManifestDocument[] => {
    const [error] = document.errors;
    if (error) return [{ problem: error.message }];
    return objectsOf(document.toJS({ maxAliasCount: 100 }) as unknown);
  });
}

function objectsOf(content: unknown): ManifestDocument[] {
  if (content === null || content === undefined) return [];
  if (typeof content !== 'object' || Array.isArray(content)) {
    return [{ problem: 'A document of a manifest is a map with apiVersion, kind and metadata.' }];
  }
  const map = content as Record<string, unknown>;
  if (typeof map.kind === 'string' && map.kind.endsWith('List') && Array.isArray(map.items)) {
    return map.items.flatMap(objectsOf);
  }
  return [{ content: map }];
}
