import type { Command } from 'just-bash';
import { sleep } from '#common/base/clock';
import { MACHINE } from '../../machine';
import { df } from './df';
import { bad, command, ok, type Context, type Result, type Surroundings } from './surroundings';

/** Commands about the container itself: who, where, when, which processes. */
export function systemCommands(around: Surroundings): Command[] {
  return [
    command('hostname', async (args) => ok(`${hostnameText(args, around)}\n`)),
    command('whoami', async () => whoami(around)),
    command('id', async (args) => ok(idText(args, around))),
    command('uname', async (args) => ok(uname(args, around.hostname))),
    command('nproc', async () => ok(`${MACHINE.cpus}\n`)),
    command('uptime', async () => ok(`${uptime(around)}\n`)),
    command('top', async () => ok(top(around))),
    command('env', withoutStatus),
    command('printenv', withoutStatus),
    command('ps', async (args) => ok(ps(args, around))),
    command('kill', async (args) => kill(args, around)),
    command('pidof', async ([name = '']) => pidof(name, around)),
    command('sleep', (args) => sleepFor(args, around)),
    command('date', (args, context) => date(args, context, around)),
    command('ulimit', async (args) => ok(args.includes('-n') ? '1048576\n' : 'unlimited\n')),
    command('umask', async (args) => ok(args.length > 0 ? '' : '0022\n')),
    command('jobs', async () => ok()),
    command('sync', async () => ok()),
    command('mount', async () => ok('overlay on / type overlay (rw,relatime)\nproc on /proc type proc (rw)\n')),
    command('free', async (args) => ok(free(args))),
    command('df', (args, context) => df(args, context, around)),
    // Files have no owners here: whoever may be told gets them.
    command('chown', changeOwner),
    command('chgrp', changeOwner),
    command('sysctl', async (args) =>
      ok(
        args
          .filter((word) => word.includes('='))
          .map((word) => `${word.replace('=', ' = ')}\n`)
          .join(''),
      ),
    ),
  ];
}

async function changeOwner(args: string[], { fs, cwd }: Context): Promise<Result> {
  const [, ...paths] = args.filter((word) => !word.startsWith('-'));
  for (const path of paths) {
    if (await fs.exists(fs.resolvePath(cwd, path))) continue;
    return bad(`chown: cannot access '${path}': No such file or directory\n`);
  }
  return ok();
}

/** `free` in kibibytes, or in the unit that is asked for. */
function free(args: readonly string[]): string {
  const unit = args.some((word) => /^-.*m/.test(word)) ? 1024 : args.some((word) => /^-.*g/.test(word)) ? 1024 ** 2 : 1;
  const { total, free: unused, available, cached } = MACHINE.memoryKi;
  const row = (name: string, amounts: readonly number[]) =>
    `${name.padEnd(8)}${amounts.map((amount) => String(Math.floor(amount / unit)).padStart(12)).join('')}\n`;
  return (
    '              total        used        free      shared  buff/cache   available\n' +
    row('Mem:', [total, total - unused - cached, unused, 1208, cached, available]) +
    row('Swap:', [0, 0, 0])
  );
}

function hostnameText(args: readonly string[], { hostname, ip }: Surroundings): string {
  if (args.some((word) => ['-i', '-I', '--ip-address', '--all-ip-addresses'].includes(word))) return ip;
  return args.includes('-s') ? (hostname.split('.')[0] ?? hostname) : hostname;
}

function whoami({ user }: Surroundings): Result {
  return user.name ? ok(`${user.name}\n`) : bad(`whoami: unknown uid ${user.uid}\n`);
}

function idText(args: readonly string[], { user: { name, uid } }: Surroundings): string {
  if (args.includes('-u')) return `${args.includes('-n') ? name || uid : uid}\n`;
  if (args.includes('-g')) return `${uid}\n`;
  const label = name ? `(${name})` : '';
  return `uid=${uid}${label} gid=${uid}${label} groups=${uid}${label}\n`;
}

function uname(args: readonly string[], hostname: string): string {
  if (args.includes('-a')) {
    return `Linux ${hostname} ${MACHINE.kernel} ${MACHINE.build} x86_64 GNU/Linux\n`;
  }
  if (args.includes('-r')) return `${MACHINE.kernel}\n`;
  if (args.includes('-m')) return 'x86_64\n';
  return args.includes('-n') ? `${hostname}\n` : 'Linux\n';
}

