import type { Duplex } from 'node:stream';
import type { Bash, IFileSystem } from 'just-bash';
import { sleep } from '#common/base/clock';
import { messageOf } from '#common/base/errors';
import type { ExitStatus } from '#main/base/process-streams';
import type { ContainerSpec } from '../container';
import type { ProcessPipe } from '../process-pipe';
import { ScriptRunner } from './script-runner';
import { shellCommands } from './shell-commands';
import { baseName, isShell, quoteWords, readsInput, shellTask } from './shell-words';
import { runTerminalShell } from './terminal-shell';

export interface ContainerShellOptions {
  spec: ContainerSpec;
  mainCommand: string;
  fs: () => Promise<IFileSystem>;
  connect: (host: string, port: number) => Promise<Duplex>;
  runProgram: (name: string, signal: AbortSignal) => Promise<number>;
}

export interface RunOptions {
  signal: AbortSignal;
  write: (stream: 'stdout' | 'stderr', text: string) => void;
  stdin?: string;
}

/** One script may run this many commands and turns between two pauses; loops at the top of a script are not counted. */
const LIMITS = { maxCommandCount: 20_000, maxLoopIterations: 20_000, maxExecutionTimeMs: 2 ** 31 - 1 };
const OWN_COMMANDS = ['hostname', 'whoami', 'id', 'uname', 'nproc', 'ps', 'sleep', 'tail', 'wget', 'curl', 'nc'];
/** Programs of every image that the library has only as words of the shell. */
const SHELL_WORDS = ['test', '[', 'echo', 'printf', 'true', 'false', 'pwd'];
const HIDDEN = ['redis-cli', 'python3', 'python', 'js-exec', 'sqlite3'];

/** Runs commands in the files and with the environment of one container. */
export class ContainerShell {
  readonly #options: ContainerShellOptions;

  constructor(options: ContainerShellOptions) {
    this.#options = options;
  }

