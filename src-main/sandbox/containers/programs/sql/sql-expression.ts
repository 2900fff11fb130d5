/** Expressions of a statement as functions of a row. Pure. */
import { SqlSyntaxError, type SqlReader, type Value } from './sql-text';

export type Row = Readonly<Record<string, Value>>;

export interface Expression {
  /** How the column is headed without an alias. */
  label: string;
  /** `rows` is the whole selection, for COUNT and its like. */
  of: (row: Row, rows: readonly Row[]) => Value;
  isAggregate: boolean;
}

/** Values that come from the server: `NOW()`, `@@server_id`. Nothing for what it does not know. */
export type Names = (name: string, args: readonly Value[]) => Value | undefined;

type Operator = (left: Value, right: Value) => Value;

const truth = (yes: boolean): Value => (yes ? 1 : 0);
const isTrue = (value: Value): boolean => value !== null && value !== 0 && value !== '0' && value !== '';

/** Numbers compare as numbers, texts without regard to case as MySQL's default collation. */
function compared(left: Value, right: Value): number {
  const numbers = [Number(left), Number(right)] as const;
  const areNumbers = left !== '' && right !== '' && !Number.isNaN(numbers[0]) && !Number.isNaN(numbers[1]);
  if (areNumbers) return numbers[0] - numbers[1];
  const [first, second] = [String(left).toLowerCase(), String(right).toLowerCase()];
  return first < second ? -1 : first > second ? 1 : 0;
}

const whenKnown =
  (operate: (left: Value, right: Value) => Value): Operator =>
  (left, right) =>
    left === null || right === null ? null : operate(left, right);

const OPERATORS: Readonly<Record<string, [precedence: number, operate: Operator]>> = {
  OR: [1, (left, right) => truth(isTrue(left) || isTrue(right))],
  AND: [2, (left, right) => truth(isTrue(left) && isTrue(right))],
  '=': [4, whenKnown((left, right) => truth(compared(left, right) === 0))],
  '<>': [4, whenKnown((left, right) => truth(compared(left, right) !== 0))],
  '!=': [4, whenKnown((left, right) => truth(compared(left, right) !== 0))],
  '<': [4, whenKnown((left, right) => truth(compared(left, right) < 0))],
  '>': [4, whenKnown((left, right) => truth(compared(left, right) > 0))],
  '<=': [4, whenKnown((left, right) => truth(compared(left, right) <= 0))],
  '>=': [4, whenKnown((left, right) => truth(compared(left, right) >= 0))],
  LIKE: [4, whenKnown((left, right) => truth(isLike(String(left), String(right))))],
  '||': [5, whenKnown((left, right) => `${left}${right}`)],
  '+': [5, whenKnown((left, right) => Number(left) + Number(right))],
  '-': [5, whenKnown((left, right) => Number(left) - Number(right))],
  '*': [6, whenKnown((left, right) => Number(left) * Number(right))],
  '/': [6, whenKnown((left, right) => (Number(right) === 0 ? null : Number(left) / Number(right)))],
  '%': [6, whenKnown((left, right) => (Number(right) === 0 ? null : Number(left) % Number(right)))],
};

/** SQL's LIKE. */
export function isLike(text: string, pattern: string): boolean {
  const source = pattern
    .replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(`^${source}$`, 'is').test(text);
}

export function readExpression(reader: SqlReader, names: Names, least = 0): Expression {
  let left = readOperand(reader, names);
  for (;;) {
    const word = reader.next?.kind === 'string' ? '' : (reader.next?.text.toUpperCase() ?? '');
    if (word === 'IS' || word === 'IN' || word === 'NOT') {
      left = readTest(reader, names, left);
      continue;
    }
    const [precedence, operate] = OPERATORS[word] ?? [-1, undefined];
    if (operate === undefined || precedence < least || precedence <= 0) return left;
    reader.take();
    const right = readExpression(reader, names, precedence + 1);
    const [first, second] = [left, right];
    left = {
      label: `${first.label} ${word} ${second.label}`,
      of: (row, rows) => operate(first.of(row, rows), second.of(row, rows)),
      isAggregate: first.isAggregate || second.isAggregate,
    };
  }
}

/** `IS [NOT] NULL`, `[NOT] IN (...)`, `NOT LIKE`. */
function readTest(reader: SqlReader, names: Names, left: Expression): Expression {
  const { label, isAggregate } = left;
  if (reader.takes('IS')) {
    const isNot = reader.takes('NOT');
    reader.needs('NULL');
    return { label, isAggregate, of: (row, rows) => truth((left.of(row, rows) === null) !== isNot) };
  }
  const isNot = reader.takes('NOT');
  if (reader.takes('LIKE')) {
    const right = readExpression(reader, names, 5);
    return {
      label,
      isAggregate,
      of: (row, rows) => truth(isLike(String(left.of(row, rows)), String(right.of(row, rows))) !== isNot),
    };
  }
  reader.needs('IN');
  reader.needs('(');
  const options = readList(reader, names);
  return {
    label,
    isAggregate,
    of: (row, rows) => truth(options.some((each) => compared(each.of(row, rows), left.of(row, rows)) === 0) !== isNot),
  };
}

