/** What SHOW and DESCRIBE answer. Pure. */
import type { Replication } from './mysql-replication';
import type { SqlDatabase, SqlSession } from './sql-database';
import { isLike } from './sql-expression';
import { SqlSyntaxError, type Value } from './sql-text';

export interface ShowSources {
  database: SqlDatabase;
  session: SqlSession;
  replication: Replication;
  systemSchemas: readonly string[];
  variables: Readonly<Record<string, Value>>;
  connections: number;
}

export interface Shown {
  columns: readonly string[];
  rows: readonly (readonly Value[])[];
}

export function showResult(sql: string, sources: ShowSources): Shown {
  const { database, session, replication, variables } = sources;
  const text = sql.trim().replace(/;$/, '');
  const pattern = /\blike\s+['"]([^'"]*)['"]/i.exec(text)?.[1];
  const fits = (name: string) => pattern === undefined || isLike(name, pattern);
  if (/^show\s+(?:databases|schemas)/i.test(text)) {
    const names = [...new Set([...sources.systemSchemas, ...database.schemas])].toSorted().filter(fits);
    return { columns: ['Database'], rows: names.map((name) => [name]) };
  }
  if (/^show\s+(?:full\s+)?tables/i.test(text)) {
    const schema = /\b(?:from|in)\s+`?(\w+)`?/i.exec(text)?.[1] ?? session.database ?? '';
    return {
      columns: [`Tables_in_${schema}`],
      rows: database
        .tables(schema)
        .filter(fits)
        .map((name) => [name]),
    };
  }
  if (/^show\s+(?:global\s+|session\s+)?variables/i.test(text)) {
    const rows = Object.entries(variables).filter(([name]) => fits(name));
    return { columns: ['Variable_name', 'Value'], rows: rows.map(([name, value]) => [name, value]) };
  }
  if (/^show\s+(?:global\s+|session\s+)?status/i.test(text)) {
    const rows: [string, number][] = [
      ['Connections', sources.connections],
      ['Threads_connected', 1],
      ['Uptime', 60],
    ];
    return { columns: ['Variable_name', 'Value'], rows: rows.filter(([name]) => fits(name)) };
  }
  if (/^show\s+(?:master|binary\s+log)\s+status/i.test(text)) {
    const columns = ['File', 'Position', 'Binlog_Do_DB', 'Binlog_Ignore_DB', 'Executed_Gtid_Set'];
    return { columns, rows: [[replication.file, replication.position, '', '', '']] };
  }
  if (/^show\s+(?:slave|replica)\s+status/i.test(text)) return replication.status();
  if (/^show\s+(?:full\s+)?processlist/i.test(text)) {
    const columns = ['Id', 'User', 'Host', 'db', 'Command', 'Time', 'State', 'Info'];
    return {
      columns,
      rows: [[sources.connections, 'root', 'localhost', session.database ?? null, 'Query', 0, 'init', text]],
    };
  }
  const described = /^(?:desc|describe|show\s+columns\s+from)\s+`?(?:(\w+)`?\.`?)?(\w+)/i.exec(text);
  if (described) {
    const names = database.columns(described[1] ?? session.database ?? '', described[2] ?? '');
    return {
      columns: ['Field', 'Type', 'Null', 'Key', 'Default', 'Extra'],
      rows: names.map((name) => [name, 'varchar(250)', 'YES', '', null, '']),
    };
  }
  if (/^show\s+(?:warnings|grants|engines|plugins|slave hosts|replicas)/i.test(text))
    return { columns: ['Level'], rows: [] };
  throw new SqlSyntaxError(text);
}
