/** Columns to begin the line after `line` with, as a person writing manifests expects. */
export function nextIndent(line: string): number {
  const [, spaces = '', dashes = ''] = /^(\s*)((?:-\s+)*)/.exec(line) ?? [];
  const content = spaces.length + dashes.length;
  return OPENS_BLOCK.test(line) ? content + 2 : content;
}

/** A key without a value, or with the head of a block text; a comment may follow. */
const OPENS_BLOCK = /:(\s+[|>][-+]?\d?)?\s*(\s#.*)?$/;
