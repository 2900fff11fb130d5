import type { FileMethod } from './remote-files';

/** Commands of the library joined by pipes, for a thread. */
export interface CommandJob {
  /** As a shell reads it; every word is quoted. */
  line: string;
  /** The commands it may start. */
  commands: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string>>;
  /** A character for each byte. */
  stdin: string;
}

export type ToThread =
  | { kind: 'run'; job: CommandJob }
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'failure'; id: number; message: string };

export type FromThread =
  | { kind: 'file'; id: number; method: FileMethod; args: readonly unknown[] }
  | ({ kind: 'done' } & CommandResult)
  | { kind: 'out-of-memory' };

export interface CommandResult {
  /** A character for each byte. */
  stdout: string;
  stderr: string;
  exitCode: number;
  /** The exit code of each command of the pipeline. */
  statuses: number[];
}
