import { messageOf, Problem } from '#common/base/errors';

/** Where a command writes: results to `out`, everything else to `err`. One line each. */
export interface Terminal {
  out(line: string): void;
  err(line: string): void;
}

export const processTerminal: Terminal = {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
};

/** What the person can put right by asking differently; everything else is a failure of its own. */
const askedWrongly = new Set([
  'usage',
  'port-in-use',
  'sandbox-name-taken',
  'sandbox-not-found',
  'sandbox-not-running',
  'scenario-unknown',
  'context-name-taken',
]);

/** Prints cause and next step of a failure; answers the exit code. */
export function report(failure: unknown, terminal: Terminal): number {
  terminal.err(`pilothouse: ${messageOf(failure)}`);
  if (!(failure instanceof Problem)) return 1;
  if (failure.nextStep) terminal.err(failure.nextStep);
  if (failure.details) terminal.err(`\n${failure.details}`);
  return askedWrongly.has(failure.code) ? 2 : 1;
}
