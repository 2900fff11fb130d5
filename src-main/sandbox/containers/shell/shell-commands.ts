import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Command } from 'just-bash';
import { sleep, type Clock } from '#common/base/clock';
import { messageOf } from '#common/base/errors';
import { baseName } from './shell-words';

type Result = Awaited<ReturnType<Command['execute']>>;

/** What the commands of a container's shell need of the container. */
export interface ShellSurroundings {
  clock: Clock;
  hostname: string;
  ip: string;
  /** argv of the main process, as `ps` shows it. */
  mainCommand: string;
  /** Connects from inside the container; rejects with the reason as a person reads it. */
  connect: (host: string, port: number) => Promise<Duplex>;
  /** Runs one of the image's own programs until it ends; answers its exit code. */
  programs: readonly string[];
  runProgram: (name: string, signal: AbortSignal) => Promise<number>;
  write: (stream: 'stdout' | 'stderr', text: string) => void;
}

const ok = (stdout = ''): Result => ({ stdout, stderr: '', exitCode: 0 });
const bad = (stderr: string, exitCode = 1): Result => ({ stdout: '', stderr, exitCode });

/** The commands of a container that the shell's library lacks or that must see the cluster's clock and network. */
export function shellCommands(around: ShellSurroundings, signal: AbortSignal): Command[] {
  const command = (name: string, execute: Command['execute']): Command => ({ name, execute });
  return [
    command('hostname', async (args) => ok(`${args.includes('-i') ? around.ip : around.hostname}\n`)),
    command('whoami', async () => ok('root\n')),
    command('id', async (args) => ok(args.includes('-u') ? '0\n' : 'uid=0(root) gid=0(root) groups=0(root)\n')),
    command('uname', async (args) => ok(uname(args, around.hostname))),
    command('nproc', async () => ok('8\n')),
    command('ps', async () => ok(`PID   USER     TIME  COMMAND\n    1 root      0:00 ${around.mainCommand}\n`)),
    command('sleep', (args) => sleepFor(args, around.clock, signal)),
    command('tail', (args, context) => tail(args, context, around, signal)),
    command('tar', tar),
    command('wget', (args, context) => wget(args, context, around)),
    command('curl', (args, context) => curl(args, context, around)),
    command('nc', (args) => probePort(args, around)),
    command('redis-cli', (args) => redisCli(args, around)),
    ...around.programs.map((name) =>
      command(name, async (args) => ({
        stdout: '',
        stderr: '',
        exitCode: isReload(args) ? 0 : await around.runProgram(name, signal),
      })),
    ),
  ];
}

const isReload = (args: readonly string[]): boolean => args.some((word) => ['-s', '-t', '-v', '-V'].includes(word));

function uname(args: readonly string[], hostname: string): string {
  if (args.includes('-a')) {
    return `Linux ${hostname} 6.12.48 #1 SMP PREEMPT_DYNAMIC Thu Sep 25 08:00:00 UTC 2026 x86_64 GNU/Linux\n`;
  }
  if (args.includes('-r')) return '6.12.48\n';
  if (args.includes('-m')) return 'x86_64\n';
  return args.includes('-n') ? `${hostname}\n` : 'Linux\n';
}

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86400 };
/** Node and the DOM hold timers up to 2^31-1 ms; a longer sleep is slept in parts. */
const LONGEST_MS = 2_000_000_000;

