import { parse } from 'just-bash';

/**
 * Reads a script that comes through a pipe, statement by statement: each is given as soon as its lines are there, as a shell
 * without a terminal runs it, so that whoever writes may wait for the answer before writing on.
 */
export class PipedScript {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = '';
  #ended = false;

  constructor(input: AsyncIterable<Uint8Array>) {
    this.#chunks = input[Symbol.asyncIterator]();
  }

  /** The next whole statements, at the end whatever is left; nothing after that. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.#ended ? this.#text.length : this.#text.lastIndexOf('\n') + 1;
      const lines = this.#text.slice(0, end);
      if (lines.trim() !== '' && (this.#ended || isWhole(lines))) {
        this.#text = this.#text.slice(end);
        return lines;
      }
      if (this.#ended) return undefined;
      const { done, value } = await this.#chunks.next();
      this.#ended = done === true;
      this.#text += value ? this.#decoder.decode(value, { stream: true }) : '';
    }
  }
}

/** What goes on in the next line without being an error of grammar where the text ends. */
const GOES_ON = /(\\|\||&&)\s*$/;
const HERE_DOCUMENT = /<<-?\s*(["']?)(\w+)\1/g;

/** True when no statement of these lines waits for more. */
export function isWhole(lines: string): boolean {
  if (GOES_ON.test(lines)) return false;
  const open = [...lines.matchAll(HERE_DOCUMENT)].some(([, , word]) => !new RegExp(`^\\t*${word}$`, 'm').test(lines));
  if (open) return false;
  try {
    parse(lines);
    return true;
  } catch {
    return false;
  }
}
