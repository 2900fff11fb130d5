import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Bash, StatementNode } from 'just-bash';
import { sleep, type Clock } from '#common/base/clock';

type Pipeline = StatementNode['pipelines'][number];
type Command = Pipeline['commands'][number];

export interface ScriptOptions {
  /** Makes an interpreter whose commands end with the signal. */
  createBash: (signal: AbortSignal) => Promise<Bash>;
  clock: Clock;
  env: Record<string, string>;
  cwd: string;
  /** Called as soon as a statement has printed something. */
  write: (stream: 'stdout' | 'stderr', text: string) => void;
  signal: AbortSignal;
  stdin?: string;
  positional?: readonly string[];
}

/** How a list of statements ended: by itself, or by a word that jumps. */
interface Outcome {
  code: number;
  jump?: 'break' | 'continue' | 'exit';
}

/** Turns of a loop that print and wait for nothing, after which the script makes a pause on the cluster's clock. */
const BUSY_TURNS = 500;
const BUSY_PAUSE_MS = 20;
const NOT_CARRIED = new Set(['?', 'SHELLOPTS', 'BASHOPTS', 'BASH_VERSINFO']);

/**
 * Runs a script statement by statement, so that what it prints is seen when it is printed and loops may run as long as
 * their container. Variables and the folder are carried from one statement to the next; functions and options too.
 */
export class ScriptRunner {
  readonly #options: ScriptOptions;
  readonly #background: Promise<unknown>[] = [];
  #bash: Promise<Bash> | undefined;
  #signal: AbortSignal;
  #env: Record<string, string>;
  #cwd: string;
  #prelude = '';
  #exitOnError = false;
  #stdin: string | undefined;
  #status = 0;
  #turns = 0;
  #lastTurnAtMs = 0;

  constructor(options: ScriptOptions) {
    this.#options = options;
    this.#signal = options.signal;
    this.#env = { ...options.env };
    this.#cwd = options.cwd;
    this.#stdin = options.stdin;
  }

  get cwd(): string {
    return this.#cwd;
  }

  /** The exit code of the script; 130 or 143 of a killed one are the caller's to say. */
  async run(script: string): Promise<number> {
    return (await this.#script(script)).code;
  }

  /** Runs one line of a longer session; `left` when it ended the session. */
  async runLine(line: string, signal: AbortSignal): Promise<{ code: number; left: boolean }> {
    this.#signal = signal;
    this.#bash = undefined;
    const { code, jump } = await this.#script(line);
    this.#status = signal.aborted ? 130 : code;
    return { code, left: jump === 'exit' && !signal.aborted };
  }

  async #script(script: string): Promise<Outcome> {
    const { parse } = await import('just-bash');
    let statements: readonly StatementNode[];
    try {
      statements = parse(script).statements;
    } catch (failure) {
      this.#options.write('stderr', `sh: syntax error: ${failure instanceof Error ? failure.message : ''}\n`);
      return { code: 2 };
    }
    return this.#list(statements);
  }

  async #list(statements: readonly StatementNode[]): Promise<Outcome> {
    let outcome: Outcome = { code: 0 };
    for (const statement of statements) {
      if (this.#signal.aborted) return { code: 137, jump: 'exit' };
      outcome = await this.#statement(statement);
      this.#status = outcome.code;
      if (outcome.jump) return outcome;
    }
    return outcome;
  }

