/** What one server shows and the other does not; `undefined` where its lines had ended. */
export interface LineDifference {
  /** The latest heading before it, such as a command line. */
  under: string;
  reference: string | undefined;
  sandbox: string | undefined;
}

/** Marks lines that begin a part of a transcript. */
export const HEADING = '$ ';

export function firstDifference(reference: readonly string[], sandbox: readonly string[]): LineDifference | undefined {
  let under = '';
  for (let at = 0; at < Math.max(reference.length, sandbox.length); at++) {
    const [expected, found] = [reference[at], sandbox[at]];
    if (expected !== found) return { under, reference: expected, sandbox: found };
    if (expected?.startsWith(HEADING)) under = expected;
  }
  return undefined;
}
