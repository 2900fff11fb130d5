// Builds out/: the window, the desktop entry with its preload, and the programs for plain Node. What is up to date is left.
// usage: node scripts/build.mjs [window] [desktop] [host] [--force] [--quiet]
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, 'out');

/** Each part: what it is made from, and a file that shows that it is there. */
const parts = {
  window: { inputs: ['src-common', 'src-renderer', 'resources'], result: 'renderer/index.html' },
  desktop: { inputs: ['src-common', 'src-main', 'src-preload', 'resources'], result: 'main/electron.js' },
  host: { inputs: ['src-common', 'src-main', 'resources'], result: 'host/cli.cjs' },
};
const settings = [
  'package.json',
  'package-lock.json',
  'electron.vite.config.ts',
  'vite.host.config.ts',
  'scripts/build.mjs',
];

/** Brings the named parts (all unless given) up to date; answers those that were built. */
export async function build(names = Object.keys(parts), { force = false, log = () => {} } = {}) {
  if (!force && stale(names).length === 0) return [];
  const unlock = await lock();
  try {
    if (force)
      for (const name of names) rmSync(join(out, dirname(parts[name].result)), { recursive: true, force: true });
    // Another build may have done it meanwhile.
    const wanted = force ? names : stale(names);
    for (const name of wanted) {
      const started = performance.now();
      const stamp = stampOf(name);
      await builders[name]();
      writeStamp(name, stamp);
      log(`built ${name} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    }
    return wanted;
  } finally {
    unlock();
  }
}

const builders = {
  window: () => buildWithElectronVite(['renderer']),
  desktop: () => buildWithElectronVite(['main', 'preload']),
  host: async () => {
    const { build } = await import('vite');
    await build({ root, configFile: join(root, 'vite.host.config.ts'), logLevel: 'warn' });
    dropOldFiles(join(out, 'host'));
  },
};

/** A program that runs goes on loading parts of the build it was started from, so they stay for a day. */
const KEPT_MS = 24 * 60 * 60 * 1000;

function dropOldFiles(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (Date.now() - statSync(path).mtimeMs > KEPT_MS) rmSync(path);
  }
}

async function buildWithElectronVite(targets) {
  const [{ build }, { resolveConfig }] = await Promise.all([import('vite'), import('electron-vite')]);
  const configFile = join(root, 'electron.vite.config.ts');
  const { config } = await resolveConfig({ root, configFile, logLevel: 'warn' }, 'build', 'production');
  for (const target of targets) await build({ ...config[target], configFile: false });
}

/** Those of the named parts that are missing or older than what they are made from. */
export function stale(names) {
  const stamps = readStamps();
  return names.filter((name) => !existsSync(join(out, parts[name].result)) || stamps[name] !== stampOf(name));
}

/** A hash over the content of everything the part is made from. Tests are no part of it. */
function stampOf(name) {
  const hash = createHash('sha1');
  for (const input of [...settings, ...parts[name].inputs]) addToHash(hash, input);
  return hash.digest('hex');
}

function addToHash(hash, path) {
  const full = join(root, path);
  if (!existsSync(full) || path.endsWith('.test.ts')) return;
  if (statSync(full).isDirectory()) {
    for (const entry of readdirSync(full).toSorted()) addToHash(hash, `${path}/${entry}`);
  } else {
    hash.update(path).update('\0').update(readFileSync(full)).update('\0');
  }
}

const stampFile = join(out, '.stamp.json');

function readStamps() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {};
  }
}

function writeStamp(name, stamp) {
  writeFileSync(stampFile, `${JSON.stringify({ ...readStamps(), [name]: stamp }, undefined, 2)}\n`);
}

/** One build at a time; the folder of a build that was killed is taken over. */
async function lock() {
  const folder = join(out, '.building');
  mkdirSync(out, { recursive: true });
  for (;;) {
    try {
      mkdirSync(folder);
      break;
    } catch (failure) {
      if (failure.code !== 'EEXIST') throw failure;
      if (!isHeld(folder)) rmSync(folder, { recursive: true, force: true });
      else await delay(100);
    }
  }
  writeFileSync(join(folder, 'pid'), String(process.pid));
  return () => rmSync(folder, { recursive: true, force: true });
}

function isHeld(folder) {
  try {
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 0);
    return true;
  } catch (failure) {
    if (failure.code === 'EPERM') return true;
    // Its owner has not written its number yet, unless that is long ago.
    return failure.code === 'ENOENT' && existsSync(folder) && Date.now() - statSync(folder).mtimeMs < 2000;
  }
}

async function main(args) {
  const unknown = args.filter((arg) => !(arg in parts) && arg !== '--force' && arg !== '--quiet');
  if (unknown.length > 0) {
    console.error(`There is no part "${unknown[0]}". Parts: ${Object.keys(parts).join(', ')}.`);
    return 2;
  }
  const names = args.filter((arg) => arg in parts);
  const log = args.includes('--quiet') ? () => {} : console.log;
  const built = await build(names.length > 0 ? names : undefined, { force: args.includes('--force'), log });
  if (built.length === 0) log('everything is up to date');
  return 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.argv.slice(2)).catch((failure) => {
    console.error(failure.message ?? failure);
    return 1;
  });
}
