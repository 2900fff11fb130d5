import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { flagValue, variable, type ProgramContext } from '../program-context';
import { mysqlFailure } from './mysql-errors';
import {
  columnPacket,
  eofPacket,
  errorPacket,
  nativePassword,
  okPacket,
  PacketReader,
  PacketStream,
  rowPacket,
} from './mysql-packets';
import { Replication } from './mysql-replication';
import { showResult } from './mysql-show';
import { SqlDatabase, type SqlResult, type SqlSession } from './sql-database';
import { statementsOf, type Value } from './sql-text';

export const DATA_FOLDER = '/var/lib/mysql';
const SYSTEM_SCHEMAS = ['information_schema', 'mysql', 'performance_schema', 'sys'];
const COMMANDS = { quit: 1, useDatabase: 2, query: 3, ping: 14, binlogDump: 18 } as const;
/** CLIENT_PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH, CONNECT_WITH_DB, TRANSACTIONS, LONG_PASSWORD, MULTI_STATEMENTS. */
const CAPABILITIES = 0x00_0b_a2_09;
const WITH_DATABASE = 8;

const answered = (columns: readonly string[], rows: readonly (readonly Value[])[]): SqlResult => ({
  columns,
  rows,
  affected: rows.length,
  verb: 'SELECT',
});
const done: SqlResult = { rows: [], affected: 0, verb: 'OK' };

/** A MySQL server: text queries over its own protocol, tables in its data folder, replication by statements. */
export class MysqlServer {
  readonly #context: ProgramContext;
  readonly #database: SqlDatabase;
  readonly #config: ReadonlyMap<string, string>;
  readonly #replication: Replication;
  readonly #passwords = new Map<string, string>();
  #connections = 0;

