import type { Duplex } from 'node:stream';
import type { Command } from 'just-bash';
import { sleep } from '#common/base/clock';
import { messageOf } from '#common/base/errors';
import { onAbort } from '#main/base/on-abort';
import { resolveHost } from '../../name-resolution';
import { LIVE } from '../instrument';
import {
  bad,
  bytes,
  command,
  inputBytes,
  ok,
  within,
  type Context,
  type Result,
  type Surroundings,
} from './surroundings';

/** Commands that speak over plain connections: nc, ncat, telnet, ping, traceroute. */
export function socketCommands(around: Surroundings): Command[] {
  const live = (name: string, execute: (args: string[], context: Context, isLive: boolean) => Promise<Result>) => [
    command(name, (args, context) => execute(args, context, false)),
    command(LIVE + name, (args, context) => execute(args, context, true)),
  ];
  const netcat = (args: string[], context: Context, isLive: boolean) =>
    nc(ncOptions(args), { context, around, isLive });
  return [
    ...live('nc', netcat),
    ...live('ncat', netcat),
    ...live('ping', (args, _context, isLive) => ping(args, around, isLive)),
    command('telnet', (args, context) => telnet(args, context, around)),
  ];
}

interface NcOptions {
  listen: boolean;
  keepOpen: boolean;
  zero: boolean;
  verbose: boolean;
  sendOnly: boolean;
  receiveOnly: boolean;
  exec?: string;
  wait?: number;
  words: string[];
  port?: number;
}

/** Reads the words after `nc`, of BusyBox', OpenBSD's and Nmap's. */
export function ncOptions(args: readonly string[]): NcOptions {
  const options: NcOptions = {
    listen: false,
    keepOpen: false,
    zero: false,
    verbose: false,
    sendOnly: false,
    receiveOnly: false,
    words: [],
  };
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? '';
    if (word.startsWith('--')) index += ncLong(options, word, args[index + 1] ?? '');
    else if (word.startsWith('-') && word.length > 1) index += ncShort(options, word.slice(1), args[index + 1] ?? '');
    else options.words.push(word);
  }
  const port = options.port ?? Number(options.words.at(-1));
  return { ...options, port };
}

/** Answers how many of the following words were taken. */
function ncLong(options: NcOptions, word: string, next: string): number {
  const [name, joined] = word.split(/=(.*)/s);
  if (name === '--listen') options.listen = true;
  else if (name === '--keep-open') options.keepOpen = true;
  else if (name === '--send-only') options.sendOnly = true;
  else if (name === '--recv-only') options.receiveOnly = true;
  else if (name === '--sh-exec' || name === '--exec') {
    options.exec = joined ?? next;
    return joined === undefined ? 1 : 0;
  }
  return 0;
}

function ncShort(options: NcOptions, letters: string, next: string): number {
  for (const [at, letter] of [...letters].entries()) {
    const rest = letters.slice(at + 1);
    if (letter === 'l') options.listen = true;
    else if (letter === 'k') options.keepOpen = true;
    else if (letter === 'z') options.zero = true;
    else if (letter === 'v') options.verbose = true;
    else if ('pwce'.includes(letter)) {
      const value = rest || next;
      if (letter === 'p') options.port = Number(value);
      else if (letter === 'w') options.wait = Number(value);
      else options.exec = value;
      return rest ? 0 : 1;
    }
  }
  return 0;
}

interface Place {
  context: Context;
  around: Surroundings;
  isLive: boolean;
}

async function nc(options: NcOptions, place: Place): Promise<Result> {
  return options.listen ? serve(options, place) : converse(options, place);
}

async function converse(options: NcOptions, { context, around, isLive }: Place): Promise<Result> {
  const [host = ''] = options.words;
  const port = options.port ?? 0;
  if (host === '' || !(port > 0)) return bad('nc: missing operand\n');
  using limit = within(around, options.wait);
  try {
    const [address = host] = await resolveHost(around, host, limit.signal);
    const connection = await around.connect(address, port, limit.signal);
    const open = options.verbose ? `${host} (${address}:${port}) open\n` : '';
    if (options.zero) {
      connection.destroy();
      return { ...ok(), stderr: open };
    }
    if (!options.receiveOnly) connection.write(inputBytes(context));
    connection.end();
    const ending = onAbort(limit.signal, () => connection.destroy());
    const received = await receive(connection, isLive ? (chunk) => around.write('stdout', chunk) : undefined);
    ending[Symbol.dispose]();
    return { ...bytes(received), stderr: open };
  } catch (failure) {
    if (limit.isOver()) return bad(`nc: ${host} (${host}:${port}): Connection timed out\n`);
    const reason = messageOf(failure);
    return bad(reason.startsWith('bad address') ? `nc: ${reason}\n` : `nc: ${host} (${host}:${port}): ${reason}\n`);
  }
}

