/** YAML as the server reads it: YAML 1.1 booleans and octals, no times, no base-60 numbers; the first document only. */
import {
  parseAllDocuments,
  type Document,
  type DocumentOptions,
  type ParseOptions,
  type SchemaOptions,
  type YAMLParseError,
} from 'yaml';
import { tooDeepAt } from './depth';
import { aliasProblem } from './yaml-aliases';
import { tooDeepLine } from './yaml-depth';

/** Text that is no YAML, or more of it than a server reads; the message names the line. */
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
  const json = asJson(text);
  if (json !== undefined) return json;
  const deep = tooDeepLine(text);
  // The number is go-yaml's own.
  if (deep !== undefined) throw new YamlSyntaxError(`yaml: line ${deep}: exceeded max depth of 10000`);
  const document = firstDocument(text, OPTIONS);
  const [error] = document.errors;
  if (error) throw new YamlSyntaxError(`yaml: ${syntaxProblem(text, error)}`);
  const problem = aliasProblem(document);
  if (problem) throw new YamlSyntaxError(`yaml: ${problem}`);
  return document.toJS({ maxAliasCount: -1 }) as unknown;
}

/** JSON is YAML too, and what kubectl sends to be applied: reading it as such takes a hundredth of the time. */
function asJson(text: string): unknown {
  if (!/^\s*[{[]/.test(text) || tooDeepAt(Buffer.from(text)) !== undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** go-yaml's words for frequent mistakes. Its parser counts lines from 0 and leaves the first out, its scanner counts from 1. */
const WORDS: readonly { of: RegExp; words: string; parser?: true }[] = [
  { of: /^Tabs are not allowed/, words: 'found character that cannot start any token' },
  { of: /^Flow map/, words: "did not find expected ',' or '}'", parser: true },
  { of: /^Flow sequence/, words: "did not find expected ',' or ']'", parser: true },
  { of: /^Nested mappings/, words: 'mapping values are not allowed in this context' },
  { of: /^Missing closing/, words: 'found unexpected end of stream' },
];

function syntaxProblem(text: string, { message, pos: [at] }: YAMLParseError): string {
  const known = WORDS.find(({ of }) => of.test(message));
  const line = lineOf(text, at) - (known?.parser ? 1 : 0);
  return `${line > 0 ? `line ${line}: ` : ''}${known?.words ?? message}`;
}

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
  if (!first) throw new YamlSyntaxError('yaml: empty document');
  return first;
}

const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length;

const keyAt = (text: string, at: number): string => /^["']?([^"':\n]*)/.exec(text.slice(at))?.[1]?.trim() ?? '';
