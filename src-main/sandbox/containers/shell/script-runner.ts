import type { Bash, Command, IFileSystem } from 'just-bash';
import { messageOf } from '#common/base/errors';
import { inputText } from './commands/surroundings';
import { instrumented, LIVE, paced, PACED, SOURCED, SPAWN, TURN, WAIT } from './instrument';
import { shellTask } from './shell-words';
import { shellErrors, withStreams, type Write } from './output-files';

export interface ScriptOptions {
  fs: IFileSystem;
  /** Commands of the container; they end with the signal they find when they start. */
  commands: (running: () => AbortSignal) => Command[];
  /** The shells it may start. */
  shells: readonly string[];
  /** The library's own commands that may be used. */
  allowed: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
  /** Called as soon as something was printed. */
  write: Write;
  /** Awaited at each turn of a loop. */
  pace: (signal: () => AbortSignal) => () => Promise<void>;
  signal: AbortSignal;
  stdin?: string;
  /** `$1` and on. */
  positional?: readonly string[];
}

/** What a session asks for at each prompt. */
export interface Prompt {
  status: number;
  cwd: string;
}

/** Bounds for what a single command of the library may do at once; scripts themselves may run for ever. */
const LIMITS = {
  maxCommandCount: Number.MAX_SAFE_INTEGER,
  maxLoopIterations: Number.MAX_SAFE_INTEGER,
  maxWorkUnits: Number.MAX_SAFE_INTEGER,
  maxInputBytes: Number.MAX_SAFE_INTEGER,
  maxOutputSize: Number.MAX_SAFE_INTEGER,
  maxExecutionTimeMs: 2 ** 31 - 1,
  maxAwkIterations: 20_000,
  maxSedIterations: 20_000,
  maxJqIterations: 20_000,
  maxLiveBytes: 64 * 2 ** 20,
  maxTraversalEntries: 50_000,
};
/** Things one script may have in the background. */
const MOST_JOBS = 64;
const SESSION = 'while __status=$?; __line="$(__next $__status)"; do eval "$__line"; done; exit $__status';

const ok = { stdout: '', stderr: '', exitCode: 0 };

/** Runs scripts in the files of a container, giving way to others at every turn of every loop. */
export class ScriptRunner {
  readonly #options: ScriptOptions;
  readonly #jobs = new Map<number, Promise<number>>();
  #lastJob = 100;
  #lineSignal: AbortSignal | undefined;
  /** What the next source is: those that commands of the library run are neither. */
  #next: 'script' | 'driver' | undefined;

  constructor(options: ScriptOptions) {
    this.#options = options;
  }

  /** The exit code of a script; 137 when it was ended from outside. */
  async run(script: string): Promise<number> {
    const { parse } = await import('just-bash');
    try {
      parse(script);
    } catch (failure) {
      this.#options.write('stderr', `sh: syntax error: ${messageOf(failure)}\n`);
      return 2;
    }
    return this.#exec(await this.#bash([]), script);
  }

  /** Runs line after line in one shell; `next` gives a line with the signal that ends it, and nothing at the end. */
  async session(next: (prompt: Prompt) => Promise<{ line: string; signal: AbortSignal } | undefined>): Promise<number> {
    const command: Command = {
      name: '__next',
      execute: async ([status = '0'], { cwd }) => {
        let prompt = { status: Number(status), cwd };
        for (;;) {
          this.#lineSignal = undefined;
          const asked = await next(prompt);
          if (!asked) return { ...ok, exitCode: 1 };
          this.#lineSignal = asked.signal;
          const source = await this.#instrumentedText(asked.line);
          if (source !== undefined) return { ...ok, stdout: withStatus(source, prompt.status) };
          prompt = { ...prompt, status: 2 };
        }
      },
    };
    return this.#exec(await this.#bash([command]), SESSION, 'driver');
  }