  /** True when the container has an executable of this name. */
  async knows(word: string): Promise<boolean> {
    const { getCommandNames } = await import('just-bash');
    const { profile } = this.#options.spec;
    const name = baseName(word);
    if (isShell(name)) return profile.openEnded === true || (profile.shells ?? []).includes(name);
    if (profile.programs?.[name]) return true;
    if (profile.shells?.length === 0) return false;
    if (name === 'redis-cli') return profile.programs?.['redis-server'] !== undefined;
    if (word.includes('/') && (await (await this.#options.fs()).exists(word))) return true;
    if (OWN_COMMANDS.includes(name) || SHELL_WORDS.includes(name)) return true;
    return getCommandNames().some((each) => each === name) && !HIDDEN.includes(name);
  }

  /** Why the first word cannot be run, as runc says it. */
  async missingExecutable([word = '']: readonly string[]): Promise<string | undefined> {
    if (this.#options.spec.profile.openEnded || (await this.knows(word))) return undefined;
    if (word.includes('/')) return `exec: "${word}": stat ${word}: no such file or directory`;
    return `exec: "${word}": executable file not found in $PATH`;
  }

  /** Runs words as a process: shells get their script, everything else is one command. */
  async run(argv: readonly string[], options: RunOptions): Promise<number> {
    const { spec } = this.#options;
    if (!isShell(argv[0])) return (await this.#runner(options)).run(quoteWords(argv));
    const task = shellTask(argv.slice(1));
    if (task.kind === 'interactive') return (await this.#runner({ ...options, stdin: '' })).run(options.stdin ?? '');
    if (task.kind === 'script') return (await this.#runner(options, task.positional)).run(task.script);
    const fs = await this.#options.fs();
    const path = fs.resolvePath(spec.workingDir ?? '/', task.path);
    if (!(await fs.exists(path))) {
      options.write('stderr', `sh: can't open '${task.path}': No such file or directory\n`);
      return 2;
    }
    return (await this.#runner(options, [task.path, ...task.positional])).run(await fs.readFile(path));
  }

  /** Runs a command for someone outside; never rejects: what goes wrong becomes its exit. */
  async exec(pipe: ProcessPipe, argv: readonly string[], mode: { stdin: boolean; tty: boolean }): Promise<ExitStatus> {
    const status = await this.#execStatus(pipe, argv, mode).catch((failure) => ({
      code: 1,
      message: messageOf(failure),
    }));
    pipe.finish(status);
    return status;
  }

  async #execStatus(
    pipe: ProcessPipe,
    argv: readonly string[],
    { stdin, tty }: { stdin: boolean; tty: boolean },
  ): Promise<ExitStatus> {
    const missing = await this.missingExecutable(argv);
    if (missing) {
      const message =
        'failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: ' +
        `unable to start container process: ${missing}`;
      return { code: missing.includes('stat ') ? 126 : 127, message };
    }
    const isTerminal = tty && stdin && isShell(argv[0]) && shellTask(argv.slice(1)).kind === 'interactive';
    if (isTerminal) return { code: await this.#terminal(pipe) };
    const input = stdin && readsInput(argv) ? await readAll(pipe.stdin) : '';
    const ending = tty ? '\r\n' : '\n';
    const write = (stream: 'stdout' | 'stderr', text: string) =>
      void pipe.write(tty ? 'stdout' : stream, outputBytes(ending === '\n' ? text : text.replaceAll('\n', ending)));
    return { code: await this.run(argv, { signal: pipe.signal, write, stdin: input }) };
  }

  async #terminal(pipe: ProcessPipe): Promise<number> {
    const write = (_stream: string, text: string) => void pipe.write('stdout', text.replaceAll('\n', '\r\n'));
    const runner = await this.#runner({ signal: pipe.signal, write });
    return runTerminalShell({
      pipe,
      prompt: () => `${runner.cwd} # `,
      run: (line, signal) => runner.runLine(line, AbortSignal.any([pipe.signal, signal])),
      complete: (start, isFirst) => this.#complete(runner.cwd, start, isFirst),
    });
  }

  async #complete(cwd: string, start: string, isFirst: boolean): Promise<string[]> {
    const { getCommandNames } = await import('just-bash');
    if (isFirst && !start.includes('/')) {
      const names = [...OWN_COMMANDS, ...getCommandNames()].filter((name) => !HIDDEN.includes(name));
      return [...new Set(names)].filter((name) => name.startsWith(start)).sort();
    }
    const fs = await this.#options.fs();
    const folder = start.slice(0, start.lastIndexOf('/') + 1);
    const path = fs.resolvePath(cwd, folder || '.');
    const names = await fs.readdir(path);
    const found = names.filter((name) => name.startsWith(start.slice(folder.length)));
    return Promise.all(
      found.map(async (name) => {
        const { isDirectory } = await fs.stat(`${path}/${name}`);
        return `${folder}${name}${isDirectory ? '/' : ''}`;
      }),
    );
  }

  async #runner(options: RunOptions, positional: readonly string[] = []): Promise<ScriptRunner> {
    const { spec, fs } = this.#options;
    const cwd = spec.workingDir ?? spec.profile.workingDir ?? '/';
    const env = { HOME: '/root', HOSTNAME: spec.hostname, ...spec.profile.env, ...spec.env };
    const { signal, write, stdin } = options;
    const createBash = (running: AbortSignal) => this.#bash(fs, running, write);
    return new ScriptRunner({
      createBash,
      clock: spec.clock,
      env,
      cwd,
      write,
      signal,
      positional,
      ...(stdin === undefined ? {} : { stdin }),
    });
  }

  async #bash(open: () => Promise<IFileSystem>, signal: AbortSignal, write: RunOptions['write']): Promise<Bash> {
    const { Bash } = await import('just-bash');
    const { spec, connect, runProgram, mainCommand } = this.#options;
    const { clock, hostname, ip } = spec;
    const programs = Object.keys(spec.profile.programs ?? {});
    return new Bash({
      fs: await open(),
      cwd: '/',
      defenseInDepth: false,
      executionLimits: LIMITS,
      sleep: (delayMs) => sleep(clock, delayMs, signal),
      customCommands: shellCommands({ clock, hostname, ip, mainCommand, connect, programs, runProgram, write }, signal),
    });
  }
}

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('latin1');
}

/** Text as UTF-8; a text of bytes only (an archive) is passed on as it is. */
function outputBytes(text: string): Uint8Array {
  return Buffer.from(text, /[\u0100-\uffff]/.test(text) ? 'utf8' : isBinary(text) ? 'latin1' : 'utf8');
}

const isBinary = (text: string): boolean => text.includes('\0');
