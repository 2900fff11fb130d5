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
import type { Write } from './output-files';
import { systemCommands } from './commands/system-commands';
import { wget } from './commands/wget';

/** Words that make a server's own program do something else than run. */
const NO_SERVER = new Set(['-s', '-t', '-v', '-V', '--version', '-version', '--help', '-h']);

/** The commands of an image beside those of the library: its tools and its own programs. */
export function containerCommands(
  profile: ImageProfile,
  around: Surroundings,
  runProgram: (argv: readonly string[], signal: AbortSignal, write: Write) => Promise<number>,
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
  const programs = Object.keys(profile.programs ?? {}).flatMap((name) => [
    command(name, async (args) => {
      const printed = { stdout: '', stderr: '' };
      const exitCode = await started([name, ...args], (stream, data) => void (printed[stream] += textOf(data)));
      return { ...printed, exitCode };
    }),
    command(LIVE + name, async (args) => ({ ...ok(), exitCode: await started([name, ...args], around.write) })),
  ]);
  const started = async (argv: readonly string[], write: Write): Promise<number> => {
    if (argv.slice(1).some((word) => NO_SERVER.has(word))) return 0;
    return runProgram(argv, around.running(), write);
  };
  const present = tools.filter(({ name }) => hasTool(profile, name.replace(LIVE, '')));
  const below = host ? hostCommands(host) : [];
  return [...present.filter(({ name }) => !profile.programs?.[name.replace(LIVE, '')]), ...programs, ...below];
}

const textOf = (data: string | Uint8Array): string =>
  typeof data === 'string' ? data : Buffer.from(data).toString('utf8');
