import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Clock } from '#common/base/clock';

export interface ProgramRun {
  /** Absolute path. */
  file: string;
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  timeoutMs: number;
  clock: Clock;
  signal?: AbortSignal | undefined;
}

export interface ProgramResult {
  /** Exit code; undefined when a signal ended it. */
  code: number | undefined;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

/** More output than any credential is long; what comes after is dropped. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** Runs a program without a shell and without input, and gathers what it prints. Rejects only when it cannot be started. */
export function runProgram({ file, args, env, timeoutMs, clock, signal }: ProgramRun): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...args], { env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true, signal });
    const stdout = gather(child.stdout);
    const stderr = gather(child.stderr);
    let timedOut = false;
    const timer = clock.after(timeoutMs, () => {
      timedOut = true;
      child.kill();
    });
    child.once('error', (failure) => {
      timer[Symbol.dispose]();
      reject(signal?.aborted ? signal.reason : failure);
    });
    child.once('close', (code) => {
      timer[Symbol.dispose]();
      resolve({ code: code ?? undefined, stdout: stdout(), stderr: stderr(), timedOut });
    });
  });
}

function gather(stream: NodeJS.ReadableStream): () => string {
  const parts: Buffer[] = [];
  let size = 0;
  stream.on('data', (part: Buffer) => {
    if (size < MAX_OUTPUT_BYTES) parts.push(part);
    size += part.length;
  });
  return () => Buffer.concat(parts).toString('utf8');
}

/** The executable that `command` stands for on the PATH of `env`, or nothing. A command with a folder in it is looked at itself. */
export async function findExecutable(
  command: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const folders = /[\\/]/.test(command) ? [''] : searchPath(env);
  for (const folder of folders) {
    for (const extension of executableExtensions(env)) {
      const candidate = folder ? join(folder, command + extension) : command + extension;
      if (await isExecutable(candidate)) return candidate;
    }
  }
  return undefined;
}

/** The folders of the PATH in their order. */
export function searchPath(env: Readonly<Record<string, string | undefined>>): string[] {
  return (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => folder !== '');
}

function executableExtensions(env: Readonly<Record<string, string | undefined>>): string[] {
  if (process.platform !== 'win32') return [''];
  return ['', ...(env['PATHEXT'] ?? '.COM;.EXE').split(';')];
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
