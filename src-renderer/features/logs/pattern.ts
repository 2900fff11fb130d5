/** What a person looks for: plain words, or `/expression/flags`; letters in either case match unless a flag says otherwise. */
export interface LogPattern {
  expression: RegExp;
  /** Lines that do NOT match are wanted: the text began with `!`. */
  inverted: boolean;
}

export type PatternResult = { pattern: LogPattern | undefined } | { problem: string };

const SLASHED = /^\/(.+)\/([a-z]*)$/s;

/** Reads a search or filter field. Empty text is no pattern; an expression that cannot be compiled is a problem in words. */
export function readPattern(text: string): PatternResult {
  const inverted = text.startsWith('!') && text.length > 1;
  const wanted = (inverted ? text.slice(1) : text).trim();
  if (!wanted) return { pattern: undefined };
  const slashed = SLASHED.exec(wanted);
  if (!slashed) return { pattern: { expression: new RegExp(escapeText(wanted), 'gi'), inverted } };
  try {
    return { pattern: { expression: new RegExp(slashed[1] ?? '', flagsOf(slashed[2] ?? '')), inverted } };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Without flags a slashed expression ignores case, as everything else in the window does; `c` makes case count. */
function flagsOf(given: string): string {
  const kept = [...new Set(given)].filter((flag) => 'ims'.includes(flag)).join('');
  if (given.includes('c')) return `g${kept.replace('i', '')}`;
  return `g${kept.includes('i') ? kept : `${kept}i`}`;
}

function escapeText(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

export function passes(pattern: LogPattern, text: string): boolean {
  pattern.expression.lastIndex = 0;
  return pattern.expression.test(text) !== pattern.inverted;
}

/** Start and end of every match in `text`; none for an inverted pattern and for empty matches. */
export function matchRanges(pattern: LogPattern | undefined, text: string): [number, number][] {
  if (!pattern || pattern.inverted) return [];
  const ranges: [number, number][] = [];
  const { expression } = pattern;
  expression.lastIndex = 0;
  for (let match = expression.exec(text); match; match = expression.exec(text)) {
    if (match[0]) ranges.push([match.index, match.index + match[0].length]);
    else expression.lastIndex++;
    if (ranges.length >= MOST_MARKS) break;
  }
  return ranges;
}

/** A line of megabytes must not make a million marks. */
const MOST_MARKS = 500;
