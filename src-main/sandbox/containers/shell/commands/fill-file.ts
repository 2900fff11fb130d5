/** Files that are filled from a source without an end, `fallocate` and `truncate`: of any size, zeros that take room on a disk only. */
import { sleep } from '#common/base/clock';
import { messageOf } from '#common/base/errors';
import { Zeros } from '../../disk-files';
import { sizeOf } from '../aside/sources';
import { bad, ok, type Context, type Result, type Surroundings } from './surroundings';

/** How fast a disk takes what is written, and how much of it at a time. */
const BYTES_PER_MS = 400 * 1024;
const SLICE_BYTES = 64 * 2 ** 20;
/** So much that the node looks whether it has enough. */
const MUCH_BYTES = 16 * 2 ** 20;

/** What became of a file: how much of it there is, and why it is not more. */
export interface Filled {
  written: number;
  refusal: string | undefined;
}

/** Until `wanted` bytes are there, the disk is full, or somebody ends it. */
export async function fillFile(
  target: string,
  wanted: number,
  { context: { fs, cwd }, around }: { context: Context; around: Surroundings },
): Promise<Filled> {
  const path = fs.resolvePath(cwd, target);
  let written = 0;
  await fs.writeFile(path, '');
  while (written < wanted && !around.running().aborted) {
    const slice = Math.min(SLICE_BYTES, wanted - written);
    const refusal = await refused(fs.appendFile(path, new Zeros(slice)));
    if (slice >= MUCH_BYTES) around.usesMuch();
    if (refusal !== undefined) return { written: (await fs.stat(path)).size, refusal };
    written += slice;
    await sleep(around.clock, slice / BYTES_PER_MS, around.running()).catch(() => undefined);
  }
  return { written, refusal: undefined };
}

/** `fallocate -l 1G FILE`, `truncate -s 1G FILE`. */
export async function allocate(
  name: 'fallocate' | 'truncate',
  args: readonly string[],
  { context: { fs, cwd }, around }: { context: Context; around: Surroundings },
): Promise<Result> {
  const flag = name === 'fallocate' ? '-l' : '-s';
  const at = args.findIndex((word) => word.startsWith(flag));
  const isApart = args[at] === flag;
  const size = sizeOf(isApart ? (args[at + 1] ?? '') : (args[at] ?? '').slice(flag.length));
  const file = args.filter((word, index) => !word.startsWith('-') && !(isApart && index === at + 1)).at(-1);
  if (!(size >= 0)) return bad(`${name}: invalid length value specified\n`);
  if (file === undefined) return bad(`${name}: no filename specified\n`);
  const refusal = await refused(fs.writeFile(fs.resolvePath(cwd, file), new Zeros(size)));
  if (size >= MUCH_BYTES) around.usesMuch();
  return refusal === undefined ? ok() : bad(`${name}: ${name} failed: ${refusal}\n`);
}

/** Why a disk takes no more; undefined when it has taken all. */
async function refused(writing: Promise<void>): Promise<string | undefined> {
  try {
    await writing;
    return undefined;
  } catch (failure) {
    const text = messageOf(failure);
    if (text.startsWith('ENOSPC')) return 'No space left on device';
    if (text.startsWith('EROFS')) return 'Read-only file system';
    throw failure;
  }
}
