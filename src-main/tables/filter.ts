import type { Kind, Tone } from '#common/kinds/kind';
import { tokenize, type FilterToken } from './filter-tokens';
import type { Row } from './row';

/** `now` in epoch milliseconds. */
export type RowTest = (row: Row, now: number) => boolean;

export interface Filter {
  test: RowTest;
  /** True when time alone changes what passes. */
  timed: boolean;
  /** The first part that could not be read, with its reason; that part is left out. */
  problem?: string;
}

/**
 * Reads the filter field: words are looked for in all columns; `ns:`, `name:`, `label:`, `status:`, `node:`, `image:`
 * look in one place, with alternatives after commas; `age<1h` and `restarts>3` compare; `/regex/`; `!` negates;
 * `or` stands between alternatives and binds weaker than the blank.
 */
export function parseFilter(text: string, kind: Kind): Filter {
  const alternatives: RowTest[][] = [[]];
  const problems: string[] = [];
  let timed = false;
  for (const token of tokenize(text)) {
    if (token.kind === 'or') {
      alternatives.push([]);
      continue;
    }
    const test = testOf(token, kind);
    if (typeof test === 'string') problems.push(`${token.source}: ${test}`);
    else alternatives.at(-1)?.push(token.negated ? (row, now) => !test(row, now) : test);
    timed ||= token.field === 'age';
  }
  const told = problems[0];
  return { test: anyOf(alternatives.filter(({ length }) => length > 0)), timed, ...(told ? { problem: told } : {}) };
}

function anyOf(alternatives: RowTest[][]): RowTest {
  if (alternatives.length === 0) return () => true;
  if (alternatives.length === 1) return allOf(alternatives[0] ?? []);
  const groups = alternatives.map(allOf);
  return (row, now) => groups.some((group) => group(row, now));
}

function allOf(tests: RowTest[]): RowTest {
  const [only] = tests;
  if (tests.length === 1 && only) return only;
  return (row, now) => tests.every((test) => test(row, now));
}

/** The test of one token, or the reason why it cannot be read. */
function testOf(token: FilterToken, kind: Kind): RowTest | string {
  switch (token.kind) {
    case 'regex':
      return regexTest(token.value, token.flags ?? '');
    case 'comparison':
      return comparisonTest(token, kind);
    case 'field':
      return fieldTest(token, kind);
    default:
      return textTest(token.value);
  }
}

function textTest(value: string): RowTest {
  const wanted = value.toLowerCase();
  return ({ text }) => text.includes(wanted);
}

function regexTest(pattern: string, flags: string): RowTest | string {
  if (/[^i]/.test(flags)) return 'the only flag is i';
  try {
    // The searched text is in lower case already; the flag makes capitals in the pattern meet it.
    const regex = new RegExp(pattern, 'i');
    return ({ text }) => regex.test(text);
  } catch {
    return 'this is not a regular expression';
  }
}

/** Fields by name; anything else before a colon is plain text, as in `nginx:1.27`. */
function fieldTest({ field = '', value, source }: FilterToken, kind: Kind): RowTest | string {
  const alternatives = value.split(',').filter(Boolean);
  if (alternatives.length === 0 && knownFields.has(field)) return 'it names nothing yet';
  switch (field) {
    case 'ns':
    case 'namespace':
      return anyText(alternatives, wildcard, ({ namespace }) => [namespace]);
    case 'name':
      return anyText(alternatives, wildcard, ({ name }) => [name]);
    case 'node':
      return anyText(alternatives, wildcard, columnText(kind, 'node') ?? (({ object }) => [kind.node?.(object) ?? '']));
    case 'image':
      return anyText(alternatives, part, columnText(kind, 'images') ?? (({ object }) => kind.images?.(object) ?? []));
    case 'status':
      return statusTest(alternatives);
    case 'label':
      return labelTest(value);
    default:
      return textTest(source.replace(/^!/, ''));
  }
}

/** The text of a column every row keeps anyway, which is much quicker than reading the object again. */
function columnText(kind: Kind, column: string): ((row: Row) => readonly string[]) | undefined {
  const index = kind.columns.findIndex(({ id }) => id === column);
  return index < 0 ? undefined : ({ values }) => [String(values[index] ?? '')];
}

const knownFields = new Set(['ns', 'namespace', 'name', 'node', 'image', 'status', 'label']);

type TextMatch = (text: string) => boolean;

function anyText(
  wanted: string[],
  match: (wanted: string) => TextMatch,
  textsOf: (row: Row) => readonly string[],
): RowTest {
  const matches = wanted.map(match);
  return (row) => textsOf(row).some((text) => matches.some((accepts) => accepts(text)));
}

/** The whole text; `*` stands for anything. */
function wildcard(wanted: string): TextMatch {
  if (!wanted.includes('*')) return (text) => text === wanted;
  const pattern = wanted.split('*').map(escapeRegex).join('.*');
  const regex = new RegExp(`^${pattern}$`, 's');
  return (text) => regex.test(text);
}

function part(wanted: string): TextMatch {
  return (text) => text.includes(wanted);
}

function escapeRegex(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

const tones: ReadonlySet<string> = new Set<Tone>(['ok', 'busy', 'warn', 'bad', 'done', 'none']);
const notOk: ReadonlySet<Tone> = new Set<Tone>(['busy', 'warn', 'bad']);

/** `not-ok`, a tone, or the beginning of the status word. */
function statusTest(wanted: string[]): RowTest {
  const tests = wanted.map((value): ((row: Row) => boolean) => {
    const lower = value.toLowerCase();
    if (lower === 'not-ok') return ({ status }) => notOk.has(status.tone);
    if (tones.has(lower)) return ({ status }) => status.tone === lower;
    return ({ status }) => status.word.toLowerCase().startsWith(lower);
  });
  return (row) => tests.some((test) => test(row));
}

/** `label:app`, `label:app=web,api`, `label:app!=web`. */
function labelTest(value: string): RowTest {
  const [, key = '', operator = '', list = ''] = /^([^=!]+)(=|!=)?(.*)$/.exec(value) ?? [];
  const values = list.split(',').map(wildcard);
  const labelOf = ({ object }: Row) => object.metadata.labels?.[key];
  if (operator === '') return (row) => labelOf(row) !== undefined;
  return (row) => {
    const label = labelOf(row);
    const found = label !== undefined && values.some((accepts) => accepts(label));
    return operator === '=' ? found : !found;
  };
}

const operators: Readonly<Record<NonNullable<FilterToken['operator']>, (left: number, right: number) => boolean>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

function comparisonTest({ field = '', operator = '<', value }: FilterToken, kind: Kind): RowTest | string {
  const compare = operators[operator];
  if (field === 'age') return ageTest(value, compare);
  const column = kind.columns.findIndex(({ id }) => id === field);
  const wanted = Number(value);
  if (column < 0) return `there is no column ${field}`;
  if (Number.isNaN(wanted)) return `${value} is not a number`;
  return ({ values }) => {
    const actual = values[column] ?? null;
    return actual !== null && compare(Number(actual), wanted);
  };
}

function ageTest(value: string, compare: (left: number, right: number) => boolean): RowTest | string {
  const limitMs = durationMs(value);
  if (limitMs === undefined) return 'write an age as 30s, 5m, 1h, 2d or 1w';
  return ({ created }, now) => created !== null && compare(now - created, limitMs);
}

const unitsMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** `1h30m` in milliseconds. */
function durationMs(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?[smhdwy])+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)([smhdwy])/g)) {
    total += Number(amount) * (unitsMs[unit ?? ''] ?? 0);
  }
  return total;
}
