/**
 * A real server keeps every object of a version in memory, converted, and lists and watches there. Where one of them cannot
 * be converted that memory is never ready, and only those who read page by page get through to the store.
 */
import { failure } from '#common/kube/status-error';
import type { ServedResource } from './served-resource';

/** Undefined where every object can be served in this version; else why not. */
export async function unreadiness(served: ServedResource): Promise<Error | undefined> {
  try {
    await served.serveAll(served.registry.collection.list());
    return undefined;
  } catch (problem) {
    return problem as Error;
  }
}

/** Throws TooManyRequests, which clients take as a reason to wait, as long as objects cannot be served in this version. */
export async function refuseUnready(served: ServedResource): Promise<void> {
  const why = await unreadiness(served);
  if (why)
    throw failure(429, 'TooManyRequests', `storage is (re)initializing: ${why.message}`, { retryAfterSeconds: 1 });
}
