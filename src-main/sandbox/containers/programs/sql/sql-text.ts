/** Reads the SQL that people type at a prompt: tokens, and the parts of a statement. Pure. */

export type Value = string | number | null;

export interface Token {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'sign';
  text: string;
}

const TOKEN =
  /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|('(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*")|`([^`]*)`|(\d+(?:\.\d+)?)|(@@?[\w.]+|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(<=|>=|<>|!=|\|\||.)/gsy;

export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (const [, string, quoted, number, word, sign] of sql.matchAll(TOKEN)) {
    if (string !== undefined) tokens.push({ kind: 'string', text: unquoted(string) });
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
  }
  return tokens;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', 0: '\0' };

function unquoted(text: string): string {
  const quote = text[0] ?? '';
  return text
    .slice(1, -1)
    .replaceAll(quote + quote, quote)
    .replaceAll(/\\(.)/gs, (_, letter: string) => ESCAPES[letter] ?? letter);
}

/** Statements of a text, without their semicolons. */
export function statementsOf(sql: string): string[] {
  const found: string[] = [];
  let from = 0;
  let at = 0;
  for (const match of sql.matchAll(TOKEN)) {
    at = (match.index ?? 0) + match[0].length;
    if (match[5] !== ';') continue;
    found.push(sql.slice(from, match.index));
    from = at;
  }
  found.push(sql.slice(from));
  return found.map((each) => each.trim()).filter((each) => tokensOf(each).length > 0);
}

/** Walks over the tokens of one statement. */
export class SqlReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(sql: string) {
    this.#tokens = tokensOf(sql);
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length;
  }

  get next(): Token | undefined {
    return this.#tokens[this.#at];
  }

  take(): Token {
    const token = this.#tokens[this.#at++];
    if (!token) throw new SqlSyntaxError('');
    return token;
  }

  /** Takes words or signs when they follow, whatever their case. */
  takes(...words: string[]): boolean {
    const follow = words.every((word, index) => {
      const token = this.#tokens[this.#at + index];
      return token !== undefined && token.kind !== 'string' && token.text.toUpperCase() === word;
    });
    if (follow) this.#at += words.length;
    return follow;
  }

  needs(...words: string[]): void {
    if (!this.takes(...words)) throw new SqlSyntaxError(this.rest);
  }

  /** A name; `a.b` gives both. */
  name(): { qualifier?: string; name: string } {
    const first = this.take();
    if (first.kind !== 'word' && first.kind !== 'quoted' && first.kind !== 'string')
      throw new SqlSyntaxError(this.rest);
    if (!this.takes('.')) return { name: first.text };
    return { qualifier: first.text, name: this.take().text };
  }

  /** What is left, for an error message. */
  get rest(): string {
    return this.#tokens
      .slice(Math.max(0, this.#at - 1))
      .map(({ text }) => text)
      .join(' ');
  }

  /** Skips to the end of a bracket that was just opened, or to a comma of the same depth. */
  skipPart(): void {
    for (let depth = 0; this.next; this.take()) {
      if (this.next.text === '(') depth++;
      if (depth === 0 && (this.next.text === ',' || this.next.text === ')')) return;
      if (this.next.text === ')') depth--;
    }
  }
}

/** `near` is the text the reader stumbled over. */
export class SqlSyntaxError extends Error {
  override readonly name = 'SqlSyntaxError';
  readonly near: string;

  constructor(near: string) {
    super(`syntax error near '${near}'`);
    this.near = near;
  }
}
