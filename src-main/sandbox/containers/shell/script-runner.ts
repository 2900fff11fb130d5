import type { Bash, Command, IFileSystem } from 'just-bash';
import { messageOf } from '#common/base/errors';
import { inputText } from './commands/surroundings';
import { givingWay } from './giving-way';
import {
  BECOME,
  givesWayOnce,
  instrumented,
  isOneCommand,
  LIVE,
  paced,
  PACED,
  REFUSED,
  SOURCED,
  SPAWN,
  TRAPPED,
  TURN,
  WAIT,
} from './instrument';
import { SignalInbox } from './signal-inbox';
import { shellTask } from './shell-words';
import { asideCommands, type AsideOptions } from './aside/aside-commands';
import type { Pace } from './cpu-meter';
import { shellErrors, withStreams, writeRefusal, writeRefused, type Write } from './output-files';

export interface ScriptOptions {
  fs: IFileSystem;
  /** Commands of the container; they end with the signal they find when they start. */
  commands: (running: () => AbortSignal) => Command[];
  /** Whether nothing may be written at a place. */
  isReadOnly: (path: string) => boolean;
  /** Programs of the image itself. */
  programs: ReadonlySet<string>;
  /** The shells it may start. */
  shells: readonly string[];
  /** The library's own commands that may be used. */
  allowed: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
  /** Called as soon as something was printed. */
  write: Write;
  pace: (signal: () => AbortSignal) => Pace;
  /** The container that it runs in. */
  container: Omit<AsideOptions['around'], 'running' | 'write'>;
  signal: AbortSignal;
  stdin?: string;
  /** `$1` and on. */
  positional?: readonly string[];
  /** Runs a shell that reads commands from the terminal of the process, in a folder; absent without a terminal. */
  terminal?: ((cwd: string) => Promise<number>) | undefined;
  /** Where the signals of the process come in; a script that is no process of its own gets none. */
  signals?: SignalInbox | undefined;
  /** Makes what runs in the background known to `ps` and `kill`. */
  register?: ((command: string, signal: (number: number) => void) => Disposable & { pid: number }) | undefined;
}

/** What a session asks for at each prompt. */
export interface Prompt {
  status: number;
  cwd: string;
}

/** Bounds for what may be done at once on this thread; what takes longer has a thread of its own. */
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
  // To expand as much as this takes a tenth of a second.
  maxStringLength: 2 ** 20,
};
/** Only a script that lets something grow without end gets there: its memory is taken to be used up. */
const OUTGROWN = 'string length limit exceeded';
/** Things one script may have in the background. */
const MOST_JOBS = 64;
const SESSION = 'while __status=$?; __line="$(__next $__status)"; do eval "$__line"; done; exit $__status';

const ok = { stdout: '', stderr: '', exitCode: 0 };

/** Runs scripts in the files of a container, giving way to others at every turn of every loop. */
export class ScriptRunner {
  readonly #options: ScriptOptions;
  readonly #jobs = new Map<number, Promise<number>>();
  /** How those that were waited for ended. */
  readonly #codes = new Map<number, number>();
  readonly #signals: SignalInbox;
  readonly #pace: Pace;
  #lastJob = 100;
  #lineSignal: AbortSignal | undefined;
  /** What the next source is: those that commands of the library run are neither. */
  #next: 'script' | 'driver' | undefined;

  constructor(options: ScriptOptions) {
    this.#options = options;
    this.#signals = options.signals ?? new SignalInbox();
    this.#pace = options.pace(() => this.#running);
  }

  /** The exit code of a script; 137 when it was ended from outside. */
  async run(script: string): Promise<number> {
    const { parse } = await import('just-bash');
    try {
      if (isOneCommand(parse(script))) this.#signals.becomes();
    } catch (failure) {
      this.#options.write('stderr', `sh: syntax error: ${messageOf(failure)}\n`);
      return 2;
    }
    const code = await this.#exec(await this.#bash([]), script);
    return this.#atExit(code);
  }

