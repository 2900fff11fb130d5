/** A piece of a filter text: what lies between blanks, and the blanks. Together they are the text again. */
export interface FilterPiece {
  text: string;
  /** `token`: it looks in one place or compares; `or`; `word`: it is looked for everywhere. */
  is: 'token' | 'or' | 'word' | 'blank';
}

const FIELDS = ['ns', 'namespace', 'name', 'node', 'image', 'status', 'label'];
const PIECES = /\s+|!?\/(?:[^/\\]|\\.)+\/[a-z]*(?=\s|$)|(?:"[^"]*"?|[^\s"])+/g;

/** The pieces of a filter as the host reads it. */
export function piecesOf(filter: string): FilterPiece[] {
  return Array.from(filter.matchAll(PIECES), ([text]) => ({ text, is: kindOf(text) }));
}

function kindOf(text: string): FilterPiece['is'] {
  if (/^\s/.test(text)) return 'blank';
  if (/^or$/i.test(text)) return 'or';
  const body = text.replace(/^!/, '');
  if (/^\/.+\/[a-z]*$/.test(body) || /^[a-z][a-z-]*(<=|>=|<|>)/.test(body)) return 'token';
  return FIELDS.includes(body.slice(0, body.indexOf(':'))) ? 'token' : 'word';
}

/** What completion draws from. */
export interface FilterSources {
  namespaces: readonly string[];
  /** Texts that a column shows now. */
  valuesOf: (column: string) => readonly string[];
  /** Columns that can be compared with a number. */
  numbers: readonly string[];
}

export interface Completion {
  /** What takes the place of the piece under the caret. */
  insert: string;
  /** Key of a sentence that says what it does. */
  hint?: 'ns' | 'name' | 'label' | 'status' | 'node' | 'image' | 'age' | 'number' | 'not' | 'regex';
  /** Nothing more is to come: a blank follows. */
  ends: boolean;
}

const START: readonly Completion[] = [
  ...(['status', 'ns', 'label', 'node', 'image', 'name'] as const).map((field) => ({
    insert: `${field}:`,
    hint: field,
    ends: false,
  })),
  { insert: 'age<', hint: 'age', ends: false },
];
const TONES = ['not-ok', 'bad', 'warn', 'busy', 'ok', 'done'];
const AGES = ['5m', '1h', '1d'];
const MOST = 9;

/** The piece the caret stands in or at the end of, by its place in the text. */
export function pieceAt(filter: string, caret: number): { start: number; end: number; text: string } {
  let start = 0;
  for (const { text, is } of piecesOf(filter)) {
    const end = start + text.length;
    if (caret <= end && caret > start && is !== 'blank') return { start, end, text };
    start = end;
  }
  return { start: caret, end: caret, text: '' };
}

/** What the piece under the caret may become. */
export function completionsOf(piece: string, sources: FilterSources): Completion[] {
  const not = piece.startsWith('!') ? '!' : '';
  const body = piece.slice(not.length);
  const [, field, values] = /^([a-z]+):(.*)$/.exec(body) ?? [];
  const found = field ? valuesFor(field, values ?? '', sources) : begun(body, sources);
  return found.map((one) => ({ ...one, insert: not + one.insert })).slice(0, MOST);
}

/** Fields and comparisons that begin as the piece does. */
function begun(body: string, { numbers }: FilterSources): Completion[] {
  const age = /^age([<>])(.*)$/.exec(body);
  if (age)
    return AGES.map((value) => `age${age[1]}${value}`)
      .filter(startsWith(body))
      .map(whole);
  const compared = numbers.map((id) => ({ insert: `${id}>`, hint: 'number' as const, ends: false }));
  return [...START, ...compared].filter(({ insert }) => insert.startsWith(body) && insert !== body);
}

/** Values of a field; after a comma another one begins. */
function valuesFor(field: string, values: string, sources: FilterSources): Completion[] {
  const comma = values.lastIndexOf(',') + 1;
  const before = `${field}:${values.slice(0, comma)}`;
  const taken = new Set(values.slice(0, comma).split(','));
  return [...new Set(offeredFor(field, sources))]
    .filter((value) => value !== values.slice(comma) && !taken.has(value))
    .filter(startsWith(values.slice(comma)))
    .map((value) => whole(before + value));
}

function offeredFor(field: string, { namespaces, valuesOf }: FilterSources): readonly string[] {
  switch (field) {
    case 'ns':
    case 'namespace':
      return namespaces;
    case 'status':
      return [...TONES, ...valuesOf('status').toSorted()];
    case 'node':
      return valuesOf('node').toSorted();
    default:
      return [];
  }
}

const startsWith = (begin: string) => (text: string) => text.toLowerCase().startsWith(begin.toLowerCase());
const whole = (insert: string): Completion => ({ insert, ends: true });

/** The text and the caret once `completion` took the place of the piece at the caret. */
export function complete(filter: string, caret: number, { insert, ends }: Completion): { text: string; caret: number } {
  const { start, end } = pieceAt(filter, caret);
  const blank = ends && !/^\s/.test(filter.slice(end)) ? ' ' : '';
  return {
    text: filter.slice(0, start) + insert + blank + filter.slice(end),
    caret: start + insert.length + blank.length,
  };
}
