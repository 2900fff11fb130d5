import { sleep } from '#common/base/clock';
import { bad, type Result, type Surroundings } from './surroundings';

/** How fast a reader of zeros fills its memory. */
const HOARD_BYTES = 64 * 2 ** 20;
const HOARD_MS = 50;

/** Keeps all it reads until a line ends, which never comes: memory grows until the kernel has enough of it. */
export async function hoard({
  memory,
  clock,
  running,
}: Pick<Surroundings, 'memory' | 'clock' | 'running'>): Promise<Result> {
  const signal = running();
  const held: Disposable[] = [];
  while (!signal.aborted) {
    held.push(memory.hold(HOARD_BYTES));
    await sleep(clock, HOARD_MS, signal).catch(() => undefined);
  }
  for (const part of held) part[Symbol.dispose]();
  return bad('', 137);
}
