import type { CompiledCode } from '../compiled-code';
import type { Terminal } from './terminal';

/** What a command runs with. */
export interface Program {
  /** The folder of the built program. */
  out: string;
  terminal: Terminal;
  compiled: CompiledCode;
}
