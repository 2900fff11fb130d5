import type { TableBatch, TableRow } from '#common/contract/tables';

/** The rows around the viewport, as the host last sent them; all others are with the host. */
export class HeldRows {
  #first = 0;
  #keys: readonly string[] = [];
  #rows = new Map<string, TableRow>();

  /** The row at `index` of the view; undefined while it is not here. */
  at(index: number): TableRow | undefined {
    const key = this.#keys[index - this.#first];
    return key === undefined ? undefined : this.#rows.get(key);
  }

  take({ first, keys, rows }: Pick<TableBatch, 'first' | 'keys' | 'rows'>): void {
    for (const row of rows) this.#rows.set(row.key, row);
    if (!keys) return;
    this.#first = first;
    this.#keys = keys;
    const held = new Set(keys);
    for (const key of this.#rows.keys()) if (!held.has(key)) this.#rows.delete(key);
  }

  clear(): void {
    this.#keys = [];
    this.#rows.clear();
  }
}
