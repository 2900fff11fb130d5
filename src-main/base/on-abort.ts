import { setMaxListeners } from 'node:events';

/**
 * Calls `listener` once when `signal` aborts, at once when it has. Disposing the answer takes it back. A signal that many
 * requests share is no leak: Node's warning about its eleventh listener is turned off.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): Disposable {
  if (!signal) return { [Symbol.dispose]: () => undefined };
  if (signal.aborted) {
    listener();
    return { [Symbol.dispose]: () => undefined };
  }
  setMaxListeners(0, signal);
  signal.addEventListener('abort', listener, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', listener) };
}
