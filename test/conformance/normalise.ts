import type { Answer } from './exchange';

/**
 * Makes answers of two servers comparable: what is made anew each time (uids, times, revisions, random names, addresses
 * from pools, tokens) stands as a placeholder of its kind. Everything else stays as it was said.
 */
export function normalised(answer: Answer): Answer {
  const { body, warnings } = answer;
  return { ...answer, warnings: warnings.map(text), body: typeof body === 'string' ? text(body) : value(body, []) };
}

/** The answer without what was filled in: its placeholders stand there again. Ports may be numbers. */
export function withoutValues(answer: Answer, values: Readonly<Record<string, string>>): Answer {
  const hidden = Object.entries(values);
  if (hidden.length === 0) return answer;
  const placeholder = (words: string) =>
    hidden.reduce((shown, [name, value_]) => shown.replaceAll(value_, `<${name}>`), words);
  const isHidden = (count: number) => hidden.some(([, value_]) => value_ === String(count));
  const shown = JSON.stringify(answer, (_key, inner: unknown) => {
    if (typeof inner === 'string') return placeholder(inner);
    return typeof inner === 'number' && isHidden(inner) ? placeholder(String(inner)) : inner;
  });
  return JSON.parse(shown) as Answer;
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const CLUSTER_IP = /\b10\.96\.\d+\.\d+\b/g;
const CURRENT = /\bcurrent: \d+$/g;
const FINGERPRINT = /X509SHA256=[0-9a-f]{64}/g;
const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const TOKEN_VOLUME = /\bkube-api-access-[a-z0-9]{5}\b/g;
const AGE = /^(?:\d+(?:ms|[smhdy]))+$|^<invalid>$/;
/** How cel-go calls the type of a schema, anew each time. */
const SELF_TYPE = /\bselfType\d+/g;
/** Behind the count of restarts: how long ago the last one was. */
const AGO = /\((?:\d+(?:ms|[smhdy]))+ ago\)$/;
/** Where a port of the node's range stands. */
const NODE_PORT = /^(?:nodePort|healthCheckNodePort)$/;

/** An object that an error quotes whole, as text of JSON in a Go string. */
const QUOTED_OBJECT = /Invalid value: ("\{(?:[^"\\]|\\.)*\}"): /g;

/** Quoted objects are compared as objects: their fields in one order, what is made anew named. */
function quotedObject(whole: string, literal: string): string {
  try {
    return `Invalid value: ${JSON.stringify(value(JSON.parse(JSON.parse(literal) as string), []))}: `;
  } catch {
    return whole;
  }
}

function text(words: string): string {
  return words
    .replaceAll(QUOTED_OBJECT, quotedObject)
    .replaceAll(CERTIFICATE, '<certificate>')
    .replaceAll(TOKEN, '<token>')
    .replaceAll(FINGERPRINT, 'X509SHA256=<digest>')
    .replaceAll(UUID, '<uid>')
    .replaceAll(TIME, '<time>')
    .replaceAll(SELF_TYPE, 'selfType<number>')
    .replaceAll(CURRENT, 'current: <revision>')
    .replaceAll(CLUSTER_IP, '<ip>')
    .replaceAll(TOKEN_VOLUME, 'kube-api-access-<random>');
}

function value(part: unknown, path: readonly string[]): unknown {
  if (typeof part === 'string') return leaf(part, path);
  if (typeof part === 'number' && NODE_PORT.test(path.at(-1) ?? '') && part !== 0) return '<port>';
  if (Array.isArray(part)) return listOf(part, path);
  if (typeof part !== 'object' || part === null) return part;
  const named = Object.entries(part).map(([key, inner]) => [key, value(inner, [...path, key])] as const);
  return Object.fromEntries(renamed(named.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/**
 * Entries of managedFields stand in the order of their second, which is another one on each server; rules in that of
 * the bindings that give them, which a real server reads from a map.
 */
const UNORDERED = new Set(['managedFields', 'resourceRules', 'nonResourceRules']);

function listOf(items: readonly unknown[], path: readonly string[]): unknown[] {
  const made = items.map((item) => value(item, [...path, '[]']));
  if (!UNORDERED.has(path.at(-1) ?? '')) return made;
  return made.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function leaf(words: string, path: readonly string[]): string {
  const key = path.at(-1) ?? '';
  if (key === 'resourceVersion') return words === '' || words === '0' ? words : '<revision>';
  if (key === 'serverAddress') return '<address>';
  if (key === 'jwks_uri') return words.replace(/^https:\/\/[^/]+/, 'https://<address>');
  if (key === 'continue' && words !== '') return '<continue>';
  if (path.at(-2) === 'cells') return AGE.test(words) ? '<age>' : text(words.replace(AGO, '(<age> ago)'));
  return text(words);
}

/** `metadata.generateName` made the name. */
function renamed(entries: (readonly [string, unknown])[]): (readonly [string, unknown])[] {
  const prefix = entries.find(([key]) => key === 'generateName')?.[1];
  if (typeof prefix !== 'string') return entries;
  const isMade = (name: unknown) =>
    typeof name === 'string' && name.length === prefix.length + 5 && name.startsWith(prefix);
  return entries.map(([key, inner]) => [key, key === 'name' && isMade(inner) ? `${prefix}<random>` : inner]);
}