  async #statement(statement: StatementNode): Promise<Outcome> {
    if (statement.background) {
      this.#background.push(this.#fork(statement));
      return { code: 0 };
    }
    if (!statement.pipelines.some(needsDriving)) {
      const outcome = await this.#execute(statement.sourceText ?? (await serialized(statement)));
      return this.#afterError(statement, outcome);
    }
    return this.#afterError(statement, await this.#alternatives(statement));
  }

  /** `a && b || c`, each part run here. */
  async #alternatives({ pipelines, operators }: StatementNode): Promise<Outcome> {
    let outcome: Outcome = { code: 0 };
    for (const [index, pipeline] of pipelines.entries()) {
      const operator = index === 0 ? undefined : operators[index - 1];
      if (operator === '&&' && outcome.code !== 0) continue;
      if (operator === '||' && outcome.code === 0) continue;
      outcome = await this.#pipeline(pipeline);
      this.#status = outcome.code;
      if (outcome.jump) return outcome;
    }
    return outcome;
  }

  async #pipeline(pipeline: Pipeline): Promise<Outcome> {
    const [command] = pipeline.commands;
    const outcome =
      command && needsDriving(pipeline)
        ? await this.#command(command)
        : await this.#execute(await serialized(statementOf(pipeline)));
    if (!pipeline.negated || outcome.jump) return outcome;
    return needsDriving(pipeline) ? { code: outcome.code === 0 ? 1 : 0 } : outcome;
  }

  #command(command: Command): Promise<Outcome> {
    switch (command.type) {
      case 'While':
      case 'Until':
        return this.#loop(command.condition, command.body, command.type === 'While');
      case 'For':
        return this.#each(command.variable, command.words ?? [], command.body);
      case 'If':
        return this.#branches(command);
      case 'Group':
        return this.#list(command.body);
      case 'FunctionDef':
        return this.#remember(command);
      default:
        return this.#builtin(command);
    }
  }

  async #loop(condition: readonly StatementNode[], body: readonly StatementNode[], wanted: boolean): Promise<Outcome> {
    let last: Outcome = { code: 0 };
    for (;;) {
      await this.#breathe();
      const asked = await this.#tested(condition);
      if (asked.jump === 'exit') return asked;
      if ((asked.code === 0) !== wanted) return last;
      const outcome = await this.#list(body);
      if (outcome.jump === 'exit') return outcome;
      if (outcome.jump === 'break') return { code: 0 };
      last = { code: outcome.code };
    }
  }

  async #each(
    variable: string,
    words: readonly Parameters<typeof wordText>[0][],
    body: readonly StatementNode[],
  ): Promise<Outcome> {
    const texts = await Promise.all(words.map((word) => wordText(word)));
    const { stdout } = await this.#exec(`for __word in ${texts.join(' ')}; do printf '%s\\0' "$__word"; done`);
    let last: Outcome = { code: 0 };
    for (const value of stdout.split('\0').slice(0, -1)) {
      await this.#breathe();
      this.#env[variable] = value;
      const outcome = await this.#list(body);
      if (outcome.jump === 'exit') return outcome;
      if (outcome.jump === 'break') return { code: 0 };
      last = { code: outcome.code };
    }
    return last;
  }

  async #branches(command: Extract<Command, { type: 'If' }>): Promise<Outcome> {
    for (const { condition, body } of command.clauses) {
      const asked = await this.#tested(condition);
      if (asked.jump) return asked;
      if (asked.code === 0) return this.#list(body);
    }
    return command.elseBody ? this.#list(command.elseBody) : { code: 0 };
  }

  /** A condition may fail without ending a script that runs with `set -e`. */
  async #tested(condition: readonly StatementNode[]): Promise<Outcome> {
    const before = this.#exitOnError;
    this.#exitOnError = false;
    const outcome = await this.#list(condition);
    this.#exitOnError = before;
    return outcome;
  }

  async #remember(command: Command): Promise<Outcome> {
    this.#prelude += `${await serialized(statementOf(pipelineOf(command)))}\n`;
    return { code: 0 };
  }

  async #builtin(command: Command): Promise<Outcome> {
    const name = simpleName(command);
    if (name === 'break' || name === 'continue') return { code: 0, jump: name };
    const source = await serialized(statementOf(pipelineOf(command)));
    if (name === 'wait') {
      await Promise.all(this.#background.splice(0));
      return { code: 0 };
    }
    if (name === 'trap') return { code: 0 };
    if (name === 'exec') return { ...(await this.#execute(source.replace(/^\s*exec\s+/, ''))), jump: 'exit' };
    if (/^\s*set\s+-[a-z]*e/.test(source)) this.#exitOnError = true;
    if (/^\s*set\s+\+[a-z]*e/.test(source)) this.#exitOnError = false;
    const options = source.replaceAll(/([-+][a-z]*)e/g, '$1').replace(/^\s*set\s+[-+]\s*$/m, '');
    if (options.trim()) this.#prelude += `${options}\n`;
    return { code: 0 };
  }

  #afterError(statement: StatementNode, outcome: Outcome): Outcome {
    const isChecked = statement.operators.some((operator) => operator !== ';');
    if (!this.#exitOnError || outcome.code === 0 || outcome.jump || isChecked) return outcome;
    return { code: outcome.code, jump: 'exit' };
  }

  async #execute(source: string): Promise<Outcome> {
    const { write } = this.#options;
    const result = await this.#exec(source);
    write('stdout', result.stdout);
    write('stderr', shellErrors(result.stderr));
    // A shell that was left by `exit` reports no status variable.
    const exited = !('?' in result.env);
    if (!exited) this.#carry(result.env);
    return exited ? { code: result.exitCode, jump: 'exit' } : { code: result.exitCode };
  }

  async #exec(source: string) {
    const { positional = [] } = this.#options;
    const signal = this.#signal;
    this.#bash ??= this.#options.createBash(signal);
    const bash = await this.#bash;
    const stdin = this.#stdin;
    this.#stdin = undefined;
    const words = positional.slice(1).map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
    const prelude = (words.length > 0 ? `set -- ${words.join(' ')}\n` : '') + this.#prelude;
    // Each statement is a run of its own: the status of the one before is made again for those who ask.
    const status = source.includes('$?') && this.#status !== 0 ? `(exit ${this.#status})\n` : '';
    return bash.exec(prelude + status + source, {
      env: this.#env,
      replaceEnv: true,
      cwd: this.#cwd,
      rawScript: true,
      signal,
      ...(stdin === undefined ? {} : { stdin, stdinKind: 'bytes' as const }),
    });
  }

  #carry(env: Readonly<Record<string, string>>): void {
    const carried = Object.entries(env).filter(([name]) => !NOT_CARRIED.has(name));
    this.#env = Object.fromEntries(carried);
    this.#cwd = env['PWD'] ?? this.#cwd;
  }

  async #fork(statement: StatementNode): Promise<void> {
    const child = new ScriptRunner({ ...this.#options, signal: this.#signal, env: this.#env, cwd: this.#cwd });
    child.#prelude = this.#prelude;
    await child.#statement({ ...statement, background: false, sourceText: withoutAmpersand(statement.sourceText) });
  }

  /** Lets everyone else run between two turns, and slows down a loop that never waits. */
  async #breathe(): Promise<void> {
    const { clock } = this.#options;
    const signal = this.#signal;
    await nextTurn();
    const now = clock.now();
    this.#turns = now - this.#lastTurnAtMs > 200 ? 0 : this.#turns + 1;
    this.#lastTurnAtMs = now;
    if (this.#turns < BUSY_TURNS || signal.aborted) return;
    await sleep(clock, BUSY_PAUSE_MS, signal).catch(() => undefined);
  }
}

