/** What commands that compare the sandbox with the reference have in common: their options, and how failures end them. */
import { parseArgs } from 'node:util';
import { messageOf, Problem } from '#common/base/errors';

export interface ComparisonOptions {
  /** With what the reference was recorded to answer, instead of a running one. */
  recorded?: boolean;
  /** Keeps what the reference answers. */
  record?: boolean;
  /** Only what has this in its name. */
  only?: string;
  /** Prints every difference that is not accepted. */
  show?: boolean;
  /** Writes what is open now to the baseline. */
  update?: boolean;
}

export interface Comparison {
  usage: string;
  compare: (options: ComparisonOptions) => Promise<number>;
  /** Told why it failed. */
  tell: (line: string) => void;
}

/** Runs a comparison with the options in `args`; answers the exit code: its own, 1 where it failed, 2 for wrong options. */
export async function runComparison(args: readonly string[], { usage, compare, tell }: Comparison): Promise<number> {
  try {
    return await compare(optionsOf(args, usage));
  } catch (failure) {
    tell(messageOf(failure));
    if (failure instanceof Problem && failure.nextStep) tell(failure.nextStep);
    return failure instanceof TypeError ? 2 : 1;
  }
}

function optionsOf(args: readonly string[], usage: string): ComparisonOptions {
  try {
    const flag = { type: 'boolean' } as const;
    const options = { recorded: flag, record: flag, show: flag, update: flag, only: { type: 'string' } } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (failure) {
    throw new TypeError(`${messageOf(failure)}\n${usage}`, { cause: failure });
  }
}
