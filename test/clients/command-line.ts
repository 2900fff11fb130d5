import { spawn } from 'node:child_process';
import { HEADING } from './compare';
import { linesOf } from './normalise';

export interface Call {
  input?: string;
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** Lines that are not looked at. */
  without?: RegExp;
  /** Order is not looked at. */
  isUnordered?: boolean;
}

export interface CallResult {
  code: number;
  out: string;
  err: string;
}

const LIMIT_MS = 180_000;

/** Runs a program to its end; one that does not end is ended. */
export function call(program: string, args: readonly string[], { input, env, cwd }: Call = {}): Promise<CallResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, timeout: LIMIT_MS });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part));
    child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, out, err }));
    // A program that reads nothing may have closed its input already.
    child.stdin.on('error', () => undefined).end(input ?? '');
  });
}

/** Calls of one command-line program, written down as they went. */
export class CommandLine {
  lines: string[] = [];
  readonly #program: string;
  readonly #name: string;
  readonly #always: Pick<Call, 'env' | 'cwd'>;

  constructor(name: string, program: string, always: Pick<Call, 'env' | 'cwd'>) {
    this.#name = name;
    this.#program = program;
    this.#always = always;
  }

  /** Calls the program and writes down what it said and how it ended. */
  async run(args: readonly string[], options: Call = {}): Promise<CallResult> {
    const result = await this.quietly(args, options);
    const { code, out, err } = result;
    const kept = linesOf(`${out}\n${err}`).filter((line) => !options.without?.test(line));
    this.lines.push(`${HEADING}${this.#name} ${args.join(' ')}`, ...(options.isUnordered ? kept.sort() : kept));
    if (code !== 0) this.lines.push(`exit code ${code}`);
    return result;
  }

  /** Calls the program without writing anything down. */
  quietly(args: readonly string[], options: Call = {}): Promise<CallResult> {
    const env = { ...this.#always.env, ...options.env };
    return call(this.#program, args, { ...this.#always, ...options, env });
  }

  /** Calls the program where it has to end well and to say what is expected; for what only one of the servers can do. */
  async expect(args: readonly string[], expected: string | RegExp, options: Call = {}): Promise<void> {
    const { code, out, err } = await this.quietly(args, options);
    const isExpected = typeof expected === 'string' ? out === expected : expected.test(out);
    if (code === 0 && isExpected) return;
    throw new Error(
      `${this.#name} ${args.join(' ')} ended with ${code} and said: ${(err || out).trim().slice(0, 400)}`,
    );
  }
}
