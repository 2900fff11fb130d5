/** `ls` as busybox and GNU print it: modes, owners, sizes and times as the files have them. */
import type { FsStat, IFileSystem } from 'just-bash';
import { bad, type Context, type Result, type Surroundings } from './surroundings';

/** An entry as it is to be printed. */
interface Entry {
  name: string;
  stat: FsStat;
  target?: string;
}

interface Options {
  flags: ReadonlySet<string>;
  flavour: Surroundings['flavour'];
  nowMs: number;
}

const KNOWN = '1AaCcdFghHiklLnopqrRsStTuUwXx';
const LONG_NAMES: Readonly<Record<string, string>> = {
  all: 'a',
  'almost-all': 'A',
  directory: 'd',
  classify: 'F',
  'human-readable': 'h',
  inode: 'i',
  'numeric-uid-gid': 'n',
  recursive: 'R',
  reverse: 'r',
  size: 's',
};
const HALF_YEAR_MS = 15_778_476_000;
const FOLDER_BYTES = 4096;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export async function listFiles(args: string[], { fs, cwd }: Context, around: Surroundings): Promise<Result> {
  const { flavour, clock } = around;
  const flags = new Set<string>();
  const words: string[] = [];
  for (const word of args) {
    const wrong = takeOption(word, flags, words);
    if (wrong !== undefined) return flavour === 'busybox' ? unknownToBusybox(wrong) : unknownToGnu(wrong);
  }
  const options: Options = { flags, flavour, nowMs: clock.now() };
  const files: Entry[] = [];
  const folders: Entry[] = [];
  let problems = '';
  for (const name of words.length > 0 ? words : ['.']) {
    const entry = await entryOf(fs, fs.resolvePath(cwd, name), name, { follows: !flags.has('l') });
    if (!entry) problems += missing(name, flavour);
    else (entry.stat.isDirectory && !flags.has('d') ? folders : files).push(entry);
  }
  const parts = files.length > 0 ? [lines(sorted(files, flags), options)] : [];
  const isHeaded = words.length > 1 || flags.has('R');
  for (const { name } of sorted(folders, flags)) {
    parts.push(...(await folderParts({ fs, path: fs.resolvePath(cwd, name), name, isHeaded }, options)));
  }
  const code = flavour === 'busybox' ? 1 : 2;
  return { stdout: parts.join('\n'), stderr: problems, exitCode: problems === '' ? 0 : code };
}

/** Takes a word as an option or a name; answers the option that is none. */
function takeOption(word: string, flags: Set<string>, names: string[]): string | undefined {
  if (!word.startsWith('-') || word === '-') names.push(word);
  else if (word.startsWith('--')) {
    const [name = ''] = word.slice(2).split('=');
    if (LONG_NAMES[name]) flags.add(LONG_NAMES[name]);
    else if (!['', 'color', 'full-time', 'time-style', 'group-directories-first'].includes(name)) return word;
  } else {
    for (const letter of word.slice(1)) {
      if (!KNOWN.includes(letter)) return letter;
      flags.add(letter === 'n' || letter === 'o' || letter === 'g' ? 'l' : letter).add(letter);
    }
  }
  return undefined;
}

const unknownToGnu = (option: string): Result =>
  bad(
    option.startsWith('--')
      ? `ls: unrecognized option '${option}'\nTry 'ls --help' for more information.\n`
      : `ls: invalid option -- '${option}'\nTry 'ls --help' for more information.\n`,
    2,
  );

const unknownToBusybox = (option: string): Result => bad(`ls: unrecognized option: ${option.replace(/^--/, '')}\n`);

const missing = (name: string, flavour: Surroundings['flavour']): string =>
  flavour === 'busybox'
    ? `ls: ${name}: No such file or directory\n`
    : `ls: cannot access '${name}': No such file or directory\n`;

async function entryOf(
  fs: IFileSystem,
  path: string,
  name: string,
  { follows }: { follows: boolean },
): Promise<Entry | undefined> {
  const link = await fs.lstat(path).catch(() => undefined);
  if (!link?.isSymbolicLink) return link && { name, stat: link };
  const beyond = follows ? await fs.stat(path).catch(() => undefined) : undefined;
  return beyond ? { name, stat: beyond } : { name, stat: link, target: await fs.readlink(path) };
}

interface Folder {
  fs: IFileSystem;
  path: string;
  name: string;
  isHeaded: boolean;
}

async function folderParts({ fs, path, name, isHeaded }: Folder, options: Options): Promise<string[]> {
  const { flags } = options;
  const below = path === '/' ? '' : path;
  const names = (await fs.readdir(path)).filter((one) => flags.has('a') || flags.has('A') || !one.startsWith('.'));
  const found = await Promise.all(names.map((one) => entryOf(fs, `${below}/${one}`, one, { follows: false })));
  const entries = sorted(
    found.filter((entry) => entry !== undefined),
    flags,
  );
  const dots = flags.has('a') ? await dotEntries(fs, path) : [];
  const all = flags.has('r') ? [...entries, ...dots.toReversed()] : [...dots, ...entries];
  const total = flags.has('l') ? `total ${all.reduce((sum, { stat }) => sum + blocks(stat), 0)}\n` : '';
  const parts = [`${isHeaded ? `${name}:\n` : ''}${total}${lines(all, options)}`];
  if (!flags.has('R')) return parts;
  for (const entry of entries.filter(({ stat }) => stat.isDirectory)) {
    const inner = { fs, path: `${below}/${entry.name}`, name: `${name.replace(/\/$/, '')}/${entry.name}`, isHeaded };
    parts.push(...(await folderParts(inner, options)));
  }
  return parts;
}