  async #instrumentedText(line: string): Promise<string | undefined> {
    const { parse, serialize } = await import('just-bash');
    try {
      return serialize(instrumented(parse(line), { serialize }));
    } catch (failure) {
      this.#options.write('stderr', `sh: syntax error: ${messageOf(failure)}\n`);
      return undefined;
    }
  }

  async #exec(bash: Bash, script: string, kind: 'script' | 'driver' = 'script'): Promise<number> {
    this.#next = kind;
    const { signal, env, cwd, stdin, positional = [], write } = this.#options;
    const words = positional.map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
    const result = await bash.exec((words.length > 0 ? `set -- ${words.join(' ')}\n` : '') + script, {
      env: { ...env },
      replaceEnv: true,
      cwd,
      rawScript: true,
      signal,
      ...(stdin === undefined ? {} : { stdin, stdinKind: 'bytes' as const }),
    });
    if (result.stdout !== '')
      write('stdout', result.stdoutKind === 'bytes' ? Buffer.from(result.stdout, 'latin1') : result.stdout);
    write('stderr', shellErrors(result.stderr));
    return signal.aborted ? 137 : result.exitCode;
  }

  async #bash(more: Command[]): Promise<Bash> {
    const { Bash, serialize } = await import('just-bash');
    const { fs, write, commands, allowed } = this.#options;
    const bash = new Bash({
      fs: await withStreams(fs, write),
      cwd: '/',
      defenseInDepth: false,
      executionLimits: LIMITS,
      commands: allowed as never,
      customCommands: [...commands(() => this.#running), ...(await this.#shellCommands()), ...more],
    });
    bash.registerTransformPlugin({
      name: 'instrument',
      transform: ({ ast }) => {
        const kind = this.#next;
        this.#next = undefined;
        if (kind === 'driver') return { ast };
        // What a command runs for itself (xargs, find, timeout) prints to that command.
        return { ast: kind === 'script' ? instrumented(ast, { serialize }) : paced(ast, { serialize }) };
      },
    });
    return bash;
  }

  /** Aborts with the process, or in a session with the line that is interrupted. */
  get #running(): AbortSignal {
    return this.#lineSignal ?? this.#options.signal;
  }

  async #shellCommands(): Promise<Command[]> {
    const { parse, serialize } = await import('just-bash');
    const turn = this.#options.pace(() => this.#running);
    const pacedText = (source: string) => {
      try {
        return { ...ok, stdout: serialize(paced(parse(source), { serialize })) };
      } catch (failure) {
        return { stdout: 'false', stderr: `sh: syntax error: ${messageOf(failure)}\n`, exitCode: 2 };
      }
    };
    return [
      {
        name: TURN,
        execute: async () => {
          await turn();
          return this.#running.aborted ? { ...ok, exitCode: 1 } : ok;
        },
      },
      { name: 'trap', execute: async () => ok },
      { name: PACED, execute: async (args) => pacedText(args.join(' ')) },
      {
        name: SOURCED,
        execute: async ([path = ''], { fs, cwd }) => {
          const full = fs.resolvePath(cwd, path);
          if (await fs.exists(full)) return pacedText(await fs.readFile(full));
          return { stdout: 'false', stderr: `sh: can't open '${path}': No such file or directory\n`, exitCode: 2 };
        },
      },
      {
        name: SPAWN,
        execute: async ([source = ''], { env, cwd }) => this.#spawn(source, Object.fromEntries(env), cwd),
      },
      ...this.#shells(),
      { name: WAIT, execute: async (args) => ({ ...ok, exitCode: await this.#wait(args.map(Number)) }) },
    ];
  }

  /** `sh -c` and the like: a script of its own, with its own variables. */
  #shells(): Command[] {
    return this.#options.shells.flatMap((name) =>
      [name, LIVE + name].map((each) => ({
        name: each,
        execute: async (args: string[], context: Parameters<Command['execute']>[1]) => {
          const printed = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
          const collect: Write = (stream, data) => void printed[stream].push(Buffer.from(data));
          const write = each === name ? collect : this.#options.write;
          const exitCode = await this.#nested(args, context, write);
          const stdout = Buffer.concat(printed.stdout).toString('latin1');
          return {
            stdout,
            stdoutKind: 'bytes' as const,
            stderr: Buffer.concat(printed.stderr).toString('utf8'),
            exitCode,
          };
        },
      })),
    );
  }

  async #nested(args: string[], context: Parameters<Command['execute']>[1], write: Write): Promise<number> {
    const { fs, cwd, exportedEnv = {}, stdin } = context;
    const task = shellTask(args);
    const path = task.kind === 'file' ? fs.resolvePath(cwd, task.path) : '';
    if (path && !(await fs.exists(path))) {
      write('stderr', `sh: can't open '${path}': No such file or directory\n`);
      return 2;
    }
    const script = task.kind === 'script' ? task.script : path ? await fs.readFile(path) : inputText({ stdin });
    const positional = task.kind === 'script' ? task.positional.slice(1) : task.kind === 'file' ? task.positional : [];
    const options = { ...this.#options, write, env: exportedEnv, cwd, positional, signal: this.#running };
    const input = task.kind === 'interactive' ? {} : { stdin: stdin as unknown as string };
    return new ScriptRunner({ ...options, ...input }).run(script);
  }

  #spawn(source: string, env: Record<string, string>, cwd: string) {
    if (this.#jobs.size >= MOST_JOBS) {
      return { stdout: '', stderr: "sh: can't fork: Resource temporarily unavailable\n", exitCode: 2 };
    }
    const pid = ++this.#lastJob;
    const { stdin: _unused, positional: _none, ...options } = this.#options;
    const job = new ScriptRunner({ ...options, env, cwd }).run(source).catch(() => 1);
    this.#jobs.set(pid, job);
    return { ...ok, stdout: String(pid) };
  }

  async #wait(pids: readonly number[]): Promise<number> {
    if (pids.length > 0) {
      const codes = await Promise.all(pids.map((pid) => this.#jobs.get(pid) ?? 127));
      for (const pid of pids) this.#jobs.delete(pid);
      return codes.at(-1) ?? 0;
    }
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    await Promise.all(jobs);
    return 0;
  }
}

/** Each line follows the reading of it: the status of the line before is made again for those who ask. */
const withStatus = (source: string, status: number): string =>
  source.includes('$?') && status !== 0 ? `(exit ${status})\n${source}` : source;
