import type { Duplex } from 'node:stream';
import { messageOf } from '#common/base/errors';
import { cString, int32, NUMBER_OID, PgReader, pgMessage } from '../../programs/sql/postgres-server';
import { bad, inputText, ok, type Context, type Result, type Surroundings } from './surroundings';

interface PsqlOptions {
  host: string;
  port: number;
  user: string;
  database: string;
  password: string;
  commands: string[];
  tuplesOnly: boolean;
  /** Fields with a bar between them, not in columns. */
  unaligned: boolean;
}

const NAMES: Readonly<Record<string, keyof PsqlOptions>> = {
  '-h': 'host',
  '--host': 'host',
  '-p': 'port',
  '--port': 'port',
  '-U': 'user',
  '--username': 'user',
  '-d': 'database',
  '--dbname': 'database',
};

function psqlOptions(args: readonly string[], env: ReadonlyMap<string, string>): PsqlOptions {
  const options: PsqlOptions = {
    host: env.get('PGHOST') ?? 'localhost',
    port: Number(env.get('PGPORT') ?? 5432),
    user: env.get('PGUSER') ?? env.get('POSTGRES_USER') ?? 'postgres',
    database: env.get('PGDATABASE') ?? '',
    password: env.get('PGPASSWORD') ?? '',
    commands: [],
    tuplesOnly: false,
    unaligned: false,
  };
  for (let index = 0; index < args.length; index++) {
    if (readWord(options, args[index] ?? '', args[index + 1] ?? '')) index++;
  }
  readUrl(options);
  return { ...options, port: Number(options.port), database: options.database || options.user };
}

/** True when the next word was taken too. */
function readWord(options: PsqlOptions, word: string, next: string): boolean {
  const [name = '', joined] = word.split(/=(.*)/s);
  const key = NAMES[name];
  const short = /^-[hpUd]./.test(word) ? NAMES[word.slice(0, 2)] : undefined;
  if (key) Object.assign(options, { [key]: joined ?? next });
  else if (short) Object.assign(options, { [short]: word.slice(2) });
  else if (isCommand(word)) options.commands.push(next);
  else if (!word.startsWith('-')) options.database ||= word;
  const letters = /^-[A-Za-z]+$/.test(word) ? word : '';
  options.tuplesOnly ||= letters.includes('t') || word === '--tuples-only';
  options.unaligned ||= letters.includes('A') || word === '--no-align';
  return isCommand(word) || (key !== undefined && joined === undefined);
}

/** `-c`, also as the last of several letters: `-tAc`. */
const isCommand = (word: string): boolean => /^-[A-Za-z]*c$/.test(word) || word === '--command';

function readUrl(options: PsqlOptions): void {
  const url = /^postgres(?:ql)?:\/\/(?:([^:@]*)(?::([^@]*))?@)?([^:/]+)(?::(\d+))?\/?(\w*)/.exec(options.database);
  if (!url) return;
  const [, user = options.user, password = '', host = '', port = '5432', database = ''] = url;
  Object.assign(options, { user, password, host, port, database });
}

/** What a server refused. */
class PgError extends Error {
  override readonly name = 'PgError';
}

/** `psql -c` and psql with statements on its input. */
export async function psql(args: readonly string[], context: Context, around: Surroundings): Promise<Result> {
  const options = psqlOptions(args, context.env);
  const scripts = options.commands.length > 0 ? options.commands : [inputText(context)];
  let stderr = '';
  let stdout = '';
  let connection: Duplex | undefined;
  try {
    connection = await around.connect(options.host, options.port, around.running());
    const reader = await login(connection, options);
    for (const script of scripts.map(meta)) {
      try {
        stdout += await query(connection, reader, { ...options, script });
      } catch (failure) {
        if (!(failure instanceof PgError)) throw failure;
        stderr += `${failure.message}\n`;
      }
    }
    return { stdout, stderr, exitCode: stderr && options.commands.length > 0 ? 1 : 0 };
  } catch (failure) {
    const { host, port } = options;
    const reason = messageOf(failure).replace(
      /^bad address.*/,
      `could not translate host name "${host}" to address: Name or service not known`,
    );
    return bad(
      `psql: error: connection to server at "${host}", port ${port} failed: ${reason.replace(/^ERROR/, 'FATAL')}\n`,
      2,
    );
  } finally {
    connection?.destroy();
  }
}

/** The backslash commands that ask for lists. */
const meta = (script: string): string =>
  script.replace(/^\s*\\dt\b.*$/m, 'SHOW TABLES').replace(/^\s*\\l\b.*$/m, 'SHOW DATABASES');

