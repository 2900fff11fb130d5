/** YAML as the server reads it: YAML 1.1 booleans and octals, no times, no base-60 numbers; the first document only. */
import { parseAllDocuments, type Document, type ParseOptions, type DocumentOptions, type SchemaOptions } from 'yaml';

/** Text that is no YAML; the message names the line. */
export class YamlSyntaxError extends Error {
  override readonly name = 'YamlSyntaxError';
}

const OPTIONS: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  merge: true,
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
  customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !isForeign(tag)),
};

/** go-yaml reads neither `12:30:45` as a number nor a date as a time. */
function isForeign(tag: { tag: string; format?: string }): boolean {
  return tag.format === 'TIME' || tag.tag === 'tag:yaml.org,2002:timestamp';
}

export function parseYaml(text: string): unknown {
  const document = firstDocument(text, OPTIONS);
  const [error] = document.errors;
  if (error)
    throw new YamlSyntaxError(
      `error converting YAML to JSON: yaml: line ${lineOf(text, error.pos[0])}: ${error.message}`,
    );
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown;
  } catch (problem) {
    if (!(problem instanceof ReferenceError)) throw problem;
    throw new YamlSyntaxError('error converting YAML to JSON: yaml: document contains excessive aliasing');
  }
}

/** Aliases of aliases grow without end. */
const MOST_ALIASES = 1000;

/** Phrases for keys that come twice, as the server reports them. */
export function yamlDuplicates(text: string): string[] {
  const { errors } = firstDocument(text, { ...OPTIONS, uniqueKeys: true });
  const lines = errors
    .filter((error) => error.code === 'DUPLICATE_KEY')
    .map(
      (error) =>
        `  line ${lineOf(text, error.pos[0])}: key ${JSON.stringify(keyAt(text, error.pos[0]))} already set in map`,
    );
  return lines.length > 0 ? [`yaml: unmarshal errors:\n${lines.join('\n')}`] : [];
}

function firstDocument(text: string, options: typeof OPTIONS): Document.Parsed {
  const documents = parseAllDocuments(text, options);
  const [first] = documents as Document.Parsed[];
  if (!first) throw new YamlSyntaxError('error converting YAML to JSON: yaml: empty document');
  return first;
}

const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length;

const keyAt = (text: string, at: number): string => /^["']?([^"':\n]*)/.exec(text.slice(at))?.[1]?.trim() ?? '';
