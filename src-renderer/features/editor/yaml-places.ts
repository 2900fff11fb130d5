import {
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseAllDocuments,
  parseDocument,
  type Document,
  type DocumentOptions,
  type Node,
  type ParseOptions,
  type SchemaOptions,
  type Tags,
} from 'yaml';
import { parseFieldPath, type FieldStep } from './field-path';

/** A stretch of the text, in characters from its start. */
export interface TextRange {
  from: number;
  to: number;
}

export interface TextProblem extends TextRange {
  message: string;
  severity: 'error' | 'warning';
}

/** YAML as kubectl reads it: version 1.1 (`on` is true, `0644` octal) without the types that Kubernetes does not have. */
export const YAML_OPTIONS: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  customTags: (tags: Tags) => tags.filter((tag) => typeof tag === 'string' || !isForeign(tag)),
  logLevel: 'silent',
};

function isForeign({ tag, format }: { tag: string; format?: string }): boolean {
  return format === 'TIME' || /:(timestamp|binary|omap|pairs|set)$/.test(tag);
}

/** What a YAML reader would refuse in `text`, with its place; several documents are read one by one. */
export function yamlProblems(text: string): TextProblem[] {
  const documents = parseAllDocuments(text, YAML_OPTIONS);
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => [
    ...document.errors.map((error) => problem(error, 'error', text.length)),
    ...document.warnings.map((warning) => problem(warning, 'warning', text.length)),
  ]);
}

function problem(
  { message, pos }: { message: string; pos: [number, number] },
  severity: TextProblem['severity'],
  length: number,
): TextProblem {
  const from = Math.min(pos[0], Math.max(0, length - 1));
  const firstLine = message.split('\n')[0] ?? message;
  const words = firstLine.replace(/ at line \d+, column \d+:?$/, '');
  return { from, to: Math.min(length, Math.max(from + 1, pos[1])), message: words, severity };
}

/** The first document as plain data; undefined when it cannot be read or is no map. */
export function readYaml(text: string): Record<string, unknown> | undefined {
  const document = parseDocument(text, YAML_OPTIONS);
  if (document.errors.length > 0 || !isMap(document.contents)) return undefined;
  return document.toJS({ maxAliasCount: 100 }) as Record<string, unknown>;
}

/** Where a field stands in the first document: its value, or the nearest parent that is written down. */
export function placeOf(text: string, field: string): TextRange | undefined {
  const document = parseDocument(text, YAML_OPTIONS);
  return document.contents ? walk(document, parseFieldPath(field)) : undefined;
}

function walk(document: Document.Parsed, steps: readonly FieldStep[]): TextRange | undefined {
  let node: unknown = document.contents;
  let place = firstLineOf(node);
  for (const step of steps) {
    const next = child(node, step);
    if (!next) return place;
    ({ node, place } = { node: next.node, place: next.place ?? place });
  }
  return place;
}

function child(node: unknown, step: FieldStep): { node: unknown; place: TextRange | undefined } | undefined {
  if (isMap(node) && typeof step !== 'object') {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
    if (!pair) return undefined;
    const value = isScalar(pair.value) ? rangeOf(pair.value) : undefined;
    return { node: pair.value, place: value ?? rangeOf(pair.key) };
  }
  if (!isSeq(node)) return undefined;
  const item = node.items.find((item, index) =>
    typeof step === 'object' ? matches(item, step) : index === Number(step),
  );
  if (item === undefined) return undefined;
  return { node: isPair(item) ? item.value : item, place: firstLineOf(item) };
}

function matches(item: unknown, fields: Readonly<Record<string, string | number>>): boolean {
  return isMap(item) && Object.entries(fields).every(([key, value]) => item.get(key) === value);
}

function rangeOf(node: unknown): TextRange | undefined {
  const range = (node as Partial<Node> | null)?.range;
  return range ? { from: range[0], to: Math.max(range[1], range[0] + 1) } : undefined;
}

/** A map or list is marked at its first key, not over all of its lines. */
function firstLineOf(node: unknown): TextRange | undefined {
  if (isMap(node)) return rangeOf(node.items[0]?.key) ?? rangeOf(node);
  if (isSeq(node)) return firstLineOf(node.items[0]) ?? rangeOf(node);
  return rangeOf(node);
}
