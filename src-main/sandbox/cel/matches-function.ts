/**
 * `matches` with the regular expressions of Go (RE2): `(?i)` is one, and no text takes longer than its length asks for.
 * The package's own function takes those of JavaScript, and cannot be replaced by name.
 */
import type { Environment } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import { Rewriting, TEXT } from './source-text';

/** What stands in the place of `matches` in the source that is run. */
const FUNCTION = 'matchesPattern';
const MATCHES = /^\.\s*matches(?=\s*\()/;
const MOST_PATTERNS = 500;

const patterns = new Map<string, RE2JS>();

export function addMatchesFunction(environment: Environment): void {
  environment.registerFunction(`string.${FUNCTION}(string): bool`, (text: string, pattern: string) =>
    compiled(pattern).matcher(text).find(),
  );
}

function compiled(pattern: string): RE2JS {
  let found = patterns.get(pattern);
  if (found) return found;
  try {
    found = RE2JS.compile(pattern);
  } catch (problem) {
    throw new Error(`Invalid regular expression: ${pattern}`, { cause: problem });
  }
  if (patterns.size >= MOST_PATTERNS) patterns.clear();
  patterns.set(pattern, found);
  return found;
}

/** The same expression with this function in place of the package's. */
export function withMatchesFunction(expression: string): Rewriting {
  const out = new Rewriting();
  for (let at = 0; at < expression.length;) {
    const rest = expression.slice(at);
    const call = MATCHES.exec(rest)?.[0];
    const taken = call ?? TEXT.exec(rest)?.[0] ?? expression.charAt(at);
    if (call) out.insert(`.${FUNCTION}`, at);
    else out.add(taken, at);
    at += taken.length;
  }
  return out;
}

/** A text of the package about the function, with the name that it has in the language. */
export const withOwnName = (text: string): string => text.replaceAll(FUNCTION, 'matches');