/** True for what is run here instead of being handed to the interpreter as a whole. */
function needsDriving({ commands }: Pipeline): boolean {
  const [command] = commands;
  if (!command || commands.length !== 1 || command.redirections.length > 0) return false;
  if (['While', 'Until', 'For', 'If', 'Group', 'FunctionDef'].includes(command.type)) return true;
  return ['break', 'continue', 'wait', 'trap', 'exec', 'set'].includes(simpleName(command) ?? '');
}

function simpleName(command: Command): string | undefined {
  if (command.type !== 'SimpleCommand' || !command.name) return undefined;
  const [part] = command.name.parts;
  return part?.type === 'Literal' && command.name.parts.length === 1 ? part.value : undefined;
}

const pipelineOf = (command: Command): Pipeline => ({ type: 'Pipeline', commands: [command], negated: false });

const statementOf = (pipeline: Pipeline): StatementNode => ({
  type: 'Statement',
  pipelines: [pipeline],
  operators: [],
  background: false,
});

async function serialized(statement: StatementNode): Promise<string> {
  const { serialize } = await import('just-bash');
  return serialize({ type: 'Script', statements: [statement] });
}

async function wordText(word: NonNullable<Extract<Command, { type: 'For' }>['words']>[number]): Promise<string> {
  const name = { type: 'Word' as const, parts: [{ type: 'Literal' as const, value: ':' }] };
  const command = { type: 'SimpleCommand' as const, assignments: [], name, args: [word], redirections: [] };
  return (await serialized(statementOf(pipelineOf(command)))).trim().slice(2);
}

const withoutAmpersand = (source: string | undefined): string => source?.replace(/&\s*$/, '') ?? '';

/** The words of a small shell instead of bash's own. */
export function shellErrors(stderr: string): string {
  return stderr
    .replaceAll(/^bash: (?:execution aborted)\n/gm, '')
    .replaceAll(/^bash: (?:line \d+: )?(.*): command not found$/gm, 'sh: $1: not found')
    .replaceAll(/^bash: /gm, 'sh: ');
}
