import type { Command } from 'just-bash';
import type { HostCommands } from '../../host-commands';
import { bad, command, ok, type Result } from './surroundings';

/** Commands of a node that are there as soon as a container has changed its root to the node's. */
const DIRECT = ['systemctl', 'journalctl', 'crictl', 'ssh', 'reboot', 'poweroff', 'ipmitool'];

/** `chroot /host …` and `nsenter … -- …`: how people reach the machine below a debugging Pod. */
export function hostCommands(host: HostCommands): Command[] {
  return [
    command('chroot', ([, ...words]) => onHost(host, words)),
    command('nsenter', (args) => onHost(host, withoutOptions(args))),
    ...DIRECT.map((name) => command(name, (args) => onHost(host, [name, ...args]))),
  ];
}

async function onHost(host: HostCommands, words: readonly string[]): Promise<Result> {
  if (words.length === 0) return ok();
  const result = await host.run(words);
  if (!result) return bad(`chroot: failed to run command '${words[0] ?? ''}': No such file or directory\n`, 127);
  return { stdout: result.out ?? '', stderr: result.err ?? '', exitCode: result.code };
}

/** The words after the options of nsenter, all of which take no word of their own but `-t`. */
function withoutOptions(args: readonly string[]): string[] {
  const words = [...args];
  for (let word = words[0]; word?.startsWith('-'); word = words[0]) {
    words.shift();
    if (word === '--') break;
    if (word === '-t' || word === '--target') words.shift();
  }
  return words;
}
