import { sizeOfFiles, type ContainerMount } from '../../container-files';
import { bad, ok, type Context, type Result, type Surroundings } from './surroundings';

interface FileSystem {
  device: string;
  path: string;
  /** 1024 bytes each. */
  blocks: number;
  used: number;
}

/** The root of every container, on the disk of its node. */
const ROOT: FileSystem = { device: 'overlay', path: '/', blocks: 102_626_232, used: 18_234_568 };
const DEVICES: FileSystem = { device: 'tmpfs', path: '/dev', blocks: 65_536, used: 0 };
const NODE_DISK = '/dev/vda1';
/** What an empty ext4 keeps for itself: its root and `lost+found`. */
const EMPTY_BLOCKS = 24;

/** How much room there is: on the volumes of the storage systems as much as was made for them. */
export async function df(args: readonly string[], context: Context, around: Surroundings): Promise<Result> {
  const paths = args.filter((word) => !word.startsWith('-'));
  const flags = args.filter((word) => word.startsWith('-')).join('');
  const all = [ROOT, DEVICES, ...(await Promise.all(around.mounts.map(mounted)))];
  const chosen: FileSystem[] = [];
  for (const path of paths) {
    const place = context.fs.resolvePath(context.cwd, path);
    if (!(await context.fs.exists(place))) return bad(`df: ${path}: No such file or directory\n`);
    chosen.push(all.findLast((one) => isWithin(place, one.path)) ?? ROOT);
  }
  const shown = paths.length > 0 ? chosen : all;
  return ok(table(shown, { unit: unitOf(flags), isPlain: around.flavour === 'busybox' }));
}

async function mounted({ path, volume }: ContainerMount, index: number): Promise<FileSystem> {
  const { deviceBytes } = volume;
  if (deviceBytes === undefined) return { ...ROOT, device: NODE_DISK, path };
  const used = EMPTY_BLOCKS + Math.ceil((await sizeOfFiles(await volume.fs())) / 1024);
  return { device: `/dev/rbd${index}`, path, blocks: ext4Blocks(deviceBytes), used };
}

const isWithin = (path: string, folder: string): boolean =>
  folder === '/' || path === folder || path.startsWith(`${folder}/`);

/** mke2fs: the journal in blocks of 4 KiB for a device of up to so many blocks. */
const JOURNALS: readonly [upTo: number, blocks: number][] = [
  [32_768, 1024],
  [262_144, 4096],
  [524_288, 8192],
  [4_194_304, 16_384],
  [8_388_608, 32_768],
  [16_777_216, 65_536],
  [Infinity, 262_144],
];

/** Blocks of 1 KiB that are left for files on an ext4 of so many bytes: its inodes take 1/64, its journal the rest. */
export function ext4Blocks(bytes: number): number {
  const [, journal] = JOURNALS.find(([upTo]) => bytes / 4096 < upTo) ?? [0, 0];
  return Math.max(0, Math.floor(bytes / 1024 - bytes / 1024 / 64 - journal * 4));
}

type Unit = '' | 'h' | 'm';

const unitOf = (flags: string): Unit => (flags.includes('h') ? 'h' : flags.includes('m') ? 'm' : '');
const HEADS = { '': '1K-blocks', m: '1M-blocks', h: 'Size' } as const;

function table(rows: readonly FileSystem[], { unit, isPlain }: { unit: Unit; isPlain: boolean }): string {
  const amounts = rows.map(({ blocks, used }) =>
    [blocks, used, Math.max(0, blocks - used)].map(written(unit, isPlain)),
  );
  const cells = rows.map((row, at) => [row.device, ...(amounts[at] ?? []), share(row), row.path]);
  const available = unit === 'h' && !isPlain ? 'Avail' : 'Available';
  const lines = [['Filesystem', HEADS[unit], 'Used', available, 'Use%', 'Mounted on'], ...cells];
  const least = isPlain ? [20, 9, 9, 9, 4] : [14, 5, 5, 5, 4];
  const widths = least.map((width, column) => Math.max(width, ...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => `${padded(line, widths)}\n`).join('');
}

function padded([device = '', ...rest]: readonly string[], [first = 0, ...widths]: readonly number[]): string {
  const cells = rest.map((cell, at) => cell.padStart(widths[at] ?? 0));
  return [device.padEnd(first), ...cells].join(' ');
}

function share({ blocks, used }: FileSystem): string {
  return blocks > 0 ? `${Math.ceil((100 * Math.min(used, blocks)) / blocks)}%` : '0%';
}

function written(unit: Unit, isPlain: boolean): (blocks: number) => string {
  if (unit === '') return String;
  if (unit === 'm') return (blocks) => String(Math.ceil(blocks / 1024));
  return (blocks) => inLargestUnit(blocks, isPlain ? nearestTenth : roundedUp);
}

function inLargestUnit(blocks: number, rounded: (amount: number) => string): string {
  if (blocks === 0) return '0';
  let [amount, unit] = [blocks, 0];
  while (amount >= 1024 && unit < 3) [amount, unit] = [amount / 1024, unit + 1];
  return `${rounded(amount)}${'KMGT'[unit] ?? ''}`;
}

/** As busybox writes amounts. */
const nearestTenth = (amount: number): string => amount.toFixed(1);

/** As GNU writes them: two digits at least, never less than there is. */
const roundedUp = (amount: number): string =>
  amount < 10 ? (Math.ceil(amount * 10) / 10).toFixed(1) : String(Math.ceil(amount));
