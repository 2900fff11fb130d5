import { ManualClock } from '#common/base/clock';
import { seededRandom } from '#common/base/random';
import { systemClock } from '#main/base/system-clock';
import { createApiServer } from '#main/sandbox/apiserver/server';

/** What a server under fuzz tells the process that started it. */
export type FuzzServerMessage =
  | { kind: 'ready'; url: string; ca: string; cert: string; key: string }
  | { kind: 'memory'; rss: number; heapUsed: number; external: number };

const SWEEP_MS = 2000;

/** An API server in a process of its own; it says how much memory it holds whenever it is asked. */
export async function main(): Promise<number> {
  const server = await createApiServer({
    clock: new ManualClock(),
    wallClock: systemClock,
    random: seededRandom(1),
    nodes: () => undefined,
  });
  const { url } = await server.listen(0);
  const { authority, admin } = server.certificates;
  const tell = (message: FuzzServerMessage) => process.send?.(message);
  process.on('message', () => {
    globalThis.gc?.();
    // Buffers are swept beside the program, some time after that.
    setTimeout(() => {
      globalThis.gc?.();
      const { rss, heapUsed, external } = process.memoryUsage();
      tell({ kind: 'memory', rss, heapUsed, external });
    }, SWEEP_MS);
  });
  tell({ kind: 'ready', url, ca: authority.certificate, cert: admin.certificate, key: admin.key });
  await new Promise<void>((resolve) => process.once('disconnect', resolve));
  await server.close();
  return 0;
}
