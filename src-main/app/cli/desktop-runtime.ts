import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { writeAtomically } from '#main/base/files';

/** Looking for Electron never imports its package: outside Electron that begins a download by itself. */

/** Where its runtime comes from. */
const SOURCE_HOST = 'github.com';
const REACH_MS = 2500;
/** 110 MB at 10 Mbit/s, and a little. */
const FETCH_MS = 120_000;
/** A failed try is not repeated at each start. */
const RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

export interface RuntimeSearch {
  /** The folder that holds node_modules: the program's own. */
  root: string;
  env: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  /** Effective user number; undefined on Windows. */
  uid: number | undefined;
}

/** Why there can be no desktop window here, whatever is installed. */
export function noDesktopReason({ env, platform, uid }: Omit<RuntimeSearch, 'root'>): string | undefined {
  if (platform !== 'linux') return undefined;
  if (!env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return 'there is no display';
  if (uid === 0) return 'Electron does not run as root';
  return undefined;
}

/** The Electron executable, if its runtime is there. */
export async function findRuntime({ root, env }: Pick<RuntimeSearch, 'root' | 'env'>): Promise<string | undefined> {
  const folder = packageFolder(root);
  const executable = await readFile(join(folder, 'path.txt'), 'utf8').catch(() => undefined);
  const dist = env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(folder, 'dist');
  const path = join(dist, executable ?? (process.platform === 'win32' ? 'electron.exe' : 'electron'));
  return existsSync(path) ? path : undefined;
}

/** True when a try to fetch the runtime makes sense: its package is there, and it did not just fail. */
export async function mayFetch(
  { root, env }: Pick<RuntimeSearch, 'root' | 'env'>,
  note: string,
  nowMs: number,
): Promise<boolean> {
  if (env['CI'] || env['PILOTHOUSE_NO_DOWNLOAD'] || !existsSync(join(packageFolder(root), 'install.js'))) return false;
  const failed = await stat(note).catch(() => undefined);
  return (!failed || nowMs - failed.mtimeMs > RETRY_AFTER_MS) && (await canReach(SOURCE_HOST));
}

/** Lets Electron's own installer fetch the runtime; answers whether it is there now. */
export async function fetchRuntime({ root, env }: Pick<RuntimeSearch, 'root' | 'env'>, note: string): Promise<boolean> {
  const installer = join(packageFolder(root), 'install.js');
  const done = await new Promise<boolean>((resolve) => {
    const child = spawn(process.execPath, [installer], { env, stdio: 'ignore', timeout: FETCH_MS, windowsHide: true });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
  if (!done) await writeAtomically(note, 'The desktop runtime could not be fetched at the time of this file.\n');
  return done;
}

function packageFolder(root: string): string {
  return join(root, 'node_modules', 'electron');
}

function canReach(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 443, timeout: REACH_MS });
    const answer = (reached: boolean) => {
      socket.destroy();
      resolve(reached);
    };
    socket.once('connect', () => answer(true));
    socket.once('timeout', () => answer(false));
    socket.once('error', () => answer(false));
  });
}
