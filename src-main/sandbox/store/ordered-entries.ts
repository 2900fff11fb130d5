import type { Entry } from './entry';

/** Blocks split when they grow beyond this: inserts move few entries, and a range reads long runs. */
const BLOCK = 512;

/** Entries sorted by key, in blocks: insert, replace and remove cost a search and a short move, a range costs its length. */
export class OrderedEntries {
  #blocks: Entry[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): Entry | undefined {
    const block = this.#blocks[this.#blockOf(key)];
    if (!block) return undefined;
    const found = block[lowerBound(block, key)];
    return found?.key === key ? found : undefined;
  }

  set(entry: Entry): void {
    if (this.#blocks.length === 0) this.#blocks.push([]);
    const index = Math.min(this.#blockOf(entry.key), this.#blocks.length - 1);
    const block = this.#blocks[index] as Entry[];
    const at = lowerBound(block, entry.key);
    if (block[at]?.key === entry.key) {
      block[at] = entry;
      return;
    }
    block.splice(at, 0, entry);
    this.#size++;
    if (block.length > BLOCK) this.#blocks.splice(index + 1, 0, block.splice(BLOCK / 2));
  }

  delete(key: string): void {
    const index = this.#blockOf(key);
    const block = this.#blocks[index];
    if (!block) return;
    const at = lowerBound(block, key);
    if (block[at]?.key !== key) return;
    block.splice(at, 1);
    this.#size--;
    if (block.length === 0) this.#blocks.splice(index, 1);
  }

  /** Entries with `from <= key < to`, in order. */
  *range(from: string, to: string): Generator<Entry> {
    for (let index = this.#blockOf(from); index < this.#blocks.length; index++) {
      const block = this.#blocks[index] as Entry[];
      let at = (block[0] as Entry).key >= from ? 0 : lowerBound(block, from);
      for (; at < block.length; at++) {
        const entry = block[at] as Entry;
        if (entry.key >= to) return;
        yield entry;
      }
    }
  }

  /** The same as an array: faster than walking the generator when all of it is wanted. */
  slice(from: string, to: string): Entry[] {
    const parts: Entry[][] = [];
    for (let index = this.#blockOf(from); index < this.#blocks.length; index++) {
      const block = this.#blocks[index] as Entry[];
      if ((block[0] as Entry).key >= to) break;
      const start = (block[0] as Entry).key >= from ? 0 : lowerBound(block, from);
      const isLast = (block.at(-1) as Entry).key >= to;
      const end = isLast ? lowerBound(block, to) : block.length;
      parts.push(start === 0 && end === block.length ? block : block.slice(start, end));
    }
    return parts.flat();
  }

  /** How many keys are smaller than `key`. */
  rank(key: string): number {
    const index = this.#blockOf(key);
    let before = 0;
    for (let i = 0; i < index; i++) before += (this.#blocks[i] as Entry[]).length;
    const block = this.#blocks[index];
    return block ? before + lowerBound(block, key) : before;
  }

  /** The first block whose last key is not smaller. */
  #blockOf(key: string): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (lastKey(this.#blocks[middle]) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const lastKey = (block: readonly Entry[] | undefined): string => block?.at(-1)?.key ?? '';

function lowerBound(block: readonly Entry[], key: string): number {
  let low = 0;
  let high = block.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((block[middle] as Entry).key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
