/** Spaces between a column and the next, as kubectl's describers ask of Go's text/tabwriter. */
const PADDING = 2;

/**
 * Text in which tabs end cells. Cells in the same place of consecutive lines make a column, which is as wide as its widest
 * cell; what follows the last tab of a line belongs to no column (Go's text/tabwriter without flags).
 */
export function alignTabs(text: string): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const output: string[] = [];
  formatBlock({ lines, widths: [], output }, 0, lines.length);
  return output.join('\n');
}

interface Alignment {
  lines: string[][];
  /** Widths of the columns left of the block being formatted. */
  widths: number[];
  output: string[];
}

/** Finds the runs of lines that have a cell in the next column, and formats what is right of it with its width. */
function formatBlock(alignment: Alignment, start: number, end: number): void {
  const { lines, widths } = alignment;
  const column = widths.length;
  const hasCell = (index: number) => column < (lines[index]?.length ?? 0) - 1;
  let written = start;
  for (let index = start; index < end; index++) {
    if (!hasCell(index)) continue;
    writeLines(alignment, written, index);
    let last = index;
    let width = 0;
    for (; last < end && hasCell(last); last++)
      width = Math.max(width, cellWidth(lines[last]?.[column] ?? '') + PADDING);
    widths.push(width);
    formatBlock(alignment, index, last);
    widths.pop();
    written = last;
    index = last - 1;
  }
  writeLines(alignment, written, end);
}

function writeLines({ lines, widths, output }: Alignment, start: number, end: number): void {
  for (const cells of lines.slice(start, end)) {
    output.push(
      cells.map((cell, column) => padded(cell, column < cells.length - 1 ? widths[column] : undefined)).join(''),
    );
  }
}

function padded(cell: string, width: number | undefined): string {
  return width === undefined ? cell : cell + ' '.repeat(Math.max(0, width - cellWidth(cell)));
}

/** In characters, not in UTF-16 units. */
function cellWidth(cell: string): number {
  return [...cell].length;
}
