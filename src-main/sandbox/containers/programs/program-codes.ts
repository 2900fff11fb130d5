import { agnhostCodes } from './agnhost';
import { kafkaCodes } from './kafka';
import { certgen } from './certgen';
import { stress } from './stress';
import type { ProgramContext } from './program-context';

/** A program that is code: runs to its end, or until it is asked to; answers its exit code. */
export type ProgramCode = (context: ProgramContext, signal: AbortSignal) => Promise<number>;

const codes: Readonly<Record<string, ProgramCode>> = { certgen, stress, ...agnhostCodes, ...kafkaCodes };

export function codeOf(name: string): ProgramCode | undefined {
  return codes[name];
}
