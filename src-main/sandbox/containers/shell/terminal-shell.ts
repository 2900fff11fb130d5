import { createInterface, type Interface } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { ProcessPipe } from '../process-pipe';

export interface TerminalShellOptions {
  pipe: ProcessPipe;
  /** Runs one line; answers its exit code, and `left` when it was the shell's last. */
  run: (line: string, signal: AbortSignal) => Promise<{ code: number; left: boolean }>;
  prompt: () => string;
  /** Names that complete the word `start`. */
  complete: (start: string, isFirst: boolean) => Promise<string[]>;
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
  const terminal = createInterface({
    input,
    output,
    terminal: true,
    historySize: 500,
    completer: completerOf(options),
  });
  const code = new LineLoop(terminal, output, options).run();
  const feeding = feed(pipe, input);
  const result = await code;
  terminal.close();
  pipe.stdin.end();
  await feeding;
  return result;
}

async function feed(pipe: ProcessPipe, input: PassThrough): Promise<void> {
  for await (const chunk of pipe.stdin) input.write(chunk);
  input.end();
}

class LineLoop {
  readonly #terminal: Interface;
  readonly #output: TerminalOutput;
  readonly #options: TerminalShellOptions;
  readonly #lines: string[] = [];
  #running: AbortController | undefined;
  #last = 0;
  #resolve: (code: number) => void = () => undefined;

  constructor(terminal: Interface, output: TerminalOutput, options: TerminalShellOptions) {
    this.#terminal = terminal;
    this.#output = output;
    this.#options = options;
  }

  run(): Promise<number> {
    this.#terminal.on('line', (line) => {
      this.#lines.push(line);
      if (!this.#running) void this.#drain();
    });
    this.#terminal.on('SIGINT', () => this.#interrupt());
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#terminal.on('close', () => {
        this.#running?.abort();
        resolve(this.#last);
      });
      this.#options.pipe.signal.addEventListener('abort', () => resolve(137), { once: true });
      this.#prompt();
    });
  }

  async #drain(): Promise<void> {
    for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift()) {
      if (line.trim() === '') continue;
      this.#running = new AbortController();
      const { code, left } = await this.#options
        .run(line, this.#running.signal)
        .catch(() => ({ code: 1, left: false }));
      this.#last = this.#running.signal.aborted ? 130 : code;
      this.#running = undefined;
      if (left) return this.#resolve(this.#last);
    }
    this.#prompt();
  }

  #interrupt(): void {
    this.#output.write('^C\r\n');
    if (this.#running) {
      this.#running.abort();
      return;
    }
    this.#last = 130;
    // Drops what was typed on the line.
    this.#terminal.write(null, { ctrl: true, name: 'e' });
    this.#terminal.write(null, { ctrl: true, name: 'u' });
    this.#prompt();
  }

  #prompt(): void {
    this.#terminal.setPrompt(this.#options.prompt());
    this.#terminal.prompt();
  }
}

type Completer = (line: string, done: (failure: Error | null, result: [string[], string]) => void) => void;

function completerOf({ complete }: TerminalShellOptions): Completer {
  return (line, done) => {
    const start = line.split(' ').at(-1) ?? '';
    complete(start, !line.trimStart().includes(' ')).then(
      (names) => done(null, [names, start]),
      () => done(null, [[], start]),
    );
  };
}
