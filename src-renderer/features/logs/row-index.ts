/** Rows of one block are summed once; inside a block they are counted again when needed. */
const BLOCK = 512;

/** Gives the number of screen rows of the line at a position. */
export type RowsOf = (position: number) => number;

/**
 * Where each line stands when long lines take several rows: maps rows to lines and back over a list that grows at its end
 * and shrinks at its front. Positions count from the first line ever; without wrapping every line has one row.
 */
export class RowIndex {
  readonly #rowsOf: RowsOf | undefined;
  #front: number;
  #end: number;
  /** Rows of block b: positions b * BLOCK up to (b + 1) * BLOCK, as far as they lie between front and end. */
  readonly #blocks = new Map<number, number>();
  #total = 0;

  constructor(front: number, rowsOf?: RowsOf) {
    this.#front = front;
    this.#end = front;
    this.#rowsOf = rowsOf;
  }

  get total(): number {
    return this.#rowsOf ? this.#total : this.#end - this.#front;
  }

  /** Follows the list to its present bounds. A position in front of the list must still give the rows it had. */
  moveTo(front: number, end: number): void {
    if (this.#rowsOf) {
      for (let position = this.#end; position < end; position++) this.#count(position, this.#rowsOf(position));
      if (front > this.#front) this.#dropTo(front, end);
    }
    this.#front = front;
    this.#end = Math.max(front, end);
  }

  /** Rows above the line at `position`. */
  rowOf(position: number): number {
    const bounded = Math.min(Math.max(position, this.#front), this.#end);
    if (!this.#rowsOf) return bounded - this.#front;
    let row = 0;
    const block = Math.floor(bounded / BLOCK);
    for (let b = Math.floor(this.#front / BLOCK); b < block; b++) row += this.#blocks.get(b) ?? 0;
    for (let p = Math.max(this.#front, block * BLOCK); p < bounded; p++) row += this.#rowsOf(p);
    return row;
  }

  /** The line that covers `row`, and the rows above that line. */
  at(row: number): { position: number; row: number } {
    const wanted = Math.min(Math.max(0, row), Math.max(0, this.total - 1));
    if (!this.#rowsOf) return { position: this.#front + wanted, row: wanted };
    let above = 0;
    let block = Math.floor(this.#front / BLOCK);
    for (let rows = this.#blocks.get(block) ?? 0; above + rows <= wanted && rows > 0;) {
      above += rows;
      rows = this.#blocks.get(++block) ?? 0;
    }
    let position = Math.max(this.#front, block * BLOCK);
    for (; position < this.#end - 1; position++) {
      const rows = this.#rowsOf(position);
      if (above + rows > wanted) break;
      above += rows;
    }
    return { position, row: above };
  }

  #count(position: number, rows: number): void {
    const block = Math.floor(position / BLOCK);
    this.#blocks.set(block, (this.#blocks.get(block) ?? 0) + rows);
    this.#total += rows;
  }

  /** Whole blocks in front go at once; the block that is cut is counted again from what is left of it. */
  #dropTo(front: number, end: number): void {
    const cut = Math.floor(front / BLOCK);
    for (let block = Math.floor(this.#front / BLOCK); block <= cut; block++) {
      this.#total -= this.#blocks.get(block) ?? 0;
      this.#blocks.delete(block);
    }
    const until = Math.min(end, (cut + 1) * BLOCK);
    for (let position = front; position < until; position++) this.#count(position, this.#rowsOf?.(position) ?? 1);
  }
}

/** Screen columns of a text in a monospaced face: wide East Asian letters and emoji take two, combining marks none. */
export function columnsOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let columns = 0;
  for (const letter of text) {
    if (MARK.test(letter)) continue;
    columns += WIDE.test(letter) ? 2 : 1;
  }
  return columns;
}

const ASCII = /^[ -~]*$/;
const MARK = /^[\p{M}\p{Cf}]$/u;
/** The blocks of Unicode's EastAsianWidth.txt that are W or F, roughly, and emoji. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}$/u;
