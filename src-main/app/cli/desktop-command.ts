import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { systemClock } from '#main/base/system-clock';
import { programFolders } from '../fleet/folders';
import { fetchRuntime, findRuntime, mayFetch, noDesktopReason } from './desktop-runtime';
import type { Program } from './program';
import type { Terminal } from './terminal';
import { serveWeb } from './web-command';

/** A runtime that cannot live here (a missing library, no display server) ends within this. */
const EARLY_END_MS = 5000;

/** Opens the desktop window; where there can be none, says so in one line and serves a browser. */
export async function openDesktop({ open }: { open: boolean }, program: Program): Promise<number> {
  const { out, terminal } = program;
  const runtime = await desktopRuntime(dirname(out), terminal);
  if ('path' in runtime) {
    const code = await runDesktop(runtime.path, dirname(out));
    if (code !== undefined) return code;
    terminal.err('The desktop window did not open: Electron ended at once. A browser is used instead.');
  } else {
    terminal.err(`No desktop window here: ${runtime.reason}. A browser is used instead.`);
  }
  return serveWeb({ port: 0, open }, program);
}

async function desktopRuntime(root: string, terminal: Terminal): Promise<{ path: string } | { reason: string }> {
  const { env, platform } = process;
  const reason = noDesktopReason({ env, platform, uid: process.geteuid?.() });
  if (reason) return { reason };
  const present = await findRuntime({ root, env });
  if (present) return { path: present };
  const note = join(programFolders().state, 'desktop-runtime-failed');
  if (await mayFetch({ root, env }, note, systemClock.now())) {
    terminal.err('Fetching the desktop runtime (Electron, about 110 MB, once) …');
    await fetchRuntime({ root, env }, note);
  }
  const fetched = await findRuntime({ root, env });
  return fetched ? { path: fetched } : { reason: "Electron's runtime is not installed" };
}

/** The exit code, or nothing when it ended before a window could have been used. */
function runDesktop(executable: string, root: string): Promise<number | undefined> {
  const started = systemClock.now();
  return new Promise((resolve) => {
    const child = spawn(executable, [root], { stdio: 'inherit', windowsHide: false });
    const stop = () => child.kill();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
    child.once('error', () => resolve(undefined));
    child.once('exit', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, stop);
      const isEarly = systemClock.now() - started < EARLY_END_MS;
      if (code !== 0 && isEarly && signal !== 'SIGINT' && signal !== 'SIGTERM') resolve(undefined);
      else resolve(code ?? 1);
    });
  });
}