  /** What `trap … EXIT` left to do. */
  async #atExit(code: number): Promise<number> {
    const { atExit } = this.#signals;
    if (!atExit || this.#options.signal.aborted) return code;
    this.#signals.trap('EXIT', { source: '-', env: {} });
    const { stdin: _unused, ...options } = this.#options;
    const signals = this.#signals;
    const last = await new ScriptRunner({ ...options, signals, env: atExit.env }).run(withStatus(atExit.source, code));
    return /\bexit\b/.test(atExit.source) ? last : code;
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
    const { programs, isReadOnly } = this.#options;
    try {
      return serialize(instrumented(parse(line), { serialize, programs, isReadOnly }));
    } catch (failure) {
      this.#options.write('stderr', `sh: syntax error: ${messageOf(failure)}\n`);
      return undefined;
    }
  }

  async #exec(bash: Bash, script: string, kind: 'script' | 'driver' = 'script'): Promise<number> {
    this.#next = kind;
    const { signal, env, cwd, stdin, positional = [], write } = this.#options;
    const words = positional.map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
    const running = bash.exec((words.length > 0 ? `set -- ${words.join(' ')}\n` : '') + script, {
      env: { ...env },
      replaceEnv: true,
      cwd,
      rawScript: true,
      signal,
      ...(stdin === undefined ? {} : { stdin, stdinKind: 'bytes' as const }),
    });
    const result = await running
      .catch((failure: unknown) => {
        const refusal = writeRefusal(messageOf(failure));
        if (refusal === undefined) throw failure;
        return { stdout: '', stdoutKind: 'text' as const, stderr: refusal, exitCode: 2 };
      })
      .finally(() => this.#pace[Symbol.dispose]());
    if (result.exitCode === 126 && result.stderr.includes(OUTGROWN)) this.#options.container.memory.exceed();
    if (result.stdout !== '')
      write('stdout', result.stdoutKind === 'bytes' ? Buffer.from(result.stdout, 'latin1') : result.stdout);
    write('stderr', shellErrors(result.stderr));
    return signal.aborted ? 137 : result.exitCode;
  }

