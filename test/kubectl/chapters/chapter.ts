/** Lines of a shell, as a user would type them: every cluster answers the same ones. */
export interface Chapter {
  /** Names its namespace and its recording. */
  name: string;
  /** It changes nodes or what belongs to no namespace: nothing else runs meanwhile. */
  alone?: boolean;
  /** By name, in the folder where the lines run; `{ns}` is the namespace of the chapter. */
  files?: Readonly<Record<string, string>>;
  lines: readonly Line[];
}

export type Line = string | SpecialLine;

export interface SpecialLine {
  line: string;
  /** What it says is not looked at, only that it ends well: waits, and what prepares for others. */
  isQuiet?: boolean;
  /** The order of what it says is chance. */
  isUnordered?: boolean;
  /** Lines of the answer that are not looked at. */
  without?: RegExp;
}

/** A line that is only waited for. */
export const quietly = (line: string): SpecialLine => ({ line, isQuiet: true });

/** A line whose answers come in an order of their own. */
export const unordered = (line: string): SpecialLine => ({ line, isUnordered: true });
