import type { Command } from 'just-bash';
import { messageOf } from '#common/base/errors';
import { loginTo, MysqlError, queryOver, type Answer } from '../../programs/sql/mysql-connection';
import { statementsOf } from '../../programs/sql/sql-text';
import { psql, pgIsReady } from './psql';
import { bad, command, inputText, ok, type Context, type Result, type Surroundings } from './surroundings';

/** Clients of databases: mysql, mysqladmin, psql, pg_isready. */
export function databaseCommands(around: Surroundings): Command[] {
  return [
    command('mysql', (args, context) => mysql(args, context, around)),
    command('mysqladmin', (args, context) => mysqladmin(args, context, around)),
    command('psql', (args, context) => psql(args, context, around)),
    command('pg_isready', (args, context) => pgIsReady(args, context, around)),
  ];
}

interface ClientOptions {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string | undefined;
  sql: string | undefined;
  plain: boolean;
  names: boolean;
  /** Words that are no options. */
  words: string[];
}

const LETTERS: Readonly<Record<string, keyof ClientOptions>> = {
  h: 'host',
  P: 'port',
  u: 'user',
  e: 'sql',
  D: 'database',
};
const LONG: Readonly<Record<string, keyof ClientOptions>> = {
  '--host': 'host',
  '--port': 'port',
  '--user': 'user',
  '--password': 'password',
  '--execute': 'sql',
  '--database': 'database',
};

/** Reads the words after `mysql` and `mysqladmin`. */
export function mysqlOptions(args: readonly string[], env: ReadonlyMap<string, string>): ClientOptions {
  const options: ClientOptions = {
    host: 'localhost',
    port: 3306,
    user: 'root',
    password: env.get('MYSQL_PWD') ?? '',
    database: undefined,
    sql: undefined,
    plain: false,
    names: true,
    words: [],
  };
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? '';
    const [name = '', joined] = word.split(/=(.*)/s);
    const long = LONG[name];
    const letter = LETTERS[word[1] ?? ''];
    if (long) Object.assign(options, { [long]: joined ?? args[++index] ?? '' });
    else if (word.startsWith('--')) continue;
    else if (word.startsWith('-p')) options.password = word.slice(2);
    else if (word.startsWith('-') && letter)
      Object.assign(options, { [letter]: word.slice(2) || (args[++index] ?? '') });
    else if (word.startsWith('-')) {
      if (/[Bsr]/.test(word)) options.plain = true;
      if (word.includes('N')) options.names = false;
    } else options.words.push(word);
  }
  return { ...options, port: Number(options.port) };
}

async function mysql(args: readonly string[], context: Context, around: Surroundings): Promise<Result> {
  const options = mysqlOptions(args, context.env);
  const sql = options.sql ?? inputText(context);
  const { host, port, user, password } = options;
  try {
    const connection = await around.connect(host, port, around.running());
    try {
      const packets = await loginTo(connection, { user, password, database: options.database ?? options.words[0] });
      let text = '';
      for (const statement of statementsOf(sql)) text += shown(await queryOver(packets, statement), options);
      return ok(text);
    } finally {
      connection.destroy();
    }
  } catch (failure) {
    return bad(failureText(failure, options));
  }
}

function failureText(failure: unknown, { host, port, sql, words }: ClientOptions): string {
  if (failure instanceof MysqlError) {
    const where = failure.code === 1045 || (sql === undefined && words.length === 0) ? '' : ' at line 1';
    return `ERROR ${failure.code} (${failure.state})${where}: ${failure.message}\n`;
  }
  return `${connectText(failure, host, port)}\n`;
}

function connectText(failure: unknown, host: string, port: number): string {
  const message = messageOf(failure);
  if (message.startsWith('bad address')) return `ERROR 2005 (HY000): Unknown MySQL server host '${host}' (-2)`;
  if (host === 'localhost') {
    return "ERROR 2002 (HY000): Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (2)";
  }
  const code = /timed out/.test(message) ? 110 : 111;
  return `ERROR 2003 (HY000): Can't connect to MySQL server on '${host}:${port}' (${code})`;
}

/** Tabs between columns, as the client prints when its output is no terminal. */
function shown({ columns, rows }: Answer, { names }: ClientOptions): string {
  if (columns.length === 0 || rows.length === 0) return '';
  const lines = rows.map((row) => row.map((value) => value ?? 'NULL').join('\t'));
  return [...(names ? [columns.join('\t')] : []), ...lines].map((line) => `${line}\n`).join('');
}

async function mysqladmin(args: readonly string[], context: Context, around: Surroundings): Promise<Result> {
  const options = mysqlOptions(args, context.env);
  const { host, port, user, password, words } = options;
  try {
    const connection = await around.connect(host, port, around.running());
    connection.on('error', () => undefined);
    // A ping is answered even to those who may not come in.
    await loginTo(connection, { user, password }).catch((failure: unknown) => {
      if (!(failure instanceof MysqlError && words[0] === 'ping')) throw failure;
    });
    connection.destroy();
    return words[0] === 'ping'
      ? ok('mysqld is alive\n')
      : ok('Uptime: 60  Threads: 1  Questions: 12  Slow queries: 0\n');
  } catch (failure) {
    const reason =
      failure instanceof MysqlError
        ? failure.message
        : connectText(failure, host, port).replace(/^ERROR \d+ \(\w+\): /, '');
    return bad(`mysqladmin: connect to server at '${host}' failed\nerror: '${reason}'\n`);
  }
}
