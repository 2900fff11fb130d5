import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { IFileSystem } from 'just-bash';
import { messageOf } from '#common/base/errors';
import { onAbort } from '#main/base/on-abort';
import { followOutsideWork } from '#main/base/outside-work';
import { callFiles } from './remote-files';
import type { CommandJob, CommandResult, FromThread, ToThread } from './thread-messages';

/** Threads that may work at a time; more jobs wait for one of them. */
const MOST_THREADS = 16;
/** A thread without work is given up after this much real time, and its memory with it. */
const IDLE_MS = 20_000;
/** Heaps a thread may have, in MiB: a container gets the smallest that holds what it may use. */
const HEAPS_MI = [64, 128, 256, 512] as const;
/** What a thread needs for itself, in MiB. */
const OWN_MI = 24;

export interface JobOptions {
  fs: IFileSystem;
  /** Ends the job at once, wherever it is. */
  signal: AbortSignal;
  /** Bytes it may use; Infinity for as many as there are. */
  memoryLimit: number;
}

export type JobOutcome = ({ kind: 'done' } & CommandResult) | { kind: 'out-of-memory' } | { kind: 'ended' };

/** Threads for commands that take long: started when they are needed, one job at a time in each, none that is shared. */
export class CommandThreads {
  readonly #idle: CommandThread[] = [];
  readonly #waiting: (() => void)[] = [];
  #count = 0;

  /** How many threads there are. */
  get size(): number {
    return this.#count;
  }

  /** Runs a job to its end; a job that is aborted takes its thread with it. */
  run(job: CommandJob, options: JobOptions): Promise<JobOutcome> {
    const outcome = this.#run(job, options);
    followOutsideWork(outcome);
    return outcome;
  }

  async #run(job: CommandJob, options: JobOptions): Promise<JobOutcome> {
    const heapMi = heapFor(options.memoryLimit);
    const thread = await this.#take(heapMi, options.signal);
    if (!thread) return { kind: 'ended' };
    const outcome = await thread.run(job, options);
    if (thread.isOver) this.#count--;
    else this.#keep(thread);
    this.#waiting.shift()?.();
    return outcome;
  }

  async #take(heapMi: number, signal: AbortSignal): Promise<CommandThread | undefined> {
    for (;;) {
      if (signal.aborted) return undefined;
      const fitting = this.#idle.find((thread) => thread.heapMi === heapMi);
      const other = fitting ?? (this.#count < MOST_THREADS ? undefined : this.#idle[0]);
      if (other) this.#idle.splice(this.#idle.indexOf(other), 1);
      if (fitting) return fitting;
      if (other) {
        other.end();
        this.#count--;
      }
      if (this.#count < MOST_THREADS) {
        this.#count++;
        return new CommandThread(heapMi);
      }
      await this.#turn(signal);
    }
  }

  /** Resolves when a thread is free, or nobody wants it any more. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const next = () => {
        leaving[Symbol.dispose]();
        resolve();
      };
      this.#waiting.push(next);
      const leaving = onAbort(signal, () => {
        const at = this.#waiting.indexOf(next);
        if (at >= 0) this.#waiting.splice(at, 1);
        resolve();
      });
    });
  }

  #keep(thread: CommandThread): void {
    this.#idle.push(thread);
    thread.rest(IDLE_MS, () => {
      this.#idle.splice(this.#idle.indexOf(thread), 1);
      this.#count--;
    });
  }
}

/** Those of this process. */
export const commandThreads = new CommandThreads();

/** The smallest heap that holds what a container may use. Pure. */
export function heapFor(memoryLimit: number): number {
  return HEAPS_MI.find((mebibytes) => mebibytes >= memoryLimit / 2 ** 20) ?? HEAPS_MI[HEAPS_MI.length - 1] ?? 512;
}

class CommandThread {
  readonly heapMi: number;
  readonly #worker: Worker;
  #settle: ((outcome: JobOutcome) => void) | undefined;
  #fs: IFileSystem | undefined;
  #retiring: NodeJS.Timeout | undefined;
  isOver = false;

  constructor(heapMi: number) {
    this.heapMi = heapMi;
    this.#worker = new Worker(threadFile(), {
      name: 'commands',
      env: {},
      execArgv: loaderOf(threadFile()),
      resourceLimits: { maxOldGenerationSizeMb: heapMi + OWN_MI },
    });
    this.#worker.on('message', (message: FromThread) => this.#hear(message));
    this.#worker.on('error', (failure) => this.#over(failure));
    this.#worker.on('exit', () => this.#over(undefined));
  }

  run(job: CommandJob, { fs, signal }: JobOptions): Promise<JobOutcome> {
    clearTimeout(this.#retiring);
    this.#worker.ref();
    this.#fs = fs;
    return new Promise((resolve) => {
      const ending = onAbort(signal, () => this.end());
      this.#settle = (outcome) => {
        this.#settle = undefined;
        this.#fs = undefined;
        ending[Symbol.dispose]();
        this.#worker.unref();
        resolve(outcome);
      };
      if (this.isOver) this.#settle({ kind: 'ended' });
      else this.#tell({ kind: 'run', job });
    });
  }

  /** Stops whatever it does; its job has ended from now on. */
  end(): void {
    this.isOver = true;
    void this.#worker.terminate();
    this.#settle?.({ kind: 'ended' });
  }

  /** Gives itself up unless it is used before. */
  rest(forMs: number, onEnd: () => void): void {
    this.#retiring = setTimeout(() => {
      onEnd();
      this.end();
    }, forMs);
    this.#retiring.unref();
  }

  #hear(message: FromThread): void {
    if (message.kind === 'file') void this.#serve(message.id, message.method, message.args);
    else this.#settle?.(message);
  }

  async #serve(id: number, ...[method, args]: Parameters<typeof callFiles> extends [unknown, ...infer R] ? R : never) {
    const { fs } = { fs: this.#fs };
    if (!fs) return;
    try {
      this.#tell({ kind: 'answer', id, value: await callFiles(fs, method, args) });
    } catch (failure) {
      this.#tell({ kind: 'failure', id, message: messageOf(failure) });
    }
  }

  #tell(message: ToThread): void {
    this.#worker.postMessage(message, []);
  }

  #over(failure: unknown): void {
    this.isOver = true;
    const isFull = (failure as { code?: string } | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
    if (isFull) this.#settle?.({ kind: 'out-of-memory' });
    else if (failure === undefined) this.#settle?.({ kind: 'ended' });
    else {
      const stderr = `sh: ${messageOf(failure)}\n`;
      this.#settle?.({ kind: 'done', stdout: '', stderr, exitCode: 126, statuses: [126] });
    }
  }
}

/** Beside the built program, or the source when there is none. */
function threadFile(): string {
  const built = fileURLToPath(new URL('command-worker.cjs', import.meta.url));
  return existsSync(built) ? built : fileURLToPath(new URL('command-worker.ts', import.meta.url));
}

/** A program that runs from its sources, as tests do, has its threads read TypeScript too. */
function loaderOf(file: string): string[] {
  if (!file.endsWith('.ts')) return [];
  return ['--import', new URL('../../../../../scripts/typescript.mjs', import.meta.url).href];
}
