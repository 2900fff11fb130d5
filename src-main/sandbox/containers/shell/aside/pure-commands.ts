/**
 * Commands of the library that depend on nothing but their words, their input and files, and where they are to run: what
 * is surely done within a few milliseconds runs on the cluster's own thread, everything else in a thread beside it. Pure.
 */

import { SOURCE } from './sources';

/** One command of a pipeline: its words, and where its errors go when not where those of the shell do. */
export interface Stage {
  words: readonly string[];
  errors?: 'dropped' | 'joined';
  /** What it prints is not wanted. */
  output?: 'dropped';
}

/** Measured on one core: so many bytes take these about five milliseconds. */
const QUICK_BYTES = 32_768;
/** The same for those that interpret a program, or compare everything with everything. */
const SLOW_BYTES = 4096;

/** Commands that read their input once. */
const QUICK = [
  'cat',
  'head',
  'tail',
  'wc',
  'cut',
  'tr',
  'rev',
  'nl',
  'fold',
  'expand',
  'unexpand',
  'paste',
  'tac',
  'base64',
  'md5sum',
  'sha1sum',
  'sha256sum',
  'od',
  'strings',
  'uniq',
  'tee',
];
const SLOW = [
  'sort',
  'grep',
  'fgrep',
  'egrep',
  'sed',
  'awk',
  'jq',
  'yq',
  'diff',
  'comm',
  'join',
  'column',
  'split',
  'gzip',
  'gunzip',
  'zcat',
];
/** Commands that make output of nothing. */
const SOURCES = ['echo', 'printf', 'seq', 'yes'];

export const PURE_COMMANDS: ReadonlySet<string> = new Set([...QUICK, ...SLOW, ...SOURCES]);
const SLOW_COMMANDS: ReadonlySet<string> = new Set(SLOW);
/** Of these even little input may become much. */
const MOST_PACKED_BYTES = 1024;
const PACKED: ReadonlySet<string> = new Set(['gunzip', 'zcat']);
/** Most numbers that `seq` makes at once. */
const MOST_NUMBERS = 1000;

/** Loops of awk, but for those over the keys of an array; commands it starts are not counted among them. */
const AWK_LOOP = /\b(?:while|do|function|func)\b|\bfor\s*\([^)]*;|%\*|%-?\d{4,}/;
const SED_JUMP = /(?:^|[;{}\n\s/\d$])[btTD](?:\s|;|$|\}|\w)/;
const JQ_LOOP = /\b(?:range|recurse|while|until|repeat|def|limit|combinations|input|inputs)\b/;

/** The words as the library's command understands them: its `tr` knows no octal escapes. */
export function libraryWords([name = '', ...args]: readonly string[]): string[] {
  if (name !== 'tr') return [name, ...args];
  const character = (_: string, octal: string) => String.fromCharCode(Number.parseInt(octal, 8));
  return [name, ...args.map((word) => word.replaceAll(/\\([0-7]{1,3})/g, character))];
}

/** Where a pipeline runs that reads so many bytes, files and input together. */
export function placeOf(stages: readonly Stage[], inputBytes: number): 'here' | 'aside' {
  let bytes = inputBytes;
  for (const { words } of stages) {
    const [name = '', ...args] = words;
    if (hasLoop(name, args)) return 'aside';
    bytes += madeBytes(name, args);
    if (bytes > mostBytes(name)) return 'aside';
  }
  return 'here';
}

function mostBytes(name: string): number {
  if (PACKED.has(name)) return MOST_PACKED_BYTES;
  return SLOW_COMMANDS.has(name) ? SLOW_BYTES : QUICK_BYTES;
}

function hasLoop(name: string, args: readonly string[]): boolean {
  if (name === 'awk') return args.some((word) => AWK_LOOP.test(word));
  if (name === 'sed') return args.some((word) => !word.startsWith('-') && isLoopOfSed(word));
  if (name === 'jq' || name === 'yq') return args.some((word) => JQ_LOOP.test(word));
  return false;
}

/** A program with a label may jump back; substitutions and addresses have none. */
const isLoopOfSed = (program: string): boolean => /:\s*\w/.test(program) && SED_JUMP.test(program);

/** Bytes that come of words alone, about. */
function madeBytes(name: string, args: readonly string[]): number {
  if (name === 'printf') return args.some((word) => /%-?0?(?:\*|\d{4,})/.test(word)) ? Infinity : lengthOf(args);
  if (name === SOURCE) return sourceBytes(args);
  if (name === 'echo') return lengthOf(args);
  if (name !== 'seq') return 0;
  const numbers = args.map(Number).filter((number) => !Number.isNaN(number));
  const [first, step, last] =
    numbers.length >= 3 ? numbers : numbers.length === 2 ? [numbers[0], 1, numbers[1]] : [1, 1, numbers[0]];
  const count = ((last ?? 0) - (first ?? 0)) / (step ?? 1);
  return count > MOST_NUMBERS || Number.isNaN(count) ? Infinity : Math.max(0, count) * 4;
}

function sourceBytes([, unit, count, text = '']: readonly string[]): number {
  return Number(count) * (unit === 'lines' ? Math.max(text.length, 1) : 1);
}

const lengthOf = (words: readonly string[]): number => words.reduce((sum, word) => sum + word.length, 0);

/** Words that may name a file that is read. */
export function fileWords(stages: readonly Stage[]): string[] {
  return stages.flatMap(({ words: [name = '', ...args] }) => {
    if (SOURCES.includes(name)) return [];
    return args.filter((word) => word !== '' && word.length < 4096 && !word.startsWith('-'));
  });
}
