import { randomBytes } from 'node:crypto';
import type { Command, IFileSystem } from 'just-bash';
import { messageOf } from '#common/base/errors';
import type { ExitStatus } from '#main/base/process-streams';
import type { ContainerSpec } from '../container';
import { hasTool, libraryCommands, SHELL_WORDS } from '../image-tools';
import type { ProcessPipe } from '../process-pipe';
import type { CpuMeter } from './cpu-meter';
import { calledNames } from './called-names';
import { containerCommands } from './container-commands';
import type { Surroundings } from './commands/surroundings';
import { isReadOnlyAt } from '../container-files';
import { ScriptRunner } from './script-runner';
import { baseName, isShell, quoteWords, readsInput, shellTask } from './shell-words';
import type { SignalInbox } from './signal-inbox';
import { runTerminalShell } from './terminal-shell';

export interface ContainerShellOptions {
  spec: ContainerSpec;
  fs: () => Promise<IFileSystem>;
  cpu: CpuMeter;
  /** What commands see of the container, but for their own streams. */
  surroundings: Omit<Surroundings, 'write' | 'running'>;
  runProgram: (argv: readonly string[], signal: AbortSignal, write: RunOptions['write']) => Promise<number>;
}

export interface RunOptions {
  signal: AbortSignal;
  write: (stream: 'stdout' | 'stderr', data: string | Uint8Array) => void;
  stdin?: string;
  /** A shell on the terminal of the process, for scripts that open one. */
  terminal?: (cwd: string) => Promise<number>;
  /** The signals of the container's first process. */
  signals?: SignalInbox;
}

/** Whoever may run a file. */
const EXECUTABLE = 0o111;
/** Where the programs of an image lie that did not come with its base. */
const OWN = '/usr/local/bin';

/** How a container reaches the machine below. */
const HOST_WORDS = new Set(['chroot', 'nsenter']);

/** Runs commands in the files and with the environment of one container. */
export class ContainerShell {
  readonly #options: ContainerShellOptions;

  constructor(options: ContainerShellOptions) {
    this.#options = options;
  }

