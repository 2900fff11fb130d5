import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompiledCode } from '../compiled-code';
import { programFolders } from '../fleet/folders';
import { programVersion } from '../version';
import { parseCommand, type Command } from './arguments';
import type { Program } from './program';
import { processTerminal, report, type Terminal } from './terminal';
import { generalHelp, sandboxHelp, webHelp } from './usage';

/** The folder of the built program: this file is `host/cli.cjs` in it. */
const out = dirname(dirname(fileURLToPath(import.meta.url)));
const helpTexts = { general: generalHelp, web: webHelp, sandbox: sandboxHelp };

/** Runs one command line; answers the exit code: 0 done, 1 failed, 2 asked wrongly. */
export async function main(args: readonly string[], terminal: Terminal = processTerminal): Promise<number> {
  try {
    const compiled = new CompiledCode(programFolders().compiled);
    compiled.reuse();
    return await run(parseCommand(args), { out, terminal, compiled });
  } catch (failure) {
    return report(failure, terminal);
  }
}

/** Each command loads only its own part of the program. */
async function run(command: Command, program: Program): Promise<number> {
  const { terminal } = program;
  switch (command.kind) {
    case 'help':
      terminal.out(helpTexts[command.topic]);
      return 0;
    case 'version':
      terminal.out(programVersion);
      return 0;
    case 'web': {
      const { serveWeb } = await import('./web-command');
      return serveWeb(command, program);
    }
    case 'desktop': {
      const { openDesktop } = await import('./desktop-command');
      return openDesktop(command, program);
    }
    default: {
      const { runSandboxCommand } = await import('./sandbox-commands');
      return runSandboxCommand(command, program);
    }
  }
}
