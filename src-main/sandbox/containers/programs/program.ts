import type { Duplex } from 'node:stream';
import { sleep } from '#common/base/clock';
import { LinkedAbort } from '#main/base/linked-abort';
import { onAbort } from '#main/base/on-abort';
import type { AnswerDirectly } from '../direct-request';
import type { ListenerProfile, ProgramProfile } from '../image-profile';
import { AnyListener } from './any-listener';
import { HttpListener } from './http-listener';
import { handlerOf } from './handlers/handlers';
import { codeOf } from './program-codes';
import { fillTokens } from './log-tokens';
import { MysqlServer } from './sql/mysql-server';
import { PostgresServer } from './sql/postgres-server';
import { flagValue, PortTakenError, variable, type ProgramContext } from './program-context';
import { RedisListener } from './redis-listener';
import { TlsDoor } from './tls-door';

export interface Listener {
  accept(connection: Duplex): void;
  readonly answer?: AnswerDirectly;
}

/** Runs one of an image's programs: prints, listens, and ends when it is stopped. Answers its exit code. */
export async function runProgram(
  profile: ProgramProfile,
  context: ProgramContext,
  signal: AbortSignal,
): Promise<number> {
  const program = profile.subcommands?.[subcommandOf(context.argv)] ?? profile;
  const printer = new Printer(context);
  const lacking = (await missingSetting(program, context)) ?? (await missingServer(program, context, signal));
  if (lacking) {
    printer.lines(lacking.log);
    return lacking.exitCode;
  }
  printer.lines(program.log);
  const coded = program.code === undefined ? undefined : codeOf(program.code);
  if (coded) return coded(context, signal);
  if (program.readyMs) await sleep(context.spec.clock, program.readyMs, signal).catch(() => undefined);
  if (signal.aborted) return program.stopCode ?? 143;
  if (program.exitCode !== undefined) return program.exitCode;
  if (!program.listen) return stopped(program, printer, signal);
  using end = new LinkedAbort(signal);
  let exited: number | undefined;
  const exit = (status: number) => {
    exited ??= status;
    end.abort();
  };
  const listening = await openListeners(program, { context, printer, exit, signal: end.signal });
  printer.lines(program.readyLog);
  await aborted(end.signal);
  for (const each of listening) each[Symbol.dispose]();
  if (exited === undefined) printer.lines(program.stopLog);
  return exited ?? program.stopCode ?? 0;
}

const subcommandOf = ([, ...args]: readonly string[]): string => args.find((word) => !word.startsWith('-')) ?? '';

async function missingServer({ client }: ProgramProfile, { connect }: ProgramContext, signal: AbortSignal) {
  if (!client) return undefined;
  try {
    (await connect('127.0.0.1', client.port, signal)).destroy();
    return undefined;
  } catch {
    return client;
  }
}

/** A program that is only there: nothing but a signal ends it. */
async function stopped({ readyLog, stopLog, stopCode = 0 }: ProgramProfile, printer: Printer, signal: AbortSignal) {
  printer.lines(readyLog);
  await aborted(signal);
  printer.lines(stopLog);
  return stopCode;
}

async function missingSetting({ requires }: ProgramProfile, { spec, fs }: ProgramContext) {
  if (!requires || requires.env.some((name) => spec.env[name])) return undefined;
  if (requires.unlessPath && (await (await fs()).exists(requires.unlessPath))) return undefined;
  return requires;
}

interface Opening {
  context: ProgramContext;
  printer: Printer;
  exit: (code: number) => void;
  signal: AbortSignal;
}

async function openListeners(program: ProgramProfile, opening: Opening): Promise<Disposable[]> {
  const open: Disposable[] = [];
  const ports = (program.listen ?? []).flatMap((profile) =>
    portsOf(profile, opening.context).map((port) => ({ profile, port })),
  );
  for (const { profile, port } of ports) {
    try {
      const listener = await listenerOf(profile, port, opening);
      const { answer } = listener;
      open.push(opening.context.listen(port, (connection) => listener.accept(connection), answer));
    } catch (failure) {
      opening.printer.lines([`!listen tcp :${port}: bind: address already in use`]);
      opening.exit(1);
      if (!(failure instanceof PortTakenError)) throw failure;
    }
  }
  return open;
}

function portsOf(profile: ListenerProfile, context: ProgramContext): number[] {
  const { portsFrom } = profile;
  if (portsFrom === undefined) return [portOf(profile, context)];
  const named = Object.keys(context.spec.env).filter((name) => name.startsWith(portsFrom));
  return named.map((name) => Number(name.slice(portsFrom.length))).filter((port) => port > 0);
}

function portOf({ port, portFrom, portFlag }: ListenerProfile, { spec, argv }: ProgramContext): number {
  const flag = portFlag === undefined ? undefined : flagValue(argv, portFlag);
  return Number(flag ?? (portFrom === undefined ? undefined : variable(spec, portFrom)) ?? port) || port;
}

async function listenerOf(profile: ListenerProfile, port: number, opening: Opening): Promise<Listener> {
  const { context, printer, signal } = opening;
  switch (profile.protocol) {
    case 'redis':
      return new RedisListener(context.spec.clock, flagValue(context.argv, '--requirepass'));
    case 'mysql':
      return MysqlServer.open(context, signal);
    case 'postgres':
      return PostgresServer.open(context);
    case 'echo':
      return { accept: (connection) => void connection.pipe(connection) };
    // An HTTP/2 server takes a connection over only when something has come in.
    case 'grpc':
    case 'any':
      return new AnyListener(new TlsDoor(context.spec.mounts));
    case 'tcp':
      return { accept: (connection) => void connection.on('error', () => connection.destroy()).resume() };
    default:
      return new HttpListener({
        profile,
        fs: context.fs,
        door: new TlsDoor(context.spec.mounts),
        fill: (text, more) => printer.fill(text, more),
        log: (line) => context.write('stdout', line),
        handler: profile.handler
          ? handlerOf(profile.handler, { ...context, port, protocol: profile.protocol, exit: opening.exit, signal })
          : undefined,
        work: context.work,
      });
  }
}

/** Prints the lines of a profile; `!` in front means the error stream. */
class Printer {
  readonly #context: ProgramContext;

  constructor(context: ProgramContext) {
    this.#context = context;
  }

  lines(lines: readonly string[] | undefined): void {
    for (const line of lines ?? []) {
      const isError = line.startsWith('!');
      this.#context.write(isError ? 'stderr' : 'stdout', `${this.fill(isError ? line.slice(1) : line)}\n`);
    }
  }

  fill(text: string, more?: Readonly<Record<string, string>>): string {
    const { spec } = this.#context;
    const { ip, hostname, clock } = spec;
    const filled = fillTokens(text, { atMs: clock.now(), ip, hostname }, more);
    return filled.replaceAll(/\{env:(\w+)\}/g, (_, name: string) => variable(spec, name) ?? '');
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => void onAbort(signal, () => resolve()));
}
