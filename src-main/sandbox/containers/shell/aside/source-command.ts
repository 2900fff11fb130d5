import { randomBytes } from 'node:crypto';
import type { Command } from 'just-bash';
import { SOURCE } from './sources';

/** `__source lines|zero|random bytes|lines COUNT TEXT`: the first part of what never ends, a character for each byte. */
export const sourceCommand: Command = {
  name: SOURCE,
  execute: async ([of, unit, count = '0', text = '']) => {
    const stdout = partOf({ of, text, isLines: unit === 'lines', count: Number(count) });
    return { stdout, stdoutKind: 'bytes', stderr: '', exitCode: 0 };
  },
};

interface Part {
  of: string | undefined;
  text: string;
  isLines: boolean;
  count: number;
}

function partOf({ of, text, isLines, count }: Part): string {
  if (of === 'lines') {
    const line = Buffer.from(text).toString('latin1');
    return isLines ? line.repeat(count) : line.repeat(Math.ceil(count / line.length)).slice(0, count);
  }
  // Lines of a device end at random, about every 256 bytes.
  const bytes = isLines ? count * 256 : count;
  return of === 'zero' ? '\0'.repeat(bytes) : randomBytes(bytes).toString('latin1');
}
