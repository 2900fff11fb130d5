import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sleep, type Clock } from '#common/base/clock';
import { isMissing } from '#main/base/files';

const RETRY_MS = 25;

/** Whoever holds a lock for longer has been killed: it is held for a few file operations and one answer on loopback. */
const ABANDONED_MS = 10_000;

/** Makes the folder `path`, which only one process can do, and removes it when disposed. */
export async function lockFolder(path: string, clock: Clock, signal?: AbortSignal): Promise<AsyncDisposable> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  for (;;) {
    try {
      await mkdir(path);
      return { [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
    } catch (failure) {
      if (!(failure instanceof Error && 'code' in failure && failure.code === 'EEXIST')) throw failure;
    }
    if (await isAbandoned(path, clock)) await rm(path, { recursive: true, force: true });
    else await sleep(clock, RETRY_MS, signal);
  }
}

async function isAbandoned(path: string, clock: Clock): Promise<boolean> {
  try {
    return clock.now() - (await stat(path)).mtimeMs > ABANDONED_MS;
  } catch (failure) {
    if (isMissing(failure)) return false;
    throw failure;
  }
}
