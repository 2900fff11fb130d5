import type { TableBatch, TableRow } from '#common/contract/tables';

/** The rows around the viewport, as the host last sent them; all others are with the host. */
export class HeldRows {
  #first = 0;
  #keys: readonly string[] = [];
  readonly #rows = new Map<string, TableRow>();
  #indexes = new Map<string, number>();
  #changed = new Set<string>();

  /** The row at `index` of the view; undefined while it is not here. */
  at(index: number): TableRow | undefined {
    const key = this.#keys[index - this.#first];
    return key === undefined ? undefined : this.#rows.get(key);
  }

  indexOf(key: string): number | undefined {
    const index = this.#indexes.get(key);
    return index === undefined ? undefined : index + this.#first;
  }

  /** All rows that are here, in order. */
  all(): TableRow[] {
    return this.#keys.flatMap((key) => this.#rows.get(key) ?? []);
  }

  take({ first, keys, rows }: Pick<TableBatch, 'first' | 'keys' | 'rows'>): void {
    for (const row of rows) {
      if (this.#rows.has(row.key)) this.#changed.add(row.key);
      this.#rows.set(row.key, row);
    }
    if (!keys) return;
    this.#first = first;
    this.#keys = keys;
    this.#indexes = new Map(keys.map((key, index) => [key, index]));
    for (const key of this.#rows.keys()) if (!this.#indexes.has(key)) this.#rows.delete(key);
  }

  /** Keys of the rows that were here and came again, changed, since this was last asked. */
  takeChanged(): ReadonlySet<string> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  clear(): void {
    this.#keys = [];
    this.#indexes.clear();
    this.#rows.clear();
    this.#changed.clear();
  }
}
