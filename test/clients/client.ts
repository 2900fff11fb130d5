/** What every client under test is to the runner. */

/** A cluster that clients are tried against. */
export interface TriedServer {
  readonly name: 'sandbox' | 'reference';
  /** Path of a kubeconfig for an administrator, whose only context is that of the cluster. */
  readonly kubeconfig: string;
  /** Containers run for real: commands, logs and ports work. */
  readonly isLive: boolean;
  /** For what a client writes; goes away with the server. */
  readonly folder: string;
}

export type Log = (line: string) => void;

/** What a client saw, line by line, without what differs from run to run. Throws where it could not go on. */
export type Run = (server: TriedServer) => Promise<string[]>;

export interface Client {
  /** What `--only` asks for. */
  readonly name: string;
  /** With its version, as people call it. */
  readonly title: string;
  /** What it does, for the page. */
  readonly does: string;
  /** Brings a sandbox of its own; there is nothing to compare it with. */
  readonly isForSandboxAlone?: boolean;
  /** Builds or finds its program; throws a Problem where this computer cannot. */
  prepare(log: Log): Promise<Run>;
}