export async function pgIsReady(args: readonly string[], context: Context, around: Surroundings): Promise<Result> {
  const { host, port } = psqlOptions(args, context.env);
  const where = args.some((word) => word.startsWith('-h')) ? `${host}:${port}` : `/var/run/postgresql:${port}`;
  try {
    (await around.connect(host, port, around.running())).destroy();
    return ok(`${where} - accepting connections\n`);
  } catch {
    // Whatever the reason, the answer is the same.
    return { stdout: `${where} - no response\n`, stderr: '', exitCode: 2 };
  }
}

async function login(connection: Duplex, { user, database, password }: PsqlOptions): Promise<PgReader> {
  const reader = new PgReader(connection);
  const pairs = ['user', user, 'database', database, ''].map(cString);
  connection.write(pgMessage('', int32(196_608), ...pairs));
  for (let message = await reader.read(true); message; message = await reader.read(true)) {
    if (message.letter === 'Z') return reader;
    if (message.letter === 'E') throw new PgError(errorText(message.body));
    if (message.letter === 'R' && message.body.readInt32BE(0) === 3)
      connection.write(pgMessage('p', cString(password)));
  }
  throw new Error('server closed the connection unexpectedly');
}

function errorText(body: Buffer): string {
  const fields = body.toString('utf8').split('\0');
  const field = (letter: string) => fields.find((each) => each.startsWith(letter))?.slice(1) ?? '';
  return `${field('S')}:  ${field('M')}`;
}

async function query(
  connection: Duplex,
  reader: PgReader,
  { script, ...form }: Form & { script: string },
): Promise<string> {
  connection.write(pgMessage('Q', cString(script)));
  let text = '';
  let columns: Column[] = [];
  let rows: string[][] = [];
  let failure = '';
  for (let message = await reader.read(true); message; message = await reader.read(true)) {
    const { letter, body } = message;
    if (letter === 'T') columns = columnsOf(body);
    else if (letter === 'D') rows.push(cells(body));
    else if (letter === 'E') failure = errorText(body);
    else if (letter === 'C') {
      text += columns.length > 0 ? table(columns, rows, form) : `${body.toString('utf8').replace(/\0$/, '')}\n`;
      columns = [];
      rows = [];
    } else if (letter === 'Z') break;
  }
  if (failure) throw new PgError(failure);
  return text;
}

interface Column {
  name: string;
  isNumber: boolean;
}

function columnsOf(body: Buffer): Column[] {
  const columns: Column[] = [];
  let at = 2;
  for (let left = body.readInt16BE(0); left > 0; left--) {
    const end = body.indexOf(0, at);
    columns.push({ name: body.toString('utf8', at, end), isNumber: body.readInt32BE(end + 7) === NUMBER_OID });
    at = end + 19;
  }
  return columns;
}

function cells(body: Buffer): string[] {
  const found: string[] = [];
  let at = 2;
  for (let left = body.readInt16BE(0); left > 0; left--) {
    const length = body.readInt32BE(at);
    at += 4;
    found.push(length < 0 ? '' : body.toString('utf8', at, at + length));
    at += Math.max(0, length);
  }
  return found;
}

type Form = Pick<PsqlOptions, 'tuplesOnly' | 'unaligned'>;

/** Columns as psql aligns them: headings in the middle, numbers to the right. */
function table(columns: readonly Column[], rows: readonly string[][], { tuplesOnly, unaligned }: Form): string {
  const counted = `(${rows.length} row${rows.length === 1 ? '' : 's'})`;
  if (unaligned) {
    const lines = rows.map((row) => `${row.join('|')}\n`).join('');
    return tuplesOnly ? lines : `${columns.map(({ name }) => name).join('|')}\n${lines}${counted}\n`;
  }
  const widths = columns.map(({ name }, index) =>
    Math.max(name.length, ...rows.map((row) => (row[index] ?? '').length)),
  );
  const heading = columns.map(({ name }, index) => centred(name, widths[index] ?? 0)).join(' | ');
  const lines = rows.map(
    (row) => ` ${columns.map((column, index) => aligned(column, row[index] ?? '', widths[index] ?? 0)).join(' | ')}`,
  );
  const body = lines.map((line) => (columns.at(-1)?.isNumber ? line : line.trimEnd()));
  if (tuplesOnly) return [...body, '', ''].join('\n');
  const rule = widths.map((width) => '-'.repeat(width + 2)).join('+');
  return [` ${heading} `, rule, ...body, counted, '', ''].join('\n');
}

function aligned({ isNumber }: Column, text: string, width: number): string {
  return isNumber ? text.padStart(width) : text.padEnd(width);
}

function centred(text: string, width: number): string {
  const room = width - text.length;
  return ' '.repeat(Math.floor(room / 2)) + text + ' '.repeat(Math.ceil(room / 2));
}