  /** True when the container has an executable of this name. */
  async knows(word: string): Promise<boolean> {
    const { profile } = this.#options.spec;
    const name = baseName(word);
    if (isShell(name)) return profile.openEnded === true || (profile.shells ?? []).includes(name);
    if (profile.programs?.[name]) return true;
    if (this.#options.spec.host && HOST_WORDS.has(name)) return true;
    if (profile.shells?.length === 0) return hasTool(profile, name, { only: true });
    if (word.includes('/') && (await (await this.#options.fs()).exists(word))) return true;
    return SHELL_WORDS.has(name) || hasTool(profile, name);
  }

  /** The paths of the programs that words call and the container has not. */
  async unknownPrograms(argv: readonly string[]): Promise<string[]> {
    const fs = await this.#options.fs();
    const { spec } = this.#options;
    const folder = spec.workingDir ?? spec.profile.workingDir ?? '/';
    const missing: string[] = [];
    for (const name of await this.#namesIn(argv, fs)) {
      const path = name.includes('/') ? name : `${OWN}/${name}`;
      if (!(await this.knows(name)) && !(await fs.exists(fs.resolvePath(folder, path)))) missing.push(path);
    }
    return missing;
  }

  async #namesIn(argv: readonly string[], fs: IFileSystem): Promise<Iterable<string>> {
    const [program = '', ...words] = argv;
    if (!isShell(program)) return [program];
    const task = shellTask(words);
    if (task.kind === 'interactive') return [];
    const path = task.kind === 'file' ? fs.resolvePath(this.#options.spec.workingDir ?? '/', task.path) : undefined;
    if (path !== undefined && !(await fs.exists(path))) return [path];
    const { parse } = await import('just-bash');
    try {
      return calledNames(parse(task.kind === 'script' ? task.script : await fs.readFile(path ?? '')));
    } catch {
      // Whoever runs it is told what is wrong with it.
      return [];
    }
  }

  /** Why the first word cannot be run, as runc says it. */
  async missingExecutable([word = '']: readonly string[]): Promise<string | undefined> {
    const isKnown = this.#options.spec.profile.openEnded || (await this.knows(word));
    if (!word.includes('/'))
      return isKnown ? undefined : `exec: "${word}": executable file not found in $PATH: unknown`;
    const found = await this.#fileAt(word);
    if (found?.isDirectory) return `exec: "${word}": is a directory: unknown`;
    if (found && (found.mode & EXECUTABLE) === 0) return `exec: "${word}": permission denied: unknown`;
    return isKnown ? undefined : `exec: "${word}": stat ${word}: no such file or directory: unknown`;
  }

  async #fileAt(word: string) {
    const fs = await this.#options.fs();
    const path = fs.resolvePath(this.#options.spec.workingDir ?? '/', word);
    return (await fs.exists(path)) ? fs.stat(path) : undefined;
  }

  /** Runs words as a process: shells get their script, everything else is one command. */
  async run(argv: readonly string[], options: RunOptions): Promise<number> {
    const { spec } = this.#options;
    if (!isShell(argv[0])) return (await this.#runner(options)).run(quoteWords(argv));
    const task = shellTask(argv.slice(1));
    if (task.kind === 'interactive') return (await this.#runner({ ...options, stdin: '' })).run(options.stdin ?? '');
    if (task.kind === 'script') return (await this.#runner(options, task.positional.slice(1))).run(task.script);
    const fs = await this.#options.fs();
    const path = fs.resolvePath(spec.workingDir ?? '/', task.path);
    if (!(await fs.exists(path))) {
      options.write('stderr', `sh: can't open '${task.path}': No such file or directory\n`);
      return 2;
    }
    return (await this.#runner(options, task.positional)).run(await fs.readFile(path));
  }

  /** Runs a command for someone outside; never rejects: what goes wrong becomes its exit. */
  async exec(pipe: ProcessPipe, argv: readonly string[], mode: { stdin: boolean; tty: boolean }): Promise<ExitStatus> {
    const { processes, user } = this.#options.surroundings;
    const entry = processes.add({
      user: userName({ user }),
      command: argv.join(' '),
      signal: () => pipe.kill(),
    });
    const status = await this.#execStatus(pipe, argv, mode).catch((failure) => ({
      code: 1,
      message: messageOf(failure),
    }));
    entry[Symbol.dispose]();
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
        `failed to exec in container: failed to start exec "${randomBytes(32).toString('hex')}": ` +
        `OCI runtime exec failed: exec failed: unable to start container process: ${missing}`;
      return { code: missing.includes('not found in $PATH') ? 127 : 126, message };
    }
    const readsScript = stdin && isShell(argv[0]) && shellTask(argv.slice(1)).kind === 'interactive';
    if (readsScript && tty) return { code: await this.#terminal(pipe) };
    if (readsScript) return { code: await this.#piped(pipe) };
    const input = stdin && readsInput(argv) ? await readAll(pipe.stdin) : '';
    const write: RunOptions['write'] = (stream, data) =>
      void pipe.write(tty ? 'stdout' : stream, tty && typeof data === 'string' ? data.replaceAll('\n', '\r\n') : data);
    const terminal = tty && stdin ? (cwd: string) => this.#terminal(pipe, cwd) : undefined;
    return { code: await this.run(argv, { signal: pipe.signal, write, stdin: input, ...(terminal && { terminal }) }) };
  }

  async #terminal(pipe: ProcessPipe, cwd?: string): Promise<number> {
    const write: RunOptions['write'] = (_stream, data) =>
      void pipe.write('stdout', typeof data === 'string' ? data.replaceAll('\n', '\r\n') : data);
    const terminal = (folder: string) => this.#terminal(pipe, folder);
    const runner = await this.#runner({ signal: pipe.signal, write, terminal }, [], cwd);
    return runTerminalShell({
      pipe,
      session: (next) => runner.session(next),
      complete: (cwd, start, isFirst) => this.#complete(cwd, start, isFirst),
    });
  }

  /** A shell whose input is a pipe: statements run as they arrive. */
  async #piped(pipe: ProcessPipe): Promise<number> {
    const write: RunOptions['write'] = (stream, data) => void pipe.write(stream, data);
    const runner = await this.#runner({ signal: pipe.signal, write, stdin: '' });
    const { PipedScript } = await import('./piped-script');
    const script = new PipedScript(pipe.stdin);
    return runner.session(async () => {
      const line = await script.next();
      return line === undefined ? undefined : { line, signal: pipe.signal };
    });
  }

  async #complete(cwd: string, start: string, isFirst: boolean): Promise<string[]> {
    const { profile } = this.#options.spec;
    if (isFirst && !start.includes('/')) {
      const own = this.#commands({ write: () => undefined, running: () => new AbortController().signal });
      const names = [...own.map(({ name }) => name), ...(await libraryCommands(profile))];
      return [...new Set(names)].filter((name) => name.startsWith(start) && !name.startsWith('__')).sort();
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

  async #runner(options: RunOptions, positional: readonly string[] = [], cwd?: string): Promise<ScriptRunner> {
    const { spec, fs, cpu, surroundings } = this.#options;
    const { signal, write, stdin, signals, terminal } = options;
    const home = surroundings.user.uid === 0 ? '/root' : '/';
    return new ScriptRunner({
      fs: await fs(),
      commands: (running) => this.#commands({ write, running }, signals),
      signals,
      register: (line, raise) =>
        surroundings.processes.add({ user: userName(surroundings), command: line, signal: raise }),
      isReadOnly: (path) => isReadOnlyAt(spec, path),
      programs: programsOf(spec.profile),
      shells: spec.profile.openEnded ? ['sh', 'bash'] : (spec.profile.shells ?? []),
      allowed: await libraryCommands(spec.profile),
      env: { HOME: home, HOSTNAME: spec.hostname, ...spec.profile.env, ...spec.env },
      cwd: cwd ?? spec.workingDir ?? spec.profile.workingDir ?? '/',
      write,
      terminal,
      pace: (running) => cpu.pace(running),
      container: { clock: surroundings.clock, cpu, memory: surroundings.memory },
      signal,
      positional,
      ...(stdin === undefined ? {} : { stdin }),
    });
  }

  #commands(own: Pick<Surroundings, 'write' | 'running'>, signals?: SignalInbox): Command[] {
    const { spec, surroundings, runProgram } = this.#options;
    // A program that took the shell's place is asked to end by signals.
    const run = (argv: readonly string[], signal: AbortSignal, write: RunOptions['write']) =>
      runProgram(argv, signals?.tookOver ? AbortSignal.any([signal, signals.ending]) : signal, write);
    return containerCommands(spec.profile, { ...surroundings, ...own }, run, spec.host);
  }
}

/** Names by profile: thousands of containers have few images. */
const programNames = new WeakMap<object, ReadonlySet<string>>();

function programsOf(profile: ContainerSpec['profile']): ReadonlySet<string> {
  const names = programNames.get(profile) ?? new Set(Object.keys(profile.programs ?? {}));
  programNames.set(profile, names);
  return names;
}

const userName = ({ user }: Pick<Surroundings, 'user'>): string => user.name || String(user.uid);

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('latin1');
}
