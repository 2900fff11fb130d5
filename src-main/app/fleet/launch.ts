import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '#common/base/errors';
import { fromWireError, type WireError } from '#common/contract/wire';
import { readIfThere } from '#main/base/files';
import type { SandboxRecord } from './record';
import type { ServeOptions } from './serve-sandbox';

/** How the process of a sandbox cluster is started on this host. */
export interface SandboxProgram {
  /** The Node (or Electron) that runs it. */
  execPath: string;
  /** The built `sandbox-process.cjs`. */
  entry: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Where it writes what it says. */
  logs: string;
  /** It ends with this process instead of going on by itself. */
  owned: boolean;
}

/** What the process says to whoever started it, once. */
export type FirstWord = { type: 'claimed' | 'joined'; record: SandboxRecord } | { type: 'refused'; error: WireError };

/** How much of its log a failure shows. */
const LAST_OUTPUT_CHARS = 4000;

/** Starts a process for a sandbox cluster; answers the record of the one that serves it now, this or an earlier one. */
export async function launchSandbox(
  program: SandboxProgram,
  options: ServeOptions,
): Promise<{ record: SandboxRecord; joined: boolean }> {
  const child = await startProcess(program, options);
  const word = await firstWord(child);
  if (!program.owned || word?.type !== 'claimed') letGo(child);
  if (!word) throw await failedStart(program, options.name, child);
  if (word.type === 'refused') throw fromWireError(word.error);
  return { record: word.record, joined: word.type === 'joined' };
}

export function logPathOf(logs: string, name: string): string {
  return join(logs, `sandbox-${name}.log`);
}

async function startProcess(program: SandboxProgram, options: ServeOptions): Promise<ChildProcess> {
  const { execPath, entry, env, logs, owned } = program;
  await mkdir(logs, { recursive: true, mode: 0o700 });
  const log = await open(logPathOf(logs, options.name), 'w', 0o600);
  try {
    return spawn(execPath, [entry, options.name, JSON.stringify({ ...options, owned })], {
      env,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
    });
  } finally {
    await log.close();
  }
}

/** Nothing when it ended without a word. */
function firstWord(child: ChildProcess): Promise<FirstWord | undefined> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as FirstWord));
    child.once('exit', () => resolve(undefined));
    child.once('error', reject);
  });
}

/** The process goes on without us, and we without it. */
function letGo(child: ChildProcess): void {
  if (child.connected) child.disconnect();
  child.unref();
}

async function failedStart(program: SandboxProgram, name: string, child: ChildProcess): Promise<Problem> {
  const path = logPathOf(program.logs, name);
  const said = (await readIfThere(path))?.trim().slice(-LAST_OUTPUT_CHARS);
  const how = child.signalCode ? `signal ${child.signalCode}` : `exit code ${child.exitCode ?? 'unknown'}`;
  return new Problem('sandbox-failed', `The process of the sandbox cluster ${name} ended at once (${how}).`, {
    nextStep: `What it said is in ${path}.`,
    ...(said ? { details: said } : {}),
  });
}
