import type { ImageProfile } from './image-profile';

/** What an image is built on: which tools it has besides its own. */
export type ImageBase = 'debian' | 'alpine' | 'busybox' | 'distroless' | 'everything';

/** Present wherever there is a shell. */
const EVERYWHERE = [
  'hostname',
  'whoami',
  'id',
  'uname',
  'nproc',
  'kill',
  'sleep',
  'date',
  'tail',
  'tar',
  'ulimit',
  'umask',
  'jobs',
  'sync',
  'mount',
  'df',
  'chown',
  'chgrp',
  'sysctl',
];
const BUSYBOX = [
  'ps',
  'pidof',
  'free',
  'wget',
  'nslookup',
  'nc',
  'ping',
  'telnet',
  'ip',
  'ifconfig',
  'route',
  'netstat',
  'uptime',
  'top',
];
const TOOLS: Readonly<Record<ImageBase, readonly string[]>> = {
  debian: [...EVERYWHERE, 'getent'],
  alpine: [...EVERYWHERE, ...BUSYBOX, 'getent'],
  busybox: [...EVERYWHERE, ...BUSYBOX],
  distroless: [],
  everything: [...EVERYWHERE, ...BUSYBOX, 'getent', 'curl', 'dig', 'host', 'ncat', 'ss'],
};
/** Commands of the library that no ordinary image has, or that need what a sandbox does not give. */
const NOT_IN_IMAGES = new Set([
  'bash',
  'sh',
  'python3',
  'python',
  'js-exec',
  'sqlite3',
  'jq',
  'yq',
  'rg',
  'tree',
  'xan',
  'html-to-markdown',
  'curl',
  'sponge',
  'node',
]);

const baseOf = ({ base, openEnded }: ImageProfile): ImageBase => base ?? (openEnded ? 'everything' : 'debian');

let library: Promise<readonly string[]> | undefined;

/** The library's commands that an image may use. */
export function libraryCommands(profile: ImageProfile): Promise<readonly string[]> {
  library ??= import('just-bash').then(({ getCommandNames }) => getCommandNames());
  return library.then((names) => names.filter((name) => !NOT_IN_IMAGES.has(name) || profile.tools?.includes(name)));
}

/** Words of the shell that are programs too. */
export const SHELL_WORDS: ReadonlySet<string> = new Set([
  'test',
  '[',
  'echo',
  'printf',
  'true',
  'false',
  'pwd',
  'kill',
]);

const programNames = new WeakMap<ImageProfile, Promise<ReadonlySet<string>>>();

/** The names of all executables of an image: its own, its tools, its shells. */
export function programsOf(profile: ImageProfile): Promise<ReadonlySet<string>> {
  let names = programNames.get(profile);
  if (!names) programNames.set(profile, (names = namesOf(profile)));
  return names;
}

async function namesOf(profile: ImageProfile): Promise<ReadonlySet<string>> {
  const { programs = {}, tools = [], shells = [] } = profile;
  const own = [...Object.keys(programs), ...tools, ...shells];
  if (profile.shells?.length === 0) return new Set(own);
  const common = (await libraryCommands(profile)).filter((name) => hasTool(profile, name));
  return new Set([...own, ...SHELL_WORDS, ...TOOLS[baseOf(profile)], ...common]);
}

/** True when an image has a program of this name; with `only`, when its profile names it itself. */
export function hasTool(profile: ImageProfile, name: string, { only = false } = {}): boolean {
  if (profile.tools?.includes(name)) return true;
  if (only) return false;
  if (TOOLS[baseOf(profile)].includes(name)) return true;
  return !SANDBOX_TOOLS.has(name) && !NOT_IN_IMAGES.has(name) && LIBRARY_TOOLS.has(name);
}

/** Tools that an image has only when its base or its profile says so. */
const SANDBOX_TOOLS = new Set([
  ...TOOLS.everything,
  'mysql',
  'mysqladmin',
  'mysqldump',
  'psql',
  'pg_isready',
  'redis-cli',
  'xtrabackup',
  'xbstream',
]);
/** What coreutils and their like bring, which the library has too. */
const LIBRARY_TOOLS = new Set([
  'ls',
  'cat',
  'mkdir',
  'rmdir',
  'touch',
  'rm',
  'cp',
  'mv',
  'ln',
  'chmod',
  'readlink',
  'head',
  'wc',
  'stat',
  'grep',
  'fgrep',
  'egrep',
  'sed',
  'awk',
  'sort',
  'uniq',
  'comm',
  'cut',
  'paste',
  'tr',
  'rev',
  'nl',
  'fold',
  'expand',
  'unexpand',
  'split',
  'column',
  'join',
  'tee',
  'find',
  'basename',
  'dirname',
  'du',
  'env',
  'printenv',
  'alias',
  'unalias',
  'xargs',
  'true',
  'false',
  'clear',
  'seq',
  'expr',
  'md5sum',
  'sha1sum',
  'sha256sum',
  'file',
  'gzip',
  'gunzip',
  'zcat',
  'timeout',
  'base64',
  'diff',
  'od',
  'strings',
  'which',
  'tac',
  'time',
  'dd',
  'fallocate',
  'truncate',
  'yes',
  'mktemp',
  'realpath',
]);