  private constructor(
    context: ProgramContext,
    database: SqlDatabase,
    config: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ) {
    this.#context = context;
    this.#database = database;
    this.#config = config;
    this.#passwords.set('root', context.spec.env['MYSQL_ROOT_PASSWORD'] ?? '');
    this.#replication = new Replication({
      fs: context.fs,
      clock: context.spec.clock,
      signal,
      connect: (host, port, ending) => context.connect(host, port, ending),
      apply: async (statement) => {
        await this.#execute(statement.sql, { database: statement.database }, true);
      },
    });
  }

  static async open(context: ProgramContext, signal: AbortSignal): Promise<MysqlServer> {
    const fs = await context.fs();
    const config = await readConfig(context);
    const names = (session: SqlSession) => (name: string, args: readonly Value[]) => server.#known(name, args, session);
    const database = await SqlDatabase.open(fs, DATA_FOLDER, names);
    const server: MysqlServer = new MysqlServer(context, database, config, signal);
    await server.#initialise();
    return server;
  }

  accept(connection: Duplex): void {
    connection.on('error', () => connection.destroy());
    void this.#converse(new PacketStream(connection)).catch(() => connection.destroy());
  }

  async #initialise(): Promise<void> {
    const { env } = this.#context.spec;
    if (!this.#database.schemas.includes('mysql')) await this.#database.createSchema('mysql');
    const wanted = env['MYSQL_DATABASE'];
    if (wanted && !this.#database.schemas.includes(wanted)) await this.#database.createSchema(wanted);
    const { MYSQL_USER: user, MYSQL_PASSWORD: password = '' } = env;
    if (user) this.#passwords.set(user, password);
    await this.#replication.open();
  }

  get #version(): string {
    return variable(this.#context.spec, 'MYSQL_VERSION')?.replace(/-.*/, '') ?? '8.4.3';
  }

  get #isReadOnly(): boolean {
    return this.#config.has('super-read-only') || this.#config.get('super_read_only') === 'ON';
  }

  get #serverId(): number {
    return Number(this.#config.get('server-id') ?? this.#config.get('server_id') ?? 1);
  }

  async #converse(packets: PacketStream): Promise<void> {
    const id = ++this.#connections;
    const salt = createHash('sha1')
      .update(`${this.#context.spec.hostname}${id}`)
      .digest()
      .map((byte) => (byte % 94) + 33);
    packets.write(greeting(this.#version, id, Buffer.from(salt)));
    const login = await packets.read();
    if (!login) return;
    const { user, shown, database } = readLogin(login);
    const password = this.#passwords.get(user);
    const isKnown = password !== undefined && nativePassword(password, Buffer.from(salt)).equals(shown);
    if (!isKnown) {
      const used = shown.length > 0 ? 'YES' : 'NO';
      packets.write(
        errorPacket(
          1045,
          '28000',
          `Access denied for user '${user}'@'${this.#context.spec.ip}' (using password: ${used})`,
        ),
      );
      packets.end();
      return;
    }
    packets.write(okPacket());
    await this.#commands(packets, { database: database || undefined });
  }

  async #commands(packets: PacketStream, session: SqlSession): Promise<void> {
    for (let packet = await packets.read(); packet; packet = await packets.read()) {
      const argument = packet.toString('utf8', 1);
      void this.#context.work(1);
      switch (packet[0]) {
        case COMMANDS.quit:
          packets.end();
          return;
        case COMMANDS.query:
          await this.#query(packets, argument, session);
          break;
        case COMMANDS.useDatabase:
          await this.#query(packets, `USE \`${argument}\``, session);
          break;
        case COMMANDS.binlogDump:
          await this.#replication.serve(packets, Number(argument));
          return;
        default:
          packets.write(okPacket());
      }
      packets.restart();
    }
  }

  async #query(packets: PacketStream, sql: string, session: SqlSession): Promise<void> {
    let result: SqlResult = done;
    try {
      for (const statement of statementsOf(sql)) result = await this.#execute(statement, session);
    } catch (failure) {
      const { code, state, message } = mysqlFailure(failure);
      packets.write(errorPacket(code, state, message));
      return;
    }
    if (!result.columns) {
      packets.write(okPacket(result.affected));
      return;
    }
    packets.write(Buffer.from([result.columns.length]));
    for (const column of result.columns) packets.write(columnPacket(column));
    packets.write(eofPacket());
    for (const row of result.rows) packets.write(rowPacket(row));
    packets.write(eofPacket());
  }

  async #execute(sql: string, session: SqlSession, isReplica = false): Promise<SqlResult> {
    const words = sql.trim().toUpperCase().split(/\s+/);
    const isWrite = /^(?:CREATE|DROP|INSERT|UPDATE|DELETE|TRUNCATE|ALTER|GRANT)$/.test(words[0] ?? '');
    if (isWrite && this.#isReadOnly && !isReplica) throw new ReadOnlyError();
    const own = await this.#administer(sql, words, session);
    const result = own ?? (await this.#database.run(sql, session)) ?? done;
    if (isWrite) await this.#replication.record({ sql, database: session.database });
    return result;
  }

  /** Statements about the server itself. */
  async #administer(sql: string, words: readonly string[], session: SqlSession): Promise<SqlResult | undefined> {
    const [first = '', second = ''] = words;
    if (first === 'USE') {
      const name = sql
        .trim()
        .replace(/^use\s+/i, '')
        .replaceAll(/[`;]/g, '')
        .trim();
      if (![...SYSTEM_SCHEMAS, ...this.#database.schemas].includes(name)) throw new UnknownSchemaError(name);
      session.database = name;
      return done;
    }
    if (first === 'CHANGE') await this.#replication.change(sql);
    else if ((first === 'START' || first === 'STOP') && /SLAVE|REPLICA/.test(second))
      this.#replication.toggle(first === 'START');
    else if (first === 'RESET' && /SLAVE|REPLICA/.test(second)) await this.#replication.reset();
    else if (first === 'SHOW' || first === 'DESCRIBE' || first === 'DESC') {
      const shown = showResult(sql, {
        database: this.#database,
        session,
        replication: this.#replication,
        systemSchemas: SYSTEM_SCHEMAS,
        variables: this.#variables(),
        connections: this.#connections,
      });
      return answered(shown.columns, shown.rows);
    } else if (/^(?:CREATE|ALTER)$/.test(first) && second === 'USER') this.#setPassword(sql);
    else if (!/^(?:SET|FLUSH|GRANT|REVOKE|COMMIT|BEGIN|ROLLBACK|START|ANALYZE|LOCK|UNLOCK|ALTER|KILL)$/.test(first))
      return undefined;
    return done;
  }

  #setPassword(sql: string): void {
    const match = /user\s+(?:if\s+not\s+exists\s+)?'?(\w+)'?(?:@'[^']*')?.*?by\s+'([^']*)'/is.exec(sql);
    if (match) this.#passwords.set(match[1] ?? '', match[2] ?? '');
  }

  #variables(): Record<string, Value> {
    return {
      hostname: this.#context.spec.hostname,
      server_id: this.#serverId,
      version: this.#version,
      version_comment: 'MySQL Community Server - GPL',
      read_only: this.#isReadOnly ? 'ON' : 'OFF',
      super_read_only: this.#isReadOnly ? 'ON' : 'OFF',
      log_bin: this.#config.has('log-bin') ? 'ON' : 'OFF',
      max_connections: Number(this.#config.get('max_connections') ?? 151),
      port: 3306,
      datadir: `${DATA_FOLDER}/`,
    };
  }

  #known(name: string, args: readonly Value[], session: SqlSession): Value | undefined {
    const now = new Date(this.#context.spec.clock.now()).toISOString().slice(0, 19).replace('T', ' ');
    const calls: Readonly<Record<string, Value>> = {
      NOW: now,
      CURRENT_TIMESTAMP: now,
      CURDATE: now.slice(0, 10),
      VERSION: this.#version,
      DATABASE: session.database ?? null,
      USER: 'root@localhost',
      CURRENT_USER: 'root@%',
      CONNECTION_ID: this.#connections,
      UUID: createHash('md5').update(`${now}${this.#connections}${args.length}`).digest('hex'),
    };
    const variable = /^@@(?:GLOBAL\.|SESSION\.)?(\w+)$/.exec(name)?.[1]?.toLowerCase();
    if (variable === undefined) return calls[name];
    const value = this.#variables()[variable];
    return value === 'ON' ? 1 : value === 'OFF' ? 0 : value;
  }
}

/** A write on a replica. */
export class ReadOnlyError extends Error {
  override readonly name = 'ReadOnlyError';
}

export class UnknownSchemaError extends Error {
  override readonly name = 'UnknownSchemaError';
}

/** The `[mysqld]` settings of its configuration files and words. */
async function readConfig({ fs: open, argv }: ProgramContext): Promise<Map<string, string>> {
  const fs = await open();
  const config = new Map<string, string>();
  for (const folder of ['/etc/mysql/conf.d', '/etc/mysql/mysql.conf.d', '/etc/my.cnf.d']) {
    const names = (await fs.exists(folder)) ? await fs.readdir(folder) : [];
    for (const name of names.filter((each) => each.endsWith('.cnf')).toSorted()) {
      for (const line of (await fs.readFile(`${folder}/${name}`)).split('\n')) {
        const [key = '', value = ''] = line.split('=').map((part) => part.trim());
        if (key && !/^[#[;]/.test(key)) config.set(key, value);
      }
    }
  }
  const serverId = flagValue(argv, '--server-id');
  if (serverId) config.set('server-id', serverId);
  return config;
}

function greeting(version: string, id: number, salt: Buffer): Buffer {
  const thread = Buffer.alloc(4);
  thread.writeUInt32LE(id);
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(CAPABILITIES);
  return Buffer.concat([
    Buffer.from([10]),
    Buffer.from(`${version}\0`),
    thread,
    salt.subarray(0, 8),
    Buffer.from([0, flags[0] ?? 0, flags[1] ?? 0, 45, 2, 0, flags[2] ?? 0, flags[3] ?? 0, 21]),
    Buffer.alloc(10),
    salt.subarray(8, 20),
    Buffer.from([0]),
    Buffer.from('mysql_native_password\0'),
  ]);
}

function readLogin(packet: Buffer): { user: string; shown: Buffer; database: string } {
  const reader = new PacketReader(packet);
  const flags = reader.number(4);
  reader.take(28);
  const user = reader.untilZero();
  const shown = reader.take(reader.number(1));
  const database = flags & WITH_DATABASE && !reader.done ? reader.untilZero() : '';
  return { user, shown, database };
}
