/** Walks JSON text for what JSON.parse does not tell: keys that come twice, and the server's words for a syntax error. */

const WHITE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const STRING = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;

/** The message is that of Go's encoding/json. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

/** The paths of keys that occur twice in one object, as strict decoding names them: `spec.containers[0].image`. */
export function duplicateKeys(text: string): string[] {
  const scan = new Scan(text);
  scan.document();
  return scan.duplicates;
}

/** The server's message for text that JSON.parse refuses. */
export function syntaxErrorOf(text: string): string {
  try {
    new Scan(text).document();
    return 'invalid JSON';
  } catch (problem) {
    if (problem instanceof JsonSyntaxError) return problem.message;
    throw problem;
  }
}

class Scan {
  readonly duplicates: string[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value('');
    this.#skipWhite();
    if (this.#at < this.#text.length) throw this.#unexpected('after top-level value');
  }

  #value(path: string): void {
    this.#skipWhite();
    const start = this.#text[this.#at];
    if (start === '{') this.#object(path);
    else if (start === '[') this.#array(path);
    else if (start === '"') this.#string();
    else if (start === '-' || (start !== undefined && start >= '0' && start <= '9')) this.#number();
    else this.#literal();
  }

  #object(path: string): void {
    const seen = new Set<string>();
    this.#at++;
    if (this.#closes('}')) return;
    for (;;) {
      this.#skipWhite();
      if (this.#text[this.#at] !== '"') throw this.#unexpected('looking for beginning of object key string');
      const key = JSON.parse(this.#string()) as string;
      const place = path ? `${path}.${key}` : key;
      if (seen.has(key) && !this.duplicates.includes(place)) this.duplicates.push(place);
      seen.add(key);
      this.#expect(':', 'after object key');
      this.#value(place);
      if (this.#closes('}')) return;
      this.#expect(',', 'after object key:value pair');
    }
  }

  #array(path: string): void {
    this.#at++;
    if (this.#closes(']')) return;
    for (let index = 0; ; index++) {
      this.#value(`${path}[${index}]`);
      if (this.#closes(']')) return;
      this.#expect(',', 'after array element');
    }
  }

  #string(): string {
    const found = this.#match(STRING);
    if (found !== undefined) return found;
    throw this.#badString();
  }

  #number(): void {
    if (this.#match(NUMBER) === undefined) {
      this.#at++;
      throw this.#unexpected('in numeric literal');
    }
  }

  #literal(): void {
    const word = ['true', 'false', 'null'].find((literal) => literal[0] === this.#text[this.#at]);
    if (!word) throw this.#unexpected('looking for beginning of value');
    for (const letter of word) {
      if (this.#text[this.#at] !== letter) throw this.#unexpected(`in literal ${word} (expecting '${letter}')`);
      this.#at++;
    }
  }

  /** Finds the character at which a string went wrong. */
  #badString(): JsonSyntaxError {
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at] ?? '';
      if (character < ' ') return this.#unexpected('in string literal');
      if (character !== '\\') continue;
      this.#at++;
      if (this.#text[this.#at] === 'u') continue;
      if (!'"\\/bfnrt'.includes(this.#text[this.#at] ?? 'b')) return this.#unexpected('in string escape code');
    }
    return this.#unexpected('in string literal');
  }

  #closes(bracket: string): boolean {
    this.#skipWhite();
    if (this.#text[this.#at] !== bracket) return false;
    this.#at++;
    return true;
  }

  #expect(character: string, place: string): void {
    this.#skipWhite();
    if (this.#text[this.#at] !== character) throw this.#unexpected(place);
    this.#at++;
  }

  #skipWhite(): void {
    WHITE.lastIndex = this.#at;
    WHITE.test(this.#text);
    this.#at = WHITE.lastIndex;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #unexpected(place: string): JsonSyntaxError {
    const character = this.#text[this.#at];
    if (character === undefined) return new JsonSyntaxError('unexpected end of JSON input');
    return new JsonSyntaxError(`invalid character ${quoted(character)} ${place}`);
  }
}

function quoted(character: string): string {
  if (character === "'") return String.raw`'\''`;
  if (character === '"') return `'"'`;
  const code = character.charCodeAt(0);
  if (code === 0x7f) return String.raw`'\x7f'`;
  if (code > 0x7f && code < 0xa0) return `'\\u00${code.toString(16)}'`;
  return `'${JSON.stringify(character)
    .slice(1, -1)
    .replace(/^\\u00/, '\\x')}'`;
}
