import { alignTabs } from './tabbed-text';

type FieldValue = string | number | boolean | null | undefined;

/** Collects the lines of a description; a level is two spaces, tabs end cells. */
export class DescribeWriter {
  #finished = '';
  #text = '';

  /** One line. */
  line(level: number, text: string): void {
    this.#text += `${'  '.repeat(level)}${escaped(text)}\n`;
  }

  /** `Name:\tvalue`; `absent` where there is no value. */
  field(level: number, name: string, value: FieldValue, absent: string | number = ''): void {
    this.line(level, `${name}:\t${value ?? absent}`);
  }

  /** The value where there is one. */
  optional(level: number, name: string, value: FieldValue): void {
    if (value !== undefined && value !== null && value !== '') this.field(level, name, value);
  }

  /** Several lines under one name; `<none>` where there are none. */
  list(name: string, values: readonly string[], indent = ''): void {
    if (values.length === 0) this.line(0, `${indent}${name}:\t<none>`);
    for (const [index, value] of values.entries())
      this.line(0, index === 0 ? `${indent}${name}:\t${value}` : `${indent}\t${value}`);
  }

  /** Ends all columns: what follows is aligned by itself. */
  flush(): void {
    const ended = this.#text.endsWith('\n') ? this.#text.slice(0, -1) : this.#text;
    if (this.#text !== '') this.#finished += `${alignTabs(ended)}\n`;
    this.#text = '';
  }

  toString(): string {
    this.flush();
    return this.#finished;
  }
}

/** Control sequences from a cluster are shown, not obeyed, as kubectl does. */
function escaped(text: string): string {
  return text.replaceAll('\u001b', '^[').replaceAll('\r', String.raw`\r`);
}
