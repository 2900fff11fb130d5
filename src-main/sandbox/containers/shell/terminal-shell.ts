import { createInterface, type Interface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { onAbort } from '#main/base/on-abort';
import type { ProcessPipe } from '../process-pipe';
import type { Prompt } from './script-runner';

export interface TerminalShellOptions {
  pipe: ProcessPipe;
  /** Runs the lines that `next` gives, until it gives none; resolves to the exit code. */
  session: (next: (prompt: Prompt) => Promise<SessionLine | undefined>) => Promise<number>;
  /** Names that complete the word `start`. */
  complete: (cwd: string, start: string, isFirst: boolean) => Promise<string[]>;
}

interface SessionLine {
  line: string;
  /** Aborts when the line is interrupted. */
  signal: AbortSignal;
}

class TerminalOutput extends PassThrough {
  readonly isTTY = true;
  columns = 80;
  rows = 24;
}

/** A line-editing shell on a terminal: history, completion, Ctrl-C, Ctrl-D, resize. Resolves to the exit code. */
export async function runTerminalShell(options: TerminalShellOptions): Promise<number> {
  const { pipe } = options;
  const input = new PassThrough();
  const output = new TerminalOutput();
  output.on('data', (chunk: Buffer) => void pipe.write('stdout', chunk));
  pipe.onResize((columns, rows) => {
    output.columns = columns;
    output.rows = rows;
    output.emit('resize');
  });
  const place = { cwd: '/' };
  const terminal = createInterface({
    input,
    output,
    terminal: true,
    historySize: 500,
    completer: completerOf(options, place),
  });
  const lines = new LineQueue(terminal, output, place);
  onAbort(pipe.signal, () => lines.end());
  const feeding = feed(pipe, input);
  const code = await options.session((prompt) => lines.next(prompt));
  lines.end();
  terminal.close();
  pipe.stdin.end();
  await feeding;
  return code;
}

async function feed(pipe: ProcessPipe, input: PassThrough): Promise<void> {
  for await (const chunk of pipe.stdin) input.write(chunk);
  input.end();
}

/** The lines a person types, one at a time, each with the signal of its Ctrl-C. */
class LineQueue {
  readonly #terminal: Interface;
  readonly #output: TerminalOutput;
  readonly #place: { cwd: string };
  readonly #lines: string[] = [];
  #running: AbortController | undefined;
  #waiting: ((line: string | undefined) => void) | undefined;
  #ended = false;

  constructor(terminal: Interface, output: TerminalOutput, place: { cwd: string }) {
    this.#terminal = terminal;
    this.#output = output;
    this.#place = place;
    terminal.on('line', (line) => this.#typed(line));
    terminal.on('SIGINT', () => this.#interrupt());
    terminal.on('close', () => this.end());
  }

  async next({ cwd }: Prompt): Promise<SessionLine | undefined> {
    this.#running = undefined;
    this.#place.cwd = cwd;
    for (;;) {
      const line = this.#lines.shift() ?? (await this.#asked());
      if (line === undefined) return undefined;
      if (line.trim() === '') continue;
      this.#running = new AbortController();
      return { line, signal: this.#running.signal };
    }
  }

  /** Ends the session, and what runs in it. */
  end(): void {
    this.#ended = true;
    this.#running?.abort();
    this.#waiting?.(undefined);
  }

  #asked(): Promise<string | undefined> {
    if (this.#ended) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#prompt();
    });
  }

  #typed(line: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(line);
    else this.#lines.push(line);
  }

  #interrupt(): void {
    this.#output.write('^C\r\n');
    if (this.#running) {
      this.#running.abort();
      return;
    }
    // Drops what was typed on the line.
    this.#terminal.write(null, { ctrl: true, name: 'e' });
    this.#terminal.write(null, { ctrl: true, name: 'u' });
    this.#prompt();
  }

  #prompt(): void {
    this.#terminal.setPrompt(`${this.#place.cwd} # `);
    this.#terminal.prompt();
  }
}

type Completer = (line: string, done: (failure: Error | null, result: [string[], string]) => void) => void;

function completerOf({ complete }: TerminalShellOptions, place: { cwd: string }): Completer {
  return (line, done) => {
    const start = line.split(' ').at(-1) ?? '';
    complete(place.cwd, start, !line.trimStart().includes(' ')).then(
      (names) => done(null, [names, start]),
      () => done(null, [[], start]),
    );
  };
}
