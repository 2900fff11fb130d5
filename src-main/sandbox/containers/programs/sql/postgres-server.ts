import type { Duplex } from 'node:stream';
import { messageOf } from '#common/base/errors';
import { variable, type ProgramContext } from '../program-context';
import { SqlDatabase, SqlError, type SqlResult, type SqlSession } from './sql-database';
import { UnknownColumnError } from './sql-expression';
import { SqlSyntaxError, statementsOf, type Value } from './sql-text';

const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const TEXT_OID = 25;
/** int8 */
export const NUMBER_OID = 20;

/** A message with its letter and length. */
export function pgMessage(letter: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(letter.length + 4);
  head.write(letter, 'latin1');
  head.writeInt32BE(body.length + 4, letter.length);
  return Buffer.concat([head, body]);
}

export const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};

export const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

export const cString = (value: string): Buffer => Buffer.from(`${value}\0`);

/** Messages from one connection: those of the start have no letter. */
export class PgReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #pending = Buffer.alloc(0);

  constructor(connection: Duplex) {
    this.#chunks = connection[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async read(hasLetter: boolean): Promise<{ letter: string; body: Buffer } | undefined> {
    const at = hasLetter ? 1 : 0;
    while (this.#pending.length < at + 4 || this.#pending.length < at + this.#pending.readInt32BE(at)) {
      const { value, done } = await this.#chunks.next();
      if (done) return undefined;
      this.#pending = Buffer.concat([this.#pending, value]);
    }
    const end = at + this.#pending.readInt32BE(at);
    const message = { letter: this.#pending.toString('latin1', 0, at), body: this.#pending.subarray(at + 4, end) };
    this.#pending = this.#pending.subarray(end);
    return message;
  }
}

/** A PostgreSQL server: simple queries over its own protocol, tables in its data folder. */
export class PostgresServer {
  readonly #context: ProgramContext;
  readonly #database: SqlDatabase;

  private constructor(context: ProgramContext, database: SqlDatabase) {
    this.#context = context;
    this.#database = database;
  }

  static async open(context: ProgramContext): Promise<PostgresServer> {
    const { env, clock } = context.spec;
    const folder = `${env['PGDATA'] ?? '/var/lib/postgresql/data'}/base`;
    const fs = await context.fs();
    const version = `PostgreSQL ${variable(context.spec, 'PG_VERSION')?.replace(/-.*/, '') ?? '17.5'} on x86_64-pc-linux-gnu, compiled by gcc 12.2.0, 64-bit`;
    const names = (session: SqlSession) => (name: string) =>
      ({
        NOW: new Date(clock.now()).toISOString().replace('T', ' ').replace('Z', '+00'),
        VERSION: version,
        CURRENT_DATABASE: session.database ?? null,
        CURRENT_USER: env['POSTGRES_USER'] ?? 'postgres',
      })[name] as Value | undefined;
    const database = await SqlDatabase.open(fs, folder, names);
    const wanted = env['POSTGRES_DB'] ?? env['POSTGRES_USER'] ?? 'postgres';
    for (const name of new Set(['postgres', wanted])) {
      if (!database.schemas.includes(name)) await database.createSchema(name);
    }
    return new PostgresServer(context, database);
  }

  accept(connection: Duplex): void {
    connection.on('error', () => connection.destroy());
    void this.#converse(connection).catch(() => connection.destroy());
  }

  async #converse(connection: Duplex): Promise<void> {
    const reader = new PgReader(connection);
    let start = await reader.read(false);
    while (start && [SSL_REQUEST, GSS_REQUEST].includes(start.body.readInt32BE(0))) {
      connection.write('N');
      start = await reader.read(false);
    }
    if (!start) return;
    const words = start.body.toString('utf8', 4).split('\0');
    const valueOf = (key: string) => words[words.indexOf(key) + 1] ?? '';
    const user = valueOf('user');
    const database = words.includes('database') ? valueOf('database') : user;
    if (!(await this.#isAdmitted(connection, reader, user))) return;
    if (!this.#database.schemas.includes(database)) {
      connection.end(refusal('FATAL', '3D000', `database "${database}" does not exist`));
      return;
    }
    connection.write(pgMessage('R', int32(0)));
    connection.write(pgMessage('S', cString('server_version'), cString('17.5')));
    connection.write(pgMessage('S', cString('client_encoding'), cString('UTF8')));
    await this.#queries(connection, reader, { database });
  }

  /** Asks for the password when one is set, except inside the Pod. */
  async #isAdmitted(connection: Duplex, reader: PgReader, user: string): Promise<boolean> {
    const {
      POSTGRES_USER: owner = 'postgres',
      POSTGRES_PASSWORD: password,
      POSTGRES_HOST_AUTH_METHOD: method,
    } = this.#context.spec.env;
    const client = (connection as { clientAddress?: string }).clientAddress ?? '';
    const isTrusted = method === 'trust' || client.startsWith('127.');
    if (user === owner && isTrusted) return true;
    connection.write(pgMessage('R', int32(3)));
    const answer = await reader.read(true);
    const given = answer?.body.toString('utf8').replace(/\0$/, '');
    if (user === owner && (password === undefined || given === password)) return true;
    connection.end(refusal('FATAL', '28P01', `password authentication failed for user "${user}"`));
    return false;
  }

