/** Signals that a shell has a handler for, and those of them that have come in. */
export class SignalInbox {
  /** Made with the first; most containers have none. */
  #traps: Map<string, Trap> | undefined;
  readonly #pending: string[] = [];
  #ending: AbortController | undefined;
  #arrived: (() => void) | undefined;
  #tookOver = false;
  #isOver = false;

  /** Aborts when the program that took the place of the shell is asked to end. */
  get ending(): AbortSignal {
    this.#ending ??= new AbortController();
    if (this.#isOver) this.#ending.abort();
    return this.#ending.signal;
  }

  /** Lets `ending` abort: nothing of the container goes on. */
  end(): void {
    this.#isOver = true;
    this.#ending?.abort();
  }

  /** The shell has become its last command: from now on signals are for that one. */
  becomes(): void {
    this.#tookOver = true;
  }

  get tookOver(): boolean {
    return this.#tookOver;
  }

  /** `trap source NAME`; an empty source ignores the signal, `-` gives it back its meaning. */
  trap(name: string, trap: Trap): void {
    this.#traps ??= new Map();
    if (trap.source === '-') this.#traps.delete(signalName(name));
    else this.#traps.set(signalName(name), trap);
  }

  /** False when nobody handles it. */
  raise(name: string): boolean {
    if (this.#tookOver) {
      this.end();
      return true;
    }
    if (!this.#traps?.has(signalName(name))) return false;
    this.#pending.push(signalName(name));
    this.#arrived?.();
    return true;
  }

  /** The handlers of what came in since the last time, as one script. */
  take(): string {
    return this.#pending
      .splice(0)
      .map((name) => `${this.#traps?.get(name)?.source ?? ''}\n`)
      .join('');
  }

  /** What is to be run when the script is over. */
  get atExit(): Trap | undefined {
    return this.#traps?.get('EXIT');
  }

  /** Resolves when a handled signal comes in, at once when one waits. */
  arrived(): Promise<void> {
    if (this.#pending.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#arrived = resolve;
    });
  }
}

export interface Trap {
  source: string;
  /** The variables as they were when it was set. */
  env: Readonly<Record<string, string>>;
}

const NUMBERS: Readonly<Record<string, string>> = {
  '0': 'EXIT',
  '1': 'HUP',
  '2': 'INT',
  '3': 'QUIT',
  '9': 'KILL',
  '10': 'USR1',
  '12': 'USR2',
  '15': 'TERM',
};

/** `15`, `TERM` and `SIGTERM` are the same. */
export function signalName(word: string): string {
  return NUMBERS[word] ?? word.toUpperCase().replace(/^SIG/, '');
}

/** The number of a signal, for exit codes; that of TERM for one that is not known. */
export function signalNumber(name: string): number {
  const found = Object.entries(NUMBERS).find(([, known]) => known === signalName(name));
  return Number(found?.[0] ?? 15);
}
