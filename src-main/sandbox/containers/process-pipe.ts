import { AsyncQueue } from '#common/base/queue';
import type { ExitStatus, ProcessStreams } from '#main/base/process-streams';

/** Both sides of a simulated process: `streams` for those outside, the rest for the program inside. */
export class ProcessPipe {
  readonly stdin = new AsyncQueue<Uint8Array>(64);
  readonly #stdout = new AsyncQueue<Uint8Array>();
  readonly #stderr = new AsyncQueue<Uint8Array>();
  readonly #abort = new AbortController();
  readonly #exit: Promise<ExitStatus>;
  #resolve: (status: ExitStatus) => void = () => undefined;
  #onResize: (columns: number, rows: number) => void = () => undefined;
  #size: [number, number] | undefined;

  constructor() {
    this.#exit = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Aborts when those outside end the process. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get streams(): ProcessStreams {
    return {
      writeStdin: (chunk) => this.stdin.push(chunk),
      endStdin: () => this.stdin.end(),
      stdout: this.#stdout,
      stderr: this.#stderr,
      resize: (columns, rows) => this.#resized(columns, rows),
      exit: this.#exit,
      kill: () => this.kill(),
    };
  }

  write(stream: 'stdout' | 'stderr', data: string | Uint8Array): Promise<void> {
    if (data.length === 0) return Promise.resolve();
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    return (stream === 'stdout' ? this.#stdout : this.#stderr).push(bytes);
  }

  /** The size a terminal already has is told at once. */
  onResize(listener: (columns: number, rows: number) => void): void {
    this.#onResize = listener;
    if (this.#size) listener(...this.#size);
  }

  finish(status: ExitStatus): void {
    this.stdin.end();
    this.#stdout.end();
    this.#stderr.end();
    this.#resolve(status);
  }

  kill(): void {
    this.#abort.abort();
    this.stdin.end();
    this.finish({ code: 137 });
  }

  #resized(columns: number, rows: number): void {
    // A terminal without a window says 0 by 0.
    if (columns === 0 || rows === 0) return;
    this.#size = [columns, rows];
    this.#onResize(columns, rows);
  }
}
