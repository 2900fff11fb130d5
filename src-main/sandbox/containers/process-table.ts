export interface ProcessEntry {
  pid: number;
  user: string;
  command: string;
  /** Ends it as a signal of this number does. */
  signal: (number: number) => void;
}

/** The processes of one container as `ps` and `kill` know them. */
export class ProcessTable {
  readonly #entries = new Map<number, ProcessEntry>();
  #last = 0;

  add(entry: Omit<ProcessEntry, 'pid'>): Disposable & { pid: number } {
    const pid = ++this.#last;
    this.#entries.set(pid, { ...entry, pid });
    return { pid, [Symbol.dispose]: () => void this.#entries.delete(pid) };
  }

  get(pid: number): ProcessEntry | undefined {
    return this.#entries.get(pid);
  }

  list(): readonly ProcessEntry[] {
    return [...this.#entries.values()];
  }
}