function ps(args: readonly string[], { processes, flavour }: Surroundings): string {
  const list = processes.list();
  if (flavour === 'busybox') {
    const rows = list.map(
      ({ pid, user, command: line }) => `${String(pid).padStart(5)} ${user.padEnd(8)}  0:00 ${line}\n`,
    );
    return `PID   USER     TIME  COMMAND\n${rows.join('')}`;
  }
  if (args.some((word) => /^-?a?u/.test(word))) {
    const rows = list.map(
      ({ pid, user, command: line }) =>
        `${user.padEnd(8)} ${String(pid).padStart(7)}  0.0  0.0  11396  7520 ?        Ss   00:00   0:00 ${line}\n`,
    );
    return `USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n${rows.join('')}`;
  }
  const rows = list.map(
    ({ pid, command: line }) => `${String(pid).padStart(7)} ?        00:00:00 ${line.split(' ')[0] ?? ''}\n`,
  );
  return `    PID TTY          TIME CMD\n${rows.join('')}`;
}

/** The library shows the code of the last command among the variables. */
async function withoutStatus(args: string[], { origCommand }: Context): Promise<Result> {
  const result = (await origCommand?.(args)) ?? ok();
  return { ...result, stdout: result.stdout.replace(/^\?=\d*\n/m, '') };
}

function uptime({ clock, startedMs }: Surroundings): string {
  const minutes = Math.floor((clock.now() - startedMs) / 60_000);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  const since = days > 0 ? `${days} day${days > 1 ? 's' : ''}, ` : '';
  const rest =
    hours > 0 ? `${String(hours).padStart(2)}:${String(minutes % 60).padStart(2, '0')}` : `${minutes % 60} min`;
  return ` ${new Date(clock.now()).toISOString().slice(11, 19)} up ${since}${rest},  0 users,  load average: 0.08, 0.05, 0.01`;
}

/** One screen of busybox' `top`. */
function top({ processes }: Surroundings): string {
  const { total, free: unused, cached } = MACHINE.memoryKi;
  const rows = processes
    .list()
    .map(
      ({ pid, user, command: line }) =>
        `${String(pid).padStart(5)}     0 ${user.padEnd(8)} S     4404   0%   0   0% ${line}\n`,
    );
  return (
    `Mem: ${total - unused}K used, ${unused}K free, 1208K shrd, 0K buff, ${cached}K cached\n` +
    'CPU:   0% usr   0% sys   0% nic 100% idle   0% io   0% irq   0% sirq\n' +
    `Load average: 0.08 0.05 0.01 1/${rows.length} ${rows.length}\n` +
    `  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND\n${rows.join('')}`
  );
}

const SIGNALS: Readonly<Record<string, number>> = { HUP: 1, INT: 2, QUIT: 3, KILL: 9, USR1: 10, USR2: 12, TERM: 15 };

function kill(args: readonly string[], { processes }: Surroundings): Result {
  const words = [...args];
  let number = 15;
  if (words[0] === '-l') return ok(`${Object.keys(SIGNALS).join(' ')}\n`);
  if (words[0]?.startsWith('-') && words[0] !== '--') {
    const [first = ''] = words.splice(0, 1);
    const name = (first === '-s' ? (words.shift() ?? '') : first.slice(1)).replace(/^SIG/, '');
    number = SIGNALS[name] ?? Number(name);
  }
  let failed = '';
  for (const word of words) {
    const entry = processes.get(Number(word));
    if (entry) {
      if (number > 0) entry.signal(number);
    } else failed += `sh: can't kill pid ${word}: No such process\n`;
  }
  return failed ? bad(failed) : ok();
}

function pidof(name: string, { processes }: Surroundings): Result {
  const found = processes.list().filter(({ command: line }) => (line.split(' ')[0] ?? '').endsWith(name));
  return found.length > 0 ? ok(`${found.map(({ pid }) => pid).join(' ')}\n`) : bad('');
}

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };
/** Node and the DOM hold timers up to 2^31-1 ms; a longer sleep is slept in parts. */
const LONGEST_MS = 2_000_000_000;

async function sleepFor(args: readonly string[], { clock, running }: Surroundings): Promise<Result> {
  const signal = running();
  let seconds = 0;
  for (const word of args) {
    const match = /^(\d*\.?\d+|inf(?:inity)?)([smhd]?)$/.exec(word);
    if (!match) return bad(`sleep: invalid number '${word}'\n`);
    seconds += match[1]?.startsWith('inf') ? Infinity : Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1);
  }
  if (args.length === 0) return bad('sleep: missing operand\n');
  for (let left = seconds * 1000; left > 0 && !signal.aborted; left -= LONGEST_MS) {
    await sleep(clock, Math.min(left, LONGEST_MS), signal).catch(() => undefined);
  }
  return signal.aborted ? bad('', 143) : ok();
}

/** The library's `date`, told the time of the cluster. */
async function date(args: string[], { origCommand }: Context, around: Surroundings): Promise<Result> {
  const isTold = args.some((word) => word.startsWith('-d') || word.startsWith('--date') || word.startsWith('-r'));
  const now = `@${Math.floor(around.clock.now() / 1000)}`;
  return (await origCommand?.(isTold ? args : ['-d', now, ...args])) ?? ok();
}
