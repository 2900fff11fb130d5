import type { Answer } from './exchange';

/** What stands at a path like `body.status.conditions.0.status`; undefined where nothing is. */
export function valueAt(whole: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], whole);
}

/** The answer with only the named entries of the lists and maps that are named, in the order in which they came. */
export function partOf(answer: Answer, only: Readonly<Record<string, readonly string[]>> | undefined): Answer {
  if (!only || typeof answer.body !== 'object' || answer.body === null) return answer;
  const parts = Object.entries(answer.body).map(([key, inner]) => [key, only[key] ? chosen(inner, only[key]) : inner]);
  return { ...answer, body: Object.fromEntries(parts) };
}

function chosen(entries: unknown, names: readonly string[]): unknown {
  if (Array.isArray(entries)) return entries.filter((entry) => names.includes(nameOf(entry)));
  if (typeof entries !== 'object' || entries === null) return entries;
  return Object.fromEntries(Object.entries(entries).filter(([name]) => names.includes(name)));
}

const nameOf = (entry: unknown): string =>
  typeof entry === 'string' ? entry : String(valueAt(entry, 'name') ?? valueAt(entry, 'metadata.name'));