async function dotEntries(fs: IFileSystem, path: string): Promise<Entry[]> {
  const [own, above] = await Promise.all([fs.stat(path), fs.stat(fs.resolvePath(path, '..'))]);
  return [
    { name: '.', stat: own },
    { name: '..', stat: above },
  ];
}

function sorted(entries: readonly Entry[], flags: ReadonlySet<string>): Entry[] {
  const byName = (left: Entry, right: Entry) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0);
  const order = (left: Entry, right: Entry): number => {
    if (flags.has('S')) return sizeOf(right.stat) - sizeOf(left.stat) || byName(left, right);
    if (flags.has('t')) return right.stat.mtime.getTime() - left.stat.mtime.getTime() || byName(left, right);
    return byName(left, right);
  };
  const inOrder = flags.has('U') ? [...entries] : entries.toSorted(order);
  return flags.has('r') ? inOrder.reverse() : inOrder;
}

/** Kibibytes that a file takes on a disk of pages. */
const blocks = (stat: FsStat): number => (stat.isSymbolicLink ? 0 : Math.ceil(sizeOf(stat) / FOLDER_BYTES) * 4);

const sizeOf = ({ isDirectory, size }: FsStat): number => (isDirectory ? FOLDER_BYTES : size);

function lines(entries: readonly Entry[], options: Options): string {
  const { flags } = options;
  const rows = flags.has('l') ? longRows(entries, options) : entries.map(({ name, stat }) => name + mark(stat, flags));
  return rows.map((row) => `${row}\n`).join('');
}

/** Files have no owners here: all are root's. */
function longRows(entries: readonly Entry[], { flags, flavour, nowMs }: Options): string[] {
  const owner = flags.has('n') ? '0' : 'root';
  const size = ({ stat }: Entry) => (flags.has('h') ? humanSize(sizeOf(stat)) : String(sizeOf(stat)));
  const width = Math.max(...entries.map((entry) => size(entry).length));
  const pad = (word: string) => (flavour === 'busybox' ? word.padEnd(8) : word);
  const owners = [...(flags.has('g') ? [] : [pad(owner)]), ...(flags.has('o') ? [] : [pad(owner)])].join(' ');
  return entries.map((entry) => {
    const { name, stat, target } = entry;
    const links = flavour === 'busybox' ? '   1' : '1';
    const length = size(entry).padStart(flavour === 'busybox' ? 9 : width);
    const where = target === undefined ? mark(stat, flags) : ` -> ${target}`;
    return `${modeText(stat)} ${links} ${owners} ${length} ${timeText(stat.mtime.getTime(), nowMs)} ${name}${where}`;
  });
}

function mark({ isDirectory, isSymbolicLink, mode }: FsStat, flags: ReadonlySet<string>): string {
  if (isDirectory) return flags.has('F') || flags.has('p') ? '/' : '';
  if (!flags.has('F')) return '';
  return isSymbolicLink ? '@' : (mode & 0o111) > 0 ? '*' : '';
}

/** `drwxr-xr-t`. */
export function modeText({ isDirectory, isSymbolicLink, mode }: FsStat): string {
  if (isSymbolicLink) return 'lrwxrwxrwx';
  const bits = [6, 3, 0].map((shift) => {
    const three = (mode >> shift) & 7;
    return `${three & 4 ? 'r' : '-'}${three & 2 ? 'w' : '-'}${three & 1 ? 'x' : '-'}`;
  });
  const text = bits.join('');
  const sticky = (mode & 0o1000) > 0 ? (text.endsWith('x') ? 't' : 'T') : undefined;
  return `${isDirectory ? 'd' : '-'}${sticky ? text.slice(0, -1) + sticky : text}`;
}

function humanSize(bytes: number): string {
  let size = bytes;
  let unit = '';
  for (const next of ['K', 'M', 'G', 'T']) {
    if (size < 1024) break;
    size /= 1024;
    unit = next;
  }
  if (unit === '') return String(bytes);
  return `${size < 10 ? (Math.ceil(size * 10) / 10).toFixed(1) : Math.ceil(size)}${unit}`;
}

/** `Dec  1 03:42`; the year instead of the time where it is more than half a year away. */
function timeText(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const two = (number: number, fill: string) => String(number).padStart(2, fill);
  const day = `${MONTHS[at.getUTCMonth()] ?? ''} ${two(at.getUTCDate(), ' ')}`;
  const isNear = atMs <= nowMs && nowMs - atMs < HALF_YEAR_MS;
  return `${day} ${isNear ? `${two(at.getUTCHours(), '0')}:${two(at.getUTCMinutes(), '0')}` : ` ${at.getUTCFullYear()}`}`;
}
