/** How deep a YAML document is nested, before it is parsed: the parser composes by recursion. */
import { Lexer } from 'yaml';
import { tooDeepAt } from './depth';

/** Together they are two thirds of what the parser's recursion has room for. */
const MOST_BRACKETS = 250;
const MOST_COLUMNS = 350;

const DEEP_LINE = new RegExp(`^[ ?-]{${MOST_COLUMNS + 1}}`, 'm');

/** The line on which the document becomes too deep; undefined when it does not. */
export function tooDeepLine(text: string): number | undefined {
  const isSuspect = tooDeepAt(Buffer.from(text), MOST_BRACKETS) !== undefined || DEEP_LINE.test(text);
  return isSuspect ? new DepthScan().lineOf(text) : undefined;
}

/** Reads the tokens: brackets and indentation inside of scalars are none. */
class DepthScan {
  #line = 1;
  #brackets = 0;
  /** Where the content of the line begins; undefined behind its beginning. */
  #column: number | undefined = 0;

  lineOf(text: string): number | undefined {
    for (const token of new Lexer().lex(text)) {
      this.#take(token);
      if (this.#brackets > MOST_BRACKETS || (this.#column ?? 0) > MOST_COLUMNS) return this.#line;
    }
    return undefined;
  }

  #take(token: string): void {
    if (token === '[' || token === '{') this.#brackets++;
    else if (token === ']' || token === '}') this.#brackets--;
    if (this.#column !== undefined)
      this.#column = /^(?: +|[-?])$/.test(token) ? this.#column + token.length : undefined;
    const lines = token.split('\n').length - 1;
    this.#line += lines;
    if (lines > 0) this.#column = 0;
  }
}
