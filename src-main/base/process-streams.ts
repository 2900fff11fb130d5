/** How a process ended: an exit code, or the reason why it could not run at all. */
export interface ExitStatus {
  code: number;
  /** Set when the process was never started or was lost: shown to the person instead of the code. */
  message?: string;
}

/** A running process seen from outside, whether in a simulated container or behind an API server's exec. */
export interface ProcessStreams {
  /** Resolves when the process (or the network) has room for more. */
  writeStdin(chunk: Uint8Array): Promise<void>;
  /** Half-closes: the process reads end of file. */
  endStdin(): void;
  readonly stdout: AsyncIterable<Uint8Array>;
  /** Empty with a terminal: everything comes on stdout. */
  readonly stderr: AsyncIterable<Uint8Array>;
  resize(columns: number, rows: number): void;
  readonly exit: Promise<ExitStatus>;
  /** Ends the process, or the connection to it. */
  kill(): void;
}
