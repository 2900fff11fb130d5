import type { IFileSystem } from 'just-bash';
import { compared, isTrue, readExpression, readList, type Expression, type Names, type Row } from './sql-expression';
import { SqlReader, SqlSyntaxError, type Value } from './sql-text';

/** What a statement gives back. */
export interface SqlResult {
  /** Present when it answers rows. */
  columns?: readonly string[];
  rows: readonly (readonly Value[])[];
  affected: number;
  /** The word of what was done, as PostgreSQL reports it. */
  verb: string;
}

/** A refusal by its kind; servers put it into their own words. */
export class SqlError extends Error {
  override readonly name = 'SqlError';
  readonly kind:
    | 'no-database'
    | 'unknown-database'
    | 'unknown-table'
    | 'table-exists'
    | 'database-exists'
    | 'column-count'
    | 'duplicate';
  readonly subject: string;

  constructor(kind: SqlError['kind'], subject: string) {
    super(`${kind} ${subject}`);
    this.kind = kind;
    this.subject = subject;
  }
}

interface Table {
  columns: string[];
  /** Columns whose values are given when they are left out. */
  counters: string[];
  /** Columns that hold each value once. */
  keys: string[];
  next: number;
  rows: Record<string, Value>[];
}

type Schema = Map<string, Table>;

export interface SqlSession {
  database: string | undefined;
}

const done = (verb: string, affected = 0): SqlResult => ({ rows: [], affected, verb });

/** Databases of tables, kept as files of one folder: one folder per database, one file per table. */
export class SqlDatabase {
  readonly #schemas = new Map<string, Schema>();
  readonly #fs: IFileSystem;
  readonly #folder: string;
  readonly #names: (session: SqlSession) => Names;

  private constructor(fs: IFileSystem, folder: string, names: (session: SqlSession) => Names) {
    this.#fs = fs;
    this.#folder = folder;
    this.#names = names;
  }

  static async open(fs: IFileSystem, folder: string, names: (session: SqlSession) => Names): Promise<SqlDatabase> {
    const database = new SqlDatabase(fs, folder, names);
    await database.#load();
    return database;
  }