async function receive(connection: Duplex, onChunk?: (chunk: Buffer) => void): Promise<Buffer> {
  const parts: Buffer[] = [];
  try {
    for await (const chunk of connection) {
      if (onChunk) onChunk(chunk as Buffer);
      else parts.push(chunk as Buffer);
    }
  } catch {
    // A connection that was cut has given what it had.
  }
  return Buffer.concat(parts);
}

/** Listens until one conversation is over, or until the container ends with `-k`. */
async function serve(options: NcOptions, place: Place): Promise<Result> {
  const { around } = place;
  const signal = around.running();
  const port = options.port ?? 0;
  return new Promise((resolve) => {
    const heard: Buffer[] = [];
    let listening: Disposable | undefined;
    const end = (result: Result) => {
      listening?.[Symbol.dispose]();
      ending[Symbol.dispose]();
      resolve(result);
    };
    const ending = onAbort(signal, () => end(bad('', 143)));
    const accept = (connection: Duplex) => {
      void answer(connection, options, place).then((received) => {
        heard.push(received);
        if (!options.keepOpen) end(bytes(Buffer.concat(heard)));
      });
    };
    try {
      listening = around.listen(port, accept);
    } catch {
      end(bad(`nc: bind: Address already in use\n`));
    }
    if (options.verbose) around.write('stderr', `listening on [::]:${port} ...\n`);
  });
}

async function answer(connection: Duplex, options: NcOptions, { context, around, isLive }: Place): Promise<Buffer> {
  connection.on('error', () => connection.destroy());
  if (options.exec !== undefined && context.exec) {
    const result = await context.exec(options.exec, { cwd: context.cwd });
    connection.end(Buffer.from(result.stdout, result.stdoutKind === 'bytes' ? 'latin1' : 'utf8'));
    around.write('stderr', result.stderr);
    connection.resume();
    return Buffer.alloc(0);
  }
  connection.end(inputBytes(context));
  return receive(connection, isLive ? (chunk) => around.write('stdout', chunk) : undefined);
}

async function telnet(args: readonly string[], context: Context, around: Surroundings): Promise<Result> {
  const [host = '', port = '23'] = args.filter((word) => !word.startsWith('-'));
  try {
    const connection = await around.connect(host, Number(port), around.running());
    connection.end(inputBytes(context));
    const received = await receive(connection);
    return { ...bytes(received), stderr: `Connected to ${host}\nConnection closed by foreign host\n` };
  } catch (failure) {
    const reason = messageOf(failure);
    return bad(
      reason.startsWith('bad address')
        ? `telnet: ${reason}\n`
        : `telnet: can't connect to remote host (${host}): ${reason}\n`,
    );
  }
}

async function ping(args: readonly string[], around: Surroundings, isLive: boolean): Promise<Result> {
  const value = (letter: string) => {
    const at = args.findIndex((word) => word.startsWith(`-${letter}`));
    const word = args[at];
    return word === undefined ? undefined : Number(word.slice(2) || args[at + 1]);
  };
  const taken = new Set(['-c', '-W', '-w', '-i', '-s']);
  const host = args.find((word, index) => !word.startsWith('-') && !taken.has(args[index - 1] ?? '')) ?? '';
  const signal = around.running();
  let address: string;
  try {
    [address = ''] = await resolveHost(around, host, signal);
  } catch {
    // ping has one sentence for every way not to find a name.
    return bad(
      around.flavour === 'busybox' ? `ping: bad address '${host}'\n` : `ping: ${host}: Name or service not known\n`,
      1,
    );
  }
  return pings({ host, address, count: value('c') ?? Infinity, print: isLive }, around);
}

async function pings(
  { host, address, count, print }: { host: string; address: string; count: number; print: boolean },
  around: Surroundings,
): Promise<Result> {
  const { clock, network, write } = around;
  const signal = around.running();
  let text = '';
  const say = (line: string) => {
    if (print) write('stdout', line);
    else text += line;
  };
  say(`PING ${host} (${address}): 56 data bytes\n`);
  let sent = 0;
  let received = 0;
  while (sent < count && !signal.aborted) {
    if (network.reaches(address)) {
      say(
        `64 bytes from ${address}: seq=${sent} ttl=62 time=0.${String(60 + ((sent * 37) % 90)).padStart(3, '0')} ms\n`,
      );
      received++;
    }
    sent++;
    await sleep(clock, 1000, signal).catch(() => undefined);
  }
  const lost = sent === 0 ? 0 : Math.round(((sent - received) / sent) * 100);
  say(`\n--- ${host} ping statistics ---\n`);
  say(`${sent} packets transmitted, ${received} packets received, ${lost}% packet loss\n`);
  if (received > 0) say('round-trip min/avg/max = 0.060/0.095/0.149 ms\n');
  return { ...ok(text), exitCode: received > 0 ? 0 : 1 };
}
