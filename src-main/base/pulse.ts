/** A flag that one reader waits for: set any number of times, taken once. */
export class Pulse {
  #set = false;
  #wake: (() => void) | undefined;

  set(): void {
    this.#set = true;
    this.#wake?.();
    this.#wake = undefined;
  }

  /** Resolves when set, at once when it was set since it was last taken, and when `signal` aborts. */
  async taken(signal: AbortSignal): Promise<void> {
    if (!this.#set && !signal.aborted) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      const wake = () => this.#wake?.();
      signal.addEventListener('abort', wake, { once: true });
      await woken;
      signal.removeEventListener('abort', wake);
    }
    this.#set = false;
  }
}

/** What `read` answers now, and again after each notice of `subscribe`; notices that nobody waited for are one. */
export async function* follow<T>(
  subscribe: (listener: () => void) => Disposable,
  read: () => T,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const changed = new Pulse();
  const listening = subscribe(() => changed.set());
  changed.set();
  try {
    for (;;) {
      await changed.taken(signal);
      if (signal.aborted) return;
      yield read();
    }
  } finally {
    listening[Symbol.dispose]();
  }
}
