/** MySQL's own words for what went wrong. */
import { messageOf } from '#common/base/errors';
import { SqlError } from './sql-database';
import { UnknownColumnError } from './sql-expression';
import { SqlSyntaxError } from './sql-text';

export interface MysqlFailure {
  code: number;
  state: string;
  message: string;
}

const KINDS: Readonly<Record<SqlError['kind'], (subject: string) => MysqlFailure>> = {
  'no-database': () => ({ code: 1046, state: '3D000', message: 'No database selected' }),
  'unknown-database': (subject) => ({ code: 1049, state: '42000', message: `Unknown database '${subject}'` }),
  'unknown-table': (subject) => ({ code: 1146, state: '42S02', message: `Table '${subject}' doesn't exist` }),
  'table-exists': (subject) => ({ code: 1050, state: '42S01', message: `Table '${subject}' already exists` }),
  'database-exists': (subject) => ({
    code: 1007,
    state: 'HY000',
    message: `Can't create database '${subject}'; database exists`,
  }),
  'column-count': (subject) => ({
    code: 1136,
    state: '21S01',
    message: `Column count doesn't match value count at row ${subject}`,
  }),
  duplicate: (subject) => ({ code: 1062, state: '23000', message: `Duplicate entry '${subject}' for key 'PRIMARY'` }),
};

export function mysqlFailure(failure: unknown): MysqlFailure {
  if (failure instanceof SqlError) return KINDS[failure.kind](failure.subject);
  if (failure instanceof UnknownColumnError) {
    return { code: 1054, state: '42S22', message: `Unknown column '${failure.message}' in 'field list'` };
  }
  if (failure instanceof Error && failure.name === 'ReadOnlyError') {
    const message = 'The MySQL server is running with the --super-read-only option so it cannot execute this statement';
    return { code: 1290, state: 'HY000', message };
  }
  if (failure instanceof Error && failure.name === 'UnknownSchemaError')
    return KINDS['unknown-database'](failure.message);
  const near = failure instanceof SqlSyntaxError ? failure.near : messageOf(failure);
  const message =
    'You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right ' +
    `syntax to use near '${near}' at line 1`;
  return { code: 1064, state: '42000', message };
}
