import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programVersion } from '../version';
import { parseCommand, type Command } from './arguments';
import { processTerminal, report, type Terminal } from './terminal';
import { generalHelp, sandboxHelp, webHelp } from './usage';

/** The folder of the built program: this file is `host/cli.mjs` in it. */
const out = dirname(dirname(fileURLToPath(import.meta.url)));
const helpTexts = { general: generalHelp, web: webHelp, sandbox: sandboxHelp };

/** Runs one command line; answers the exit code: 0 done, 1 failed, 2 asked wrongly. */
export async function main(args: readonly string[], terminal: Terminal = processTerminal): Promise<number> {
  try {
    return await run(parseCommand(args), terminal);
  } catch (failure) {
    return report(failure, terminal);
  }
}

/** Each command loads only its own part of the program. */
async function run(command: Command, terminal: Terminal): Promise<number> {
  switch (command.kind) {
    case 'help':
      terminal.out(helpTexts[command.topic]);
      return 0;
    case 'version':
      terminal.out(programVersion);
      return 0;
    case 'web': {
      const { serveWeb } = await import('./web-command');
      return serveWeb(command, out, terminal);
    }
    case 'desktop': {
      const { openDesktop } = await import('./desktop-command');
      return openDesktop(command, out, terminal);
    }
    default: {
      const { runSandboxCommand } = await import('./sandbox-commands');
      return runSandboxCommand(command, out, terminal);
    }
  }
}
