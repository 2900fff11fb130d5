/** What a container can do to its node when it has the node's files: the services of the machine, not of the container. */
export interface HostCommands {
  /** Runs a command of the node; nothing when the node has no such command. */
  run(words: readonly string[]): Promise<HostResult | undefined>;
}

export interface HostResult {
  out?: string;
  err?: string;
  code: number;
}
