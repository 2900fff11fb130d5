/** Expressions over named values, compiled once. */
import type { ParseResult } from '@marcbachmann/cel-js';
import { parseExpression } from './environment';

const MOST_EXPRESSIONS = 2000;
const expressions = new Map<string, ParseResult>();

/** Throws the package's ParseError for text that is no expression. */
export function compiled(expression: string): ParseResult {
  let parsed = expressions.get(expression);
  if (parsed) return parsed;
  if (expressions.size >= MOST_EXPRESSIONS) expressions.clear();
  parsed = parseExpression(expression);
  expressions.set(expression, parsed);
  return parsed;
}