  async #bash(more: Command[]): Promise<Bash> {
    const { Bash, serialize } = await import('just-bash');
    const { fs, write, commands, allowed, container, programs, isReadOnly } = this.#options;
    const running = () => this.#running;
    const asItIs = () => void (this.#next = 'driver');
    const aside = asideCommands({ around: { ...container, running, write }, allowed, asItIs });
    const bash = new Bash({
      fs: givingWay(await withStreams(fs, write)),
      cwd: '/',
      defenseInDepth: false,
      executionLimits: LIMITS,
      commands: allowed as never,
      customCommands: [
        ...[...aside, ...commands(running)].map((one) => new PacedCommand(one, this.#pace)),
        ...(await this.#shellCommands()),
        ...more,
      ],
    });
    bash.registerTransformPlugin({
      name: 'instrument',
      transform: ({ ast }) => {
        const kind = this.#next;
        this.#next = undefined;
        if (kind === 'driver') return { ast };
        // What a command runs for itself (xargs, find, timeout) prints to that command.
        return {
          ast:
            kind === 'script'
              ? instrumented(ast, { serialize, programs, isReadOnly })
              : givesWayOnce(paced(ast, { serialize, programs, isReadOnly })),
        };
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
    const { programs, isReadOnly } = this.#options;
    const pacedText = (source: string) => {
      try {
        return { ...ok, stdout: serialize(paced(parse(source), { serialize, programs, isReadOnly })) };
      } catch (failure) {
        return { stdout: 'false', stderr: `sh: syntax error: ${messageOf(failure)}\n`, exitCode: 2 };
      }
    };
    return [
      {
        name: TURN,
        execute: async ([status = '0']) => {
          await this.#pace.turn();
          return { ...ok, exitCode: this.#running.aborted ? 1 : Number(status) };
        },
      },
      { name: 'trap', execute: async (args, { env }) => this.#trap(args, Object.fromEntries(env)) },
      {
        name: TRAPPED,
        execute: async ([status = '0']) => {
          const handlers = this.#signals.take();
          const kept = { ...ok, stdout: status === '0' ? '' : `(exit ${status})` };
          return handlers === '' ? kept : pacedText(handlers);
        },
      },
      {
        name: REFUSED,
        execute: async ([path = '']) => ({ ...ok, stderr: writeRefused(path), exitCode: 2 }),
      },
      {
        name: BECOME,
        execute: async () => {
          this.#signals.becomes();
          return ok;
        },
      },
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
    const isAsked = task.kind === 'interactive' && inputText({ stdin }) === '';
    if (isAsked && this.#options.terminal) return this.#options.terminal(cwd);
    const script = task.kind === 'script' ? task.script : path ? await fs.readFile(path) : inputText({ stdin });
    const positional = task.kind === 'script' ? task.positional.slice(1) : task.kind === 'file' ? task.positional : [];
    const { signals: _others, ...own } = this.#options;
    const options = { ...own, write, env: exportedEnv, cwd, positional, signal: this.#running };
    const input = task.kind === 'interactive' ? {} : { stdin: stdin as unknown as string };
    return new ScriptRunner({ ...options, ...input }).run(script);
  }

  /** `trap 'source' NAME…`; `trap - NAME` takes it back. */
  #trap(args: readonly string[], env: Record<string, string>) {
    const [source = '', ...names] = args[0] === '--' ? args.slice(1) : args;
    for (const name of names) this.#signals.trap(name, { source, env });
    return ok;
  }

  #spawn(source: string, env: Record<string, string>, cwd: string) {
    if (this.#jobs.size >= MOST_JOBS) {
      return { stdout: '', stderr: "sh: can't fork: Resource temporarily unavailable\n", exitCode: 2 };
    }
    const { stdin: _unused, positional: _none, register, signal: parent, ...options } = this.#options;
    const ending = new AbortController();
    const signals = new SignalInbox();
    let endedBy: number | undefined;
    const raise = (number: number) => {
      if (number !== 9 && signals.raise(String(number)) && !signals.tookOver) return;
      endedBy ??= number;
      ending.abort();
    };
    const entry = register?.(source.trim(), raise);
    const pid = entry?.pid ?? ++this.#lastJob;
    const signal = AbortSignal.any([parent, ending.signal]);
    const runner = new ScriptRunner({ ...options, register, signal, signals, env, cwd });
    const job = runner
      .run(source)
      .catch(() => 1)
      .then((code) => (endedBy === undefined ? code : 128 + endedBy))
      .finally(() => entry?.[Symbol.dispose]());
    this.#jobs.set(pid, job);
    return { ...ok, stdout: String(pid) };
  }

  /** A signal that is handled ends the waiting. */
  #wait(pids: readonly number[]): Promise<number> {
    return Promise.race([this.#waitFor(pids), this.#signals.arrived().then(() => 143)]);
  }

  async #waitFor(pids: readonly number[]): Promise<number> {
    if (pids.length > 0) {
      const codes = await Promise.all(pids.map((pid) => this.#jobs.get(pid) ?? this.#codes.get(pid) ?? 127));
      for (const [index, pid] of pids.entries()) {
        this.#jobs.delete(pid);
        this.#codes.set(pid, codes[index] ?? 127);
      }
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

/** A command that counts for the pace of its script. Each script has a hundred of them: they share their code. */
class PacedCommand implements Command {
  readonly name: string;
  readonly inner: Command;
  readonly pace: Pace;

  constructor(inner: Command, pace: Pace) {
    this.name = inner.name;
    this.inner = inner;
    this.pace = pace;
  }

  execute(args: string[], context: Parameters<Command['execute']>[1]): ReturnType<Command['execute']> {
    return this.pace.command(() => this.inner.execute(args, context));
  }
}
