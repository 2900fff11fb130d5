/** Commands that make data of nothing: `yes`, readers of devices, and what becomes of a pipeline that begins with one. Pure. */
import type { Stage } from './pure-commands';

/** The command of a thread that makes the first bytes of a source. */
export const SOURCE = '__source';

export type Flow =
  /** It ends by itself. */
  | { kind: 'ends'; stages: readonly Stage[] }
  /** It goes on until somebody stops it; it may keep what it reads, or print a line again and again. */
  | { kind: 'endless'; hoards: boolean; prints: string | undefined };

type Source = { of: 'lines'; text: string } | { of: 'zero' | 'random' };

const DEVICE = /^\/dev\/(zero|u?random)$/;
/** Keep everything that has come until the end, or until a line ends. */
const HOARDERS: ReadonlySet<string> = new Set(['sort', 'tac']);
const LINE_HOARDERS: ReadonlySet<string> = new Set([...HOARDERS, 'tail', 'grep', 'sed', 'awk', 'rev', 'uniq', 'cut']);

/** What becomes of a pipeline. */
export function flowOf(stages: readonly Stage[]): Flow {
  const [first, next, ...rest] = stages;
  const source = first && sourceOf(first);
  if (!first || !source) return { kind: 'ends', stages };
  const own = amountOf(first);
  if (own !== undefined && isDevice(source)) return { kind: 'ends', stages: [made(source, own), ...stages.slice(1)] };
  const taken = next && amountOf(next);
  // The one that takes the first part passes on just what was made for it.
  if (taken !== undefined) return { kind: 'ends', stages: [{ ...made(source, taken), ...outputOf(next) }, ...rest] };
  const keeps = source.of === 'lines' ? HOARDERS : LINE_HOARDERS;
  const hoards = stages.some(({ words: [name = ''] }) => keeps.has(name));
  const prints = stages.length === 1 && source.of === 'lines' && !first.output ? source.text : undefined;
  return { kind: 'endless', hoards, prints };
}

const outputOf = (stage: Stage | undefined): Partial<Stage> => (stage?.output ? { output: stage.output } : {});
const isDevice = ({ of }: Source): boolean => of !== 'lines';

function sourceOf({ words: [name = '', ...args] }: Stage): Source | undefined {
  if (name === 'yes') return { of: 'lines', text: `${args.join(' ') || 'y'}\n` };
  for (const word of args) {
    const [, device] = DEVICE.exec(word) ?? [];
    if (device) return { of: device === 'zero' ? 'zero' : 'random' };
  }
  return undefined;
}

interface Amount {
  count: number;
  unit: 'bytes' | 'lines';
}

const UNITS: Readonly<Record<string, number>> = {
  b: 512,
  k: 2 ** 10,
  K: 2 ** 10,
  kB: 1000,
  KB: 1000,
  m: 2 ** 20,
  M: 2 ** 20,
  MB: 1e6,
  g: 2 ** 30,
  G: 2 ** 30,
  GB: 1e9,
};

/** How much `head` takes. */
function amountOf({ words: [name, ...args] }: Stage): Amount | undefined {
  if (name !== 'head') return undefined;
  const text = args.filter((word) => !word.startsWith('/')).join(' ');
  const [, letter = 'n', number, unit = ''] = /^-(?:-bytes=|-lines=|([nc]) ?)?(\d+)([a-zA-Z]*)$/.exec(text) ?? [];
  if (text === '') return { count: 10, unit: 'lines' };
  if (number === undefined) return undefined;
  const isBytes = letter === 'c' || text.startsWith('--bytes');
  return { count: Number(number) * (UNITS[unit] ?? 1), unit: isBytes ? 'bytes' : 'lines' };
}

function made(source: Source, { count, unit }: Amount): Stage {
  const text = source.of === 'lines' ? source.text : '';
  return { words: [SOURCE, source.of, unit, String(count), text] };
}

/** A number with a unit as the core utilities read it: `1M`, `512`, `4k`. */
export function sizeOf(word: string): number {
  const [, number, unit = ''] = /^(\d+)([a-zA-Z]*)$/.exec(word) ?? [];
  return Number(number) * (unit === '' ? 1 : (UNITS[unit] ?? Number.NaN));
}