  get schemas(): readonly string[] {
    return [...this.#schemas.keys()].toSorted();
  }

  tables(schema: string): readonly string[] {
    return [...(this.#schemas.get(schema)?.keys() ?? [])].toSorted();
  }

  columns(schema: string, table: string): readonly string[] {
    return this.#schemas.get(schema)?.get(table)?.columns ?? [];
  }

  /** Runs one statement; nothing when it is none of those a table store knows. */
  async run(sql: string, session: SqlSession): Promise<SqlResult | undefined> {
    const reader = new SqlReader(sql);
    if (reader.takes('SELECT')) return this.#select(reader, session);
    if (reader.takes('CREATE')) return this.#create(reader, session);
    if (reader.takes('DROP')) return this.#drop(reader, session);
    if (reader.takes('INSERT', 'INTO')) return this.#insert(reader, session);
    if (reader.takes('UPDATE')) return this.#update(reader, session);
    if (reader.takes('DELETE', 'FROM')) return this.#delete(reader, session);
    if (reader.takes('TRUNCATE')) return this.#truncate(reader, session);
    return undefined;
  }

  async createSchema(name: string): Promise<void> {
    this.#schemas.set(name, new Map());
    await this.#fs.mkdir(`${this.#folder}/${name}`, { recursive: true });
  }

  async #load(): Promise<void> {
    if (!(await this.#fs.exists(this.#folder))) return;
    for (const schema of await this.#fs.readdir(this.#folder)) {
      const folder = `${this.#folder}/${schema}`;
      if (!(await this.#fs.stat(folder)).isDirectory) continue;
      const tables: Schema = new Map();
      for (const file of await this.#fs.readdir(folder)) {
        if (!file.endsWith('.ibd')) continue;
        tables.set(file.slice(0, -4), JSON.parse(await this.#fs.readFile(`${folder}/${file}`)) as Table);
      }
      this.#schemas.set(schema, tables);
    }
  }

  async #save(schema: string, name: string): Promise<void> {
    const path = `${this.#folder}/${schema}/${name}.ibd`;
    const table = this.#schemas.get(schema)?.get(name);
    if (table) await this.#fs.writeFile(path, JSON.stringify(table));
    else await this.#fs.rm(path, { force: true });
  }

  #schema(name: string | undefined): { schema: string; tables: Schema } {
    if (name === undefined) throw new SqlError('no-database', '');
    const tables = this.#schemas.get(name);
    if (!tables) throw new SqlError('unknown-database', name);
    return { schema: name, tables };
  }

  #table(reader: SqlReader, session: SqlSession): { schema: string; name: string; table: Table } {
    const { qualifier, name } = reader.name();
    const inPublic = qualifier === 'public' ? session.database : qualifier;
    const { schema, tables } = this.#schema(inPublic ?? session.database);
    const table = tables.get(name);
    if (!table) throw new SqlError('unknown-table', `${schema}.${name}`);
    return { schema, name, table };
  }

  async #create(reader: SqlReader, session: SqlSession): Promise<SqlResult | undefined> {
    if (reader.takes('DATABASE') || reader.takes('SCHEMA')) {
      const isOptional = reader.takes('IF', 'NOT', 'EXISTS');
      const { name } = reader.name();
      if (!this.#schemas.has(name)) await this.createSchema(name);
      else if (!isOptional) throw new SqlError('database-exists', name);
      return done('CREATE DATABASE', 1);
    }
    if (!reader.takes('TABLE')) return undefined;
    const isOptional = reader.takes('IF', 'NOT', 'EXISTS');
    const { qualifier, name } = reader.name();
    const { schema, tables } = this.#schema(qualifier ?? session.database);
    if (tables.has(name)) {
      if (isOptional) return done('CREATE TABLE');
      throw new SqlError('table-exists', name);
    }
    reader.needs('(');
    tables.set(name, readTable(reader));
    await this.#save(schema, name);
    return done('CREATE TABLE');
  }

  async #drop(reader: SqlReader, session: SqlSession): Promise<SqlResult | undefined> {
    const isDatabase = reader.takes('DATABASE') || reader.takes('SCHEMA');
    if (!isDatabase && !reader.takes('TABLE')) return undefined;
    const isOptional = reader.takes('IF', 'EXISTS');
    const { qualifier, name } = reader.name();
    if (isDatabase) {
      if (this.#schemas.delete(name)) await this.#fs.rm(`${this.#folder}/${name}`, { recursive: true, force: true });
      else if (!isOptional) throw new SqlError('unknown-database', name);
      return done('DROP DATABASE');
    }
    const { schema, tables } = this.#schema(qualifier ?? session.database);
    if (!tables.delete(name) && !isOptional) throw new SqlError('unknown-table', `${schema}.${name}`);
    await this.#save(schema, name);
    return done('DROP TABLE');
  }

  async #insert(reader: SqlReader, session: SqlSession): Promise<SqlResult> {
    const { schema, name, table } = this.#table(reader, session);
    const columns = reader.takes('(') ? readNames(reader) : table.columns;
    if (!reader.takes('VALUES')) reader.needs('VALUE');
    const added: Record<string, Value>[] = [];
    do {
      reader.needs('(');
      const values = readList(reader, this.#names(session)).map((each) => each.of({}, []));
      if (values.length !== columns.length) throw new SqlError('column-count', String(added.length + 1));
      added.push(newRow(table, columns, values));
    } while (reader.takes(','));
    table.rows.push(...added);
    await this.#save(schema, name);
    return done('INSERT 0', added.length);
  }

  async #update(reader: SqlReader, session: SqlSession): Promise<SqlResult> {
    const { schema, name, table } = this.#table(reader, session);
    reader.needs('SET');
    const changes: [string, Expression][] = [];
    do {
      const column = reader.name();
      reader.needs('=');
      changes.push([column.name, readExpression(reader, this.#names(session))]);
    } while (reader.takes(','));
    const matching = this.#matching(reader, session, table.rows);
    for (const row of matching) {
      for (const [column, value] of changes) (row as Record<string, Value>)[column] = value.of(row, table.rows);
    }
    await this.#save(schema, name);
    return done('UPDATE', matching.length);
  }

  async #delete(reader: SqlReader, session: SqlSession): Promise<SqlResult> {
    const { schema, name, table } = this.#table(reader, session);
    const matching = new Set<Row>(this.#matching(reader, session, table.rows));
    table.rows = table.rows.filter((row) => !matching.has(row));
    await this.#save(schema, name);
    return done('DELETE', matching.size);
  }

  async #truncate(reader: SqlReader, session: SqlSession): Promise<SqlResult> {
    reader.takes('TABLE');
    const { schema, name, table } = this.#table(reader, session);
    table.rows = [];
    await this.#save(schema, name);
    return done('TRUNCATE TABLE');
  }

  #matching(reader: SqlReader, session: SqlSession, rows: readonly Row[]): readonly Row[] {
    if (!reader.takes('WHERE')) return rows;
    const condition = readExpression(reader, this.#names(session));
    return rows.filter((row) => isTrue(condition.of(row, rows)));
  }

  #select(reader: SqlReader, session: SqlSession): SqlResult {
    const wanted: { expression: Expression | undefined; label: string }[] = [];
    do wanted.push(readColumn(reader, this.#names(session)));
    while (reader.takes(','));
    let rows: readonly Row[] = [{}];
    let all: readonly string[] = [];
    if (reader.takes('FROM')) {
      const { table } = this.#table(reader, session);
      all = table.columns;
      rows = this.#matching(reader, session, table.rows);
      rows = ordered(reader, rows, this.#names(session));
    }
    if (!reader.done && !reader.takes('FOR')) throw new SqlSyntaxError(reader.rest);
    const columns = wanted.flatMap(({ expression, label }) => (expression ? [label] : all));
    const isOne = wanted.some(({ expression }) => expression?.isAggregate);
    const shown = isOne ? [rows[0] ?? {}] : rows;
    const cells = shown.map((row) =>
      wanted.flatMap(({ expression }) =>
        expression ? [expression.of(row, rows)] : all.map((column) => row[column] ?? null),
      ),
    );
    return { columns, rows: cells, affected: cells.length, verb: 'SELECT' };
  }
}

function readColumn(reader: SqlReader, names: Names): { expression: Expression | undefined; label: string } {
  if (reader.takes('*')) return { expression: undefined, label: '*' };
  const expression = readExpression(reader, names);
  const hasAlias =
    reader.takes('AS') || (reader.next?.kind === 'word' && !/^(?:FROM|WHERE|ORDER|LIMIT|FOR)$/i.test(reader.next.text));
  return { expression, label: hasAlias ? reader.take().text : expression.label };
}

function ordered(reader: SqlReader, rows: readonly Row[], names: Names): readonly Row[] {
  let sorted = rows;
  if (reader.takes('ORDER', 'BY')) {
    const key = readExpression(reader, names);
    const isDown = reader.takes('DESC');
    reader.takes('ASC');
    const factor = isDown ? -1 : 1;
    sorted = rows.toSorted((left, right) => factor * compared(key.of(left, rows), key.of(right, rows)));
  }
  return reader.takes('LIMIT') ? sorted.slice(0, Number(reader.take().text)) : sorted;
}

function readNames(reader: SqlReader): string[] {
  const found: string[] = [];
  do found.push(reader.name().name);
  while (reader.takes(','));
  reader.needs(')');
  return found;
}

const CONSTRAINTS = /^(?:PRIMARY|UNIQUE|KEY|INDEX|CONSTRAINT|FOREIGN|CHECK)$/i;

function readTable(reader: SqlReader): Table {
  const table: Table = { columns: [], counters: [], keys: [], next: 1, rows: [] };
  do {
    if (CONSTRAINTS.test(reader.next?.text ?? '')) {
      reader.skipPart();
      continue;
    }
    const { name } = reader.name();
    table.columns.push(name);
    for (let depth = 0; reader.next; reader.take()) {
      const word = reader.next.text.toUpperCase();
      if (depth === 0 && (word === ',' || word === ')')) break;
      if (word === '(') depth++;
      if (word === ')') depth--;
      if (word === 'AUTO_INCREMENT' || word === 'SERIAL' || word === 'BIGSERIAL') table.counters.push(name);
      if (word === 'PRIMARY' || word === 'UNIQUE') table.keys.push(name);
    }
  } while (reader.takes(','));
  reader.needs(')');
  return table;
}

function newRow(table: Table, columns: readonly string[], values: readonly Value[]): Record<string, Value> {
  const row = Object.fromEntries(table.columns.map((column) => [column, null as Value]));
  for (const [index, column] of columns.entries()) {
    const known = table.columns.find((each) => each.toLowerCase() === column.toLowerCase());
    row[known ?? column] = values[index] ?? null;
  }
  for (const column of table.counters) row[column] ??= table.next++;
  for (const column of table.keys) {
    const value = row[column];
    if (value !== null && table.rows.some((each) => each[column] === value))
      throw new SqlError('duplicate', `${value}`);
  }
  return row;
}