  async #queries(connection: Duplex, reader: PgReader, session: SqlSession): Promise<void> {
    const ready = pgMessage('Z', Buffer.from('I'));
    connection.write(ready);
    for (let message = await reader.read(true); message; message = await reader.read(true)) {
      if (message.letter === 'X') break;
      if (message.letter !== 'Q') continue;
      void this.#context.work(1);
      const sql = message.body.toString('utf8').replace(/\0$/, '');
      try {
        for (const statement of statementsOf(sql))
          connection.write(resultMessages(await this.#run(statement, session)));
      } catch (failure) {
        connection.write(refused(failure));
      }
      connection.write(ready);
    }
    connection.end();
  }

  async #run(sql: string, session: SqlSession): Promise<SqlResult> {
    const result = await this.#database.run(sql, session);
    if (result) return result;
    if (/^\s*(?:set|begin|commit|rollback|grant|alter|revoke)\b/i.test(sql)) {
      return { rows: [], affected: 0, verb: (/\w+/.exec(sql)?.[0] ?? '').toUpperCase() };
    }
    if (/^\s*show\s+tables/i.test(sql)) {
      const rows = this.#database.tables(session.database ?? '').map((name) => ['public', name, 'table', 'postgres']);
      return { columns: ['Schema', 'Name', 'Type', 'Owner'], rows, affected: rows.length, verb: 'SELECT' };
    }
    if (/^\s*show\s+databases/i.test(sql)) {
      const rows = [...this.#database.schemas, 'template0', 'template1'].map((name) => [name, 'postgres', 'UTF8']);
      return { columns: ['Name', 'Owner', 'Encoding'], rows, affected: rows.length, verb: 'SELECT' };
    }
    throw new SqlSyntaxError(sql.trim().split(/\s+/)[0] ?? '');
  }
}

function resultMessages({ columns, rows, affected, verb }: SqlResult): Buffer {
  const parts: Buffer[] = [];
  if (columns) {
    const isNumber = (index: number) => rows.length > 0 && rows.every((row) => typeof row[index] === 'number');
    const fields = columns.map((name, index) =>
      Buffer.concat([
        cString(name.toLowerCase().replace(/\(.*/, '')),
        int32(0),
        int16(0),
        int32(isNumber(index) ? NUMBER_OID : TEXT_OID),
        int16(-1),
        int32(-1),
        int16(0),
      ]),
    );
    parts.push(pgMessage('T', int16(columns.length), ...fields));
    for (const row of rows) parts.push(pgMessage('D', int16(row.length), ...row.map(cell)));
  }
  const counts = /^(?:SELECT|INSERT|UPDATE|DELETE)/.test(verb);
  parts.push(pgMessage('C', cString(counts ? `${verb} ${affected}` : verb)));
  return Buffer.concat(parts);
}

function cell(value: Value): Buffer {
  if (value === null) return int32(-1);
  const bytes = Buffer.from(String(value));
  return Buffer.concat([int32(bytes.length), bytes]);
}

function refusal(severity: string, code: string, message: string): Buffer {
  return pgMessage('E', ...[`S${severity}`, `V${severity}`, `C${code}`, `M${message}`].map(cString), Buffer.from([0]));
}

function refused(failure: unknown): Buffer {
  if (failure instanceof UnknownColumnError)
    return refusal('ERROR', '42703', `column "${failure.message}" does not exist`);
  if (failure instanceof SqlSyntaxError) return refusal('ERROR', '42601', `syntax error at or near "${failure.near}"`);
  if (!(failure instanceof SqlError)) return refusal('ERROR', 'XX000', messageOf(failure));
  const subject = failure.subject.replace(/^\w+\./, '');
  const texts: Readonly<Record<SqlError['kind'], [string, string]>> = {
    'no-database': ['3D000', 'no database selected'],
    'unknown-database': ['3D000', `database "${subject}" does not exist`],
    'unknown-table': ['42P01', `relation "${subject}" does not exist`],
    'table-exists': ['42P07', `relation "${subject}" already exists`],
    'database-exists': ['42P04', `database "${subject}" already exists`],
    'column-count': ['42601', 'INSERT has more expressions than target columns'],
    duplicate: ['23505', 'duplicate key value violates unique constraint'],
  };
  return refusal('ERROR', ...texts[failure.kind]);
}