/** Expressions up to the closing bracket. */
export function readList(reader: SqlReader, names: Names): Expression[] {
  const found: Expression[] = [];
  if (reader.takes(')')) return found;
  do found.push(readExpression(reader, names));
  while (reader.takes(','));
  reader.needs(')');
  return found;
}

const constant = (label: string, value: Value): Expression => ({ label, of: () => value, isAggregate: false });

function readOperand(reader: SqlReader, names: Names): Expression {
  if (reader.takes('(')) {
    const inner = readExpression(reader, names);
    reader.needs(')');
    return inner;
  }
  if (reader.takes('-')) {
    const inner = readOperand(reader, names);
    return { ...inner, label: `-${inner.label}`, of: (row, rows) => -Number(inner.of(row, rows)) };
  }
  if (reader.takes('NOT')) {
    const inner = readExpression(reader, names, 3);
    return { ...inner, of: (row, rows) => truth(!isTrue(inner.of(row, rows))) };
  }
  const token = reader.take();
  if (token.kind === 'number') return constant(token.text, Number(token.text));
  if (token.kind === 'string') return constant(token.text, token.text);
  if (token.kind === 'sign') throw new SqlSyntaxError(`${token.text} ${reader.rest}`.trim());
  return readName(token.text, reader, names);
}

function readName(word: string, reader: SqlReader, names: Names): Expression {
  const upper = word.toUpperCase();
  if (upper === 'NULL') return constant('NULL', null);
  if (upper === 'TRUE' || upper === 'FALSE') return constant(upper, upper === 'TRUE' ? 1 : 0);
  if (reader.takes('(')) return readCall(word, reader, names);
  const known = word.startsWith('@') || upper.startsWith('CURRENT_') ? names(upper, []) : undefined;
  if (known !== undefined) return constant(word, known);
  const column = reader.takes('.') ? reader.take().text : word;
  return { label: column, of: (row) => columnOf(row, column), isAggregate: false };
}

/** A column that a table does not have. */
export class UnknownColumnError extends Error {
  override readonly name = 'UnknownColumnError';
}

function columnOf(row: Row, column: string): Value {
  const key = column in row ? column : Object.keys(row).find((each) => each.toLowerCase() === column.toLowerCase());
  if (key === undefined) throw new UnknownColumnError(column);
  return row[key] ?? null;
}

function readCall(word: string, reader: SqlReader, names: Names): Expression {
  const name = word.toUpperCase();
  if (name === 'COUNT' && reader.takes('*', ')')) {
    return { label: `${word}(*)`, of: (_row, rows) => rows.length, isAggregate: true };
  }
  const args = readList(reader, names);
  const label = `${word}(${args.map((each) => each.label).join(', ')})`;
  const [first] = args;
  const valuesOf = (rows: readonly Row[]) =>
    rows.map((row) => first?.of(row, rows) ?? null).filter((value) => value !== null);
  const aggregates: Readonly<Record<string, (values: Value[]) => Value>> = {
    COUNT: (values) => values.length,
    SUM: (values) => values.reduce<number>((sum, value) => sum + Number(value), 0),
    AVG: (values) =>
      values.length === 0 ? null : values.reduce<number>((sum, value) => sum + Number(value), 0) / values.length,
    MAX: (values) => values.toSorted(compared).at(-1) ?? null,
    MIN: (values) => values.toSorted(compared)[0] ?? null,
  };
  const aggregate = aggregates[name];
  if (aggregate) return { label, of: (_row, rows) => aggregate(valuesOf(rows)), isAggregate: true };
  return {
    label,
    isAggregate: false,
    of: (row, rows) => {
      const values = args.map((each) => each.of(row, rows));
      if (name === 'CONCAT') return values.join('');
      if (name === 'UPPER' || name === 'LOWER')
        return name === 'UPPER' ? String(values[0]).toUpperCase() : String(values[0]).toLowerCase();
      if (name === 'LENGTH') return String(values[0]).length;
      if (name === 'IFNULL' || name === 'COALESCE') return values.find((value) => value !== null) ?? null;
      const known = names(name, values);
      if (known === undefined) throw new SqlSyntaxError(`FUNCTION ${word}`);
      return known;
    },
  };
}

export { compared, isTrue };
