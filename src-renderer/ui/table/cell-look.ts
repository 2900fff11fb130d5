import type { Cell, TableColumn } from '#common/contract/tables';
import type { Tone } from '#common/contract/shapes';

/** How a cell is drawn: its text, and whatever else it says. */
export interface CellLook {
  as: 'nothing' | 'name' | 'state' | 'age' | 'mono' | 'text';
  text: string;
  tone: Tone;
  /** With a shape before the word. */
  marked: boolean;
  /** Epoch milliseconds: of an age, or of when the text last came true. */
  at?: number;
  /** What is said on hover. */
  hint?: string;
}

const NOTHING: CellLook = { as: 'nothing', text: '–', tone: 'none', marked: false };

export function cellLook(cell: Cell | undefined, { type }: Pick<TableColumn, 'type'>): CellLook {
  if (cell === null || cell === undefined || cell === '') return NOTHING;
  if (typeof cell === 'object') {
    const { text, tone, hint, at } = cell;
    const marked = type === 'status' && tone !== 'none';
    return {
      as: 'state',
      text,
      tone,
      marked,
      hint: hint ?? text,
      ...(at === undefined ? {} : { at }),
    };
  }
  if (type === 'age' && typeof cell === 'number') return { as: 'age', text: '', tone: 'none', marked: false, at: cell };
  const text = String(cell);
  const as = type === 'name' ? 'name' : type === 'mono' ? 'mono' : 'text';
  return { as, text, tone: 'none', marked: false, ...(text.length > 12 ? { hint: text } : {}) };
}

/** A generated name in what its siblings share and what is its own: `checkout-5f4b8d7c6` and `-hx2lm`, `cart` and `-0`. */
export function nameParts(name: string): [shared: string, own: string] {
  const match = /^(.+)(-(?:[bcdfghjklmnpqrstvwxz2456789]{5}|\d{1,4}))$/.exec(name);
  return match ? [match[1] ?? name, match[2] ?? ''] : [name, ''];
}
