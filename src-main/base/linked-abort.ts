import { onAbort } from './on-abort';

/** An AbortController that also follows `parent`; disposing it takes its hold on `parent` away again. */
export class LinkedAbort implements Disposable {
  readonly #controller = new AbortController();
  readonly #following: Disposable;

  constructor(parent?: AbortSignal) {
    this.#following = onAbort(parent, () => this.#controller.abort(parent?.reason));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  [Symbol.dispose](): void {
    this.#following[Symbol.dispose]();
  }
}

/** Waits for `promise`, but no longer than until `signal` aborts; rejects with the signal's reason then. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const watching = onAbort(signal, () => reject(signal.reason));
    promise.then(resolve, reject).finally(() => watching[Symbol.dispose]());
  });
}
