import { randomBytes } from 'node:crypto';
import { onAbort } from '#main/base/on-abort';
import { sizeOf } from '../aside/sources';
import { fillFile } from './fill-file';
import { bad, bytes, inputBytes, type Context, type Result, type Surroundings } from './surroundings';

/** More than this is not printed. */
const MOST_BYTES = 256 * 2 ** 20;
/** Larger files are zeros that take no memory, whatever they were made of. */
const MOST_MADE_BYTES = 2 ** 20;
/** What a machine copies in a millisecond. */
const BYTES_PER_MS = 2_000_000;
const ENDLESS = /^\/dev\/(zero|u?random)$/;

interface Copy {
  from: string;
  to: string;
  blockBytes: number;
  /** Blocks; all there are when absent. */
  count: number | undefined;
  skip: number;
}

/** `dd if= of= bs= count= skip=`: copies, or keeps a core busy when there is no end to what it reads. */
export async function dd(args: string[], context: Context, around: Surroundings): Promise<Result> {
  const copy = copyOf(args);
  if (typeof copy === 'string') return bad(copy);
  const { from, to, blockBytes, count, skip } = copy;
  const most = count === undefined ? undefined : count * blockBytes;
  const ended = ENDLESS.test(from) ? await withoutEnd(copy, most ?? Infinity, { context, around }) : undefined;
  if (ended) return ended;
  const all = await read(copy, context, most ?? 0);
  if (!all) return bad(`dd: ${failureOf(around, from)}\n`);
  const data = all.subarray(skip * blockBytes, most === undefined ? undefined : skip * blockBytes + most);
  if (to !== '' && to !== '/dev/null') await context.fs.writeFile(context.fs.resolvePath(context.cwd, to), data);
  const told = await counted(data.length, copy, around);
  return to === '' ? { ...bytes(data), stderr: told.stderr } : told;
}

/** From a source without an end; nothing where so little is wanted that it is made in memory, as the content of any file. */
async function withoutEnd(
  copy: Copy,
  wanted: number,
  surroundings: { context: Context; around: Surroundings },
): Promise<Result | undefined> {
  const { around } = surroundings;
  if (copy.to === '/dev/null') return wanted === Infinity ? untilStopped(around) : counted(wanted, copy, around);
  if (copy.to !== '') return wanted > MOST_MADE_BYTES ? filled(wanted, copy, surroundings) : undefined;
  return wanted > MOST_BYTES ? bad(`dd: error writing 'standard output': No space left on device\n`) : undefined;
}

async function filled(
  wanted: number,
  copy: Copy,
  surroundings: { context: Context; around: Surroundings },
): Promise<Result> {
  const { written, refusal } = await fillFile(copy.to, wanted, surroundings);
  const told = await counted(written, copy, surroundings.around);
  if (refusal === undefined) return told;
  return bad(`dd: error writing '${copy.to}': ${refusal}\n${told.stderr}`);
}

const failureOf = ({ flavour }: Surroundings, path: string): string =>
  flavour === 'busybox'
    ? `can't open '${path}': No such file or directory`
    : `failed to open '${path}': No such file or directory`;

function copyOf(args: readonly string[]): Copy | string {
  const words = new Map(args.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));
  const number = (name: string, usual: number) => sizeOf(words.get(name) ?? String(usual));
  const blockBytes = number('bs', 512);
  if (!(blockBytes > 0)) return `dd: invalid number: '${words.get('bs')}'\n`;
  const count = words.has('count') ? number('count', 0) : undefined;
  return { from: words.get('if') ?? '', to: words.get('of') ?? '', blockBytes, count, skip: number('skip', 0) };
}

async function read({ from }: Copy, context: Context, most: number): Promise<Buffer | undefined> {
  if (from === '') return inputBytes(context);
  if (from === '/dev/zero') return Buffer.alloc(most);
  if (ENDLESS.test(from)) return randomBytes(most);
  if (from === '/dev/null') return Buffer.alloc(0);
  const path = context.fs.resolvePath(context.cwd, from);
  return (await context.fs.exists(path)) ? Buffer.from(await context.fs.readFileBuffer(path)) : undefined;
}

/** What it says at the end, after the time that the copy takes. */
async function counted(size: number, { blockBytes }: Copy, { cpu, running, flavour }: Surroundings): Promise<Result> {
  await cpu.work(size / BYTES_PER_MS, running());
  const whole = Math.floor(size / blockBytes);
  const rest = size % blockBytes === 0 ? 0 : 1;
  const seconds = Math.max(size / BYTES_PER_MS / 1000, 0.000_1);
  const records = `${whole}+${rest} records in\n${whole}+${rest} records out\n`;
  const summary =
    flavour === 'busybox'
      ? `${size} bytes (${short(size, 1024)}B) copied, ${seconds.toFixed(6)} seconds, ${short(size / seconds, 1024)}B/s\n`
      : `${size} bytes${gnuSizes(size)} copied, ${Number(seconds.toPrecision(6))} s, ${short(size / seconds, 1000, ' ')}B/s\n`;
  return { stdout: '', stderr: records + summary, exitCode: 0 };
}

const gnuSizes = (size: number): string =>
  size < 1000 ? '' : ` (${short(size, 1000, ' ')}B${size < 1024 ? '' : `, ${short(size, 1024, ' ')}iB`})`;

/** `104857600` as `100.0M`. */
function short(value: number, base: number, gap = ''): string {
  const units = ['', base === 1000 ? 'k' : 'K', 'M', 'G', 'T'];
  let at = 0;
  let left = value;
  for (; left >= base && at < units.length - 1; at++) left /= base;
  const digits = gap ? (left < 10 ? left.toFixed(1) : left.toFixed(0)) : left.toFixed(1);
  return `${digits}${gap}${units[at]}`;
}

async function untilStopped({ cpu, running }: Surroundings): Promise<Result> {
  const load = cpu.busy(1);
  await new Promise<void>((resolve) => void onAbort(running(), () => resolve()));
  load[Symbol.dispose]();
  return bad('', 143);
}