async function sleepFor(args: readonly string[], clock: Clock, signal: AbortSignal): Promise<Result> {
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

type Context = Parameters<Command['execute']>[1];

/** How often a followed file is looked at. */
const FOLLOW_MS = 250;

async function tail(args: string[], context: Context, around: ShellSurroundings, signal: AbortSignal): Promise<Result> {
  const follow = args.some((word) => /^-[a-zA-Z0-9]*[fF]/.test(word) || word.startsWith('--follow'));
  const rest = args.map((word) => (/^-[fF]+$/.test(word) ? '' : word)).filter(Boolean);
  const path = rest.findLast((word) => !word.startsWith('-') && !/^\+?\d+$/.test(word));
  if (!follow || path === undefined) return (await context.origCommand?.(args)) ?? ok();
  if (path === '/dev/null') return waitForEnd(signal);
  const file = context.fs.resolvePath(context.cwd, path);
  const first = (await context.origCommand?.(rest)) ?? ok();
  around.write('stdout', first.stdout);
  if (first.exitCode !== 0) return { ...first, stdout: '' };
  let length = (await context.fs.readFile(file)).length;
  while (!signal.aborted) {
    await sleep(around.clock, FOLLOW_MS, signal).catch(() => undefined);
    const text = (await context.fs.exists(file)) ? await context.fs.readFile(file) : '';
    around.write('stdout', text.slice(text.length < length ? 0 : length));
    length = text.length;
  }
  return bad('', 143);
}

/** Member names are relative to the root, as every tar makes them: the library keeps the slash in front. */
async function tar(args: string[], context: Context): Promise<Result> {
  const [mode = ''] = args;
  const names = args.slice(1).filter((word) => word.startsWith('/'));
  const makes = /^-?[a-zA-Z]*c/.test(mode) && !args.includes('-C');
  const archive = mode.endsWith('f') ? args[1] : undefined;
  const members = names.filter((name) => name !== archive);
  if (!makes || members.length === 0) return (await context.origCommand?.(args)) ?? ok();
  const kept = args.slice(1).map((word) => (members.includes(word) ? word.replace(/^\/+/, '') || '.' : word));
  const at = kept.findIndex((_, index) => members.includes(args[index + 1] ?? ''));
  const words = [mode, ...kept.slice(0, at), '-C', '/', ...kept.slice(at)];
  const result = (await context.origCommand?.(words)) ?? ok();
  return { ...result, stderr: `tar: Removing leading \`/' from member names\n${result.stderr}` };
}

function waitForEnd(signal: AbortSignal): Promise<Result> {
  return new Promise((resolve) => {
    const end = () => resolve(bad('', 143));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

interface WebAnswer {
  status: number;
  statusText: string;
  headers: string;
  body: Buffer;
}

async function fetchPage(url: string, method: string, { connect }: ShellSurroundings): Promise<WebAnswer> {
  const target = new URL(/^\w+:\/\//.test(url) ? url : `http://${url}`);
  const port = Number(target.port || 80);
  const connection = await connect(target.hostname, port);
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        createConnection: () => connection,
        host: target.hostname,
        port,
        method,
        path: target.pathname + target.search,
        headers: { 'User-Agent': 'curl/8.14.1', Host: target.host },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const lines = response.rawHeaders.map((text, index) => (index % 2 ? `${text}\r\n` : `${text}: `)).join('');
          const status = response.statusCode ?? 0;
          const statusText = response.statusMessage ?? '';
          connection.destroy();
          resolve({
            status,
            statusText,
            headers: `HTTP/1.1 ${status} ${statusText}\r\n${lines}\r\n`,
            body: Buffer.concat(parts),
          });
        });
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

const WITH_VALUE = new Set([
  '-o',
  '-O',
  '-T',
  '-t',
  '-m',
  '-X',
  '-H',
  '-d',
  '-w',
  '-A',
  '--max-time',
  '--connect-timeout',
  '--retry',
  '--output',
]);

function webWords(args: readonly string[]): { flags: string[]; values: Map<string, string>; url: string | undefined } {
  const flags: string[] = [];
  const values = new Map<string, string>();
  let url: string | undefined;
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? '';
    const joined = /^-[a-zA-Z]*([oO])(-)?$/.exec(word);
    if (WITH_VALUE.has(word)) values.set(word, args[++index] ?? '');
    else if (joined && joined[0].length > 2) {
      flags.push(word);
      values.set(`-${joined[1]}`, joined[2] ?? args[++index] ?? '');
    } else if (word.startsWith('-')) flags.push(word);
    else url = word;
  }
  return { flags, values, url };
}

const hasLetter = (flags: readonly string[], letter: string): boolean =>
  flags.some((flag) => /^-[a-zA-Z]+$/.test(flag) && flag.includes(letter));

async function wget(args: readonly string[], context: Context, around: ShellSurroundings): Promise<Result> {
  const { flags, values, url } = webWords(args);
  if (url === undefined) return bad('wget: missing URL\n');
  const host = url.replace(/^\w+:\/\//, '').replace(/[/?].*$/, '');
  try {
    const answer = await fetchPage(url, 'GET', around);
    if (answer.status >= 400)
      return bad(`wget: server returned error: HTTP/1.1 ${answer.status} ${answer.statusText}\n`);
    if (hasLetter(flags, 'S')) around.write('stderr', answer.headers);
    if (flags.includes('--spider')) return ok();
    const output = values.get('-O') ?? (baseName(new URL(url, 'http://x').pathname) || 'index.html');
    if (output === '-') return { ...ok(answer.body.toString('latin1')), stdoutKind: 'bytes' };
    await context.fs.writeFile(context.fs.resolvePath(context.cwd, output), answer.body);
    return hasLetter(flags, 'q')
      ? ok()
      : { ...ok(), stderr: `Connecting to ${host}\nsaving to '${output}'\n'${output}' saved\n` };
  } catch (failure) {
    return bad(`wget: can't connect to remote host (${host}): ${messageOf(failure)}\n`);
  }
}

async function curl(args: readonly string[], context: Context, around: ShellSurroundings): Promise<Result> {
  const { flags, values, url } = webWords(args);
  if (url === undefined) return bad('curl: (2) no URL specified\n', 2);
  const head = hasLetter(flags, 'I') || flags.includes('--head');
  try {
    const answer = await fetchPage(url, values.get('-X') ?? (head ? 'HEAD' : 'GET'), around);
    if (hasLetter(flags, 'f') && answer.status >= 400) {
      return bad(`curl: (22) The requested URL returned error: ${answer.status}\n`, 22);
    }
    const headers = head || hasLetter(flags, 'i') ? answer.headers : '';
    const written = (values.get('-w') ?? '').replaceAll('%{http_code}', String(answer.status)).replaceAll('\\n', '\n');
    const text = Buffer.concat([Buffer.from(headers), answer.body]);
    const output = values.get('-o') ?? values.get('--output');
    if (output === undefined) return { ...ok(text.toString('latin1') + written), stdoutKind: 'bytes' };
    await context.fs.writeFile(context.fs.resolvePath(context.cwd, output), text);
    return ok(written);
  } catch (failure) {
    return curlFailure(url, failure);
  }
}

function curlFailure(url: string, failure: unknown): Result {
  const target = new URL(/^\w+:\/\//.test(url) ? url : `http://${url}`);
  const message = messageOf(failure);
  if (/bad address/.test(message)) return bad(`curl: (6) Could not resolve host: ${target.hostname}\n`, 6);
  const where = `${target.hostname} port ${target.port || 80}`;
  return bad(`curl: (7) Failed to connect to ${where} after 0 ms: Could not connect to server\n`, 7);
}

async function probePort(args: readonly string[], around: ShellSurroundings): Promise<Result> {
  const [host, port] = args.filter((word) => !word.startsWith('-')).slice(-2);
  if (host === undefined || port === undefined) return bad('nc: missing operand\n');
  try {
    (await around.connect(host, Number(port))).destroy();
    return hasLetter(args, 'v') ? { ...ok(), stderr: `${host} (${host}:${port}) open\n` } : ok();
  } catch (failure) {
    return bad(`nc: ${host} (${host}:${port}): ${messageOf(failure)}\n`);
  }
}

async function redisCli(args: readonly string[], around: ShellSurroundings): Promise<Result> {
  const words = [...args];
  let host = '127.0.0.1';
  let port = 6379;
  for (let option = words[0]; option === '-h' || option === '-p'; option = words[0]) {
    const [, value = ''] = words.splice(0, 2);
    if (option === '-h') host = value;
    else port = Number(value);
  }
  try {
    const connection = await around.connect(host, port);
    const reply = new Promise<string>((resolve) => {
      connection.once('data', (data: Buffer) => resolve(data.toString('utf8')));
    });
    connection.write(
      `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`,
    );
    const text = readableReply(await reply);
    connection.destroy();
    return ok(`${text}\n`);
  } catch (failure) {
    return bad(`Could not connect to Redis at ${host}:${port}: ${messageOf(failure)}\n`);
  }
}

/** A reply as redis-cli prints it when its output is no terminal. */
function readableReply(reply: string): string {
  const lines = reply.split('\r\n');
  if (reply.startsWith('$-1')) return '';
  if (reply.startsWith('$')) return lines.slice(1, -1).join('\n');
  if (reply.startsWith('*')) return lines.filter((line) => line !== '' && !/^[*$]\d+$/.test(line)).join('\n');
  return (lines[0] ?? '').slice(1);
}
