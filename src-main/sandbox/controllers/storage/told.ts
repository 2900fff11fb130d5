/** Remembers the last word said about each object: what has been said is not repeated while nothing changes. */
export class Told {
  readonly #last = new Map<string, string>();

  /** True when `text` is news about the object with this uid. */
  isNew(uid: string, text: string): boolean {
    if (this.#last.get(uid) === text) return false;
    this.#last.set(uid, text);
    return true;
  }

  forget(uid: string): void {
    this.#last.delete(uid);
  }
}
