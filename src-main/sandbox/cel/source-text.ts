/** What stands where in the source of an expression. */

/** A string literal as a whole, at the start: what stands inside of it is no code. */
export const TEXT = /^(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/;

/** True where no name or field goes on from before. */
export const isWordStart = (source: string, at: number): boolean => at === 0 || !/[\w.]/.test(source.charAt(at - 1));

/** An expression as it is parsed, where that is not how it was written. */
export class Rewriting {
  text = '';
  /** Where each letter of `text` comes from. */
  readonly #origins: number[] = [];

  /** Goes on with what stands at `at` in the source. */
  add(text: string, at: number): void {
    for (let index = 0; index < text.length; index++) this.#origins.push(at + index);
    this.text += text;
  }

  /** Goes on with what stands for something at `at` in the source. */
  insert(text: string, at: number): void {
    for (let index = 0; index < text.length; index++) this.#origins.push(at);
    this.text += text;
  }

  originOf(position: number): number {
    const last = this.#origins.at(-1);
    return this.#origins[position] ?? (last === undefined ? position : last + 1 + position - this.text.length);
  }
}
