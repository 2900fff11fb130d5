/** One system of the founding notes, tried with kubectl as a person would: commands, and what they have to show. */
export interface Seed {
  /** The row of the notes. */
  row: number;
  title: string;
  nodes?: number;
  /** How many of the cluster's seconds pass in a real one, where the notes wait for minutes. */
  rate?: number;
  /** Why it cannot be tried here; nothing where it can. */
  skip?: () => string | undefined;
  steps: readonly Step[];
}

export interface Step {
  /** What is done, for the reader. */
  say?: string;
  /** A line of the shell; manifests are beside it. */
  run: string;
  /** Text on standard input. */
  input?: string;
  /** What the output and the errors together have to match, all of it. */
  shows?: RegExp | readonly RegExp[];
  /** What they may not match. */
  hides?: RegExp;
  /** The command is given again until it shows what it should. */
  until?: true;
  /** Another pace of time from here on. */
  rate?: number;
  /** It has to fail. */
  fails?: true;
}
