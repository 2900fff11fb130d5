import type { Command } from 'just-bash';
import { hasTool } from '../image-tools';
import type { HostCommands } from '../host-commands';
import type { ImageProfile } from '../image-profile';
import { backupCommands } from './commands/backup-commands';
import { curl } from './commands/curl';
import { databaseCommands } from './commands/database-commands';
import { fileCommands } from './commands/file-commands';
import { hostCommands } from './commands/host-commands';
import { LIVE } from './instrument';
import { lookupCommands } from './commands/lookup-commands';
import { networkTools } from './commands/network-tools';
import { redisCli } from './commands/redis-cli';
import { socketCommands } from './commands/socket-commands';
import { command, ok, type Surroundings } from './commands/surroundings';
import { systemCommands } from './commands/system-commands';
import { wget } from './commands/wget';

/** Words that make a server's own program do something else than run. */
const NO_SERVER = new Set(['-s', '-t', '-v', '-V', '--version', '-version', '--help', '-h']);

/** The commands of an image beside those of the library: its tools and its own programs. */
export function containerCommands(
  profile: ImageProfile,
  around: Surroundings,
  runProgram: (argv: readonly string[], signal: AbortSignal) => Promise<number>,
  host?: HostCommands,
): Command[] {
  const tools = [
    ...systemCommands(around),
    ...fileCommands(around),
    ...lookupCommands(around),
    ...networkTools(around),
    ...socketCommands(around),
    ...databaseCommands(around),
    ...backupCommands(around),
    command('curl', (args, context) => curl(args, context, around)),
    command('wget', (args, context) => wget(args, context, around)),
    command('redis-cli', (args, context) => redisCli(args, context, around)),
  ];
  const programs = Object.keys(profile.programs ?? {}).map((name) =>
    command(name, async (args) => {
      if (args.some((word) => NO_SERVER.has(word))) return ok();
      return { ...ok(), exitCode: await runProgram([name, ...args], around.running()) };
    }),
  );
  const present = tools.filter(({ name }) => hasTool(profile, name.replace(LIVE, '')));
  const below = host ? hostCommands(host) : [];
  return [...present.filter(({ name }) => !profile.programs?.[name]), ...programs, ...below];
}
