import { isAbort } from '#common/base/errors';

/** Takes each item of a stream until `signal` aborts; a failure goes to `failed`, once. */
export function follow<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal,
  handlers: { item(item: T): void; failed(failure: unknown): void },
): void {
  const run = async () => {
    try {
      for await (const item of items) {
        if (signal.aborted) return;
        handlers.item(item);
      }
    } catch (failure) {
      if (!signal.aborted && !isAbort(failure)) handlers.failed(failure);
    }
  };
  void run();
}
