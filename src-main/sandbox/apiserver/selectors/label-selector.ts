/** Label selectors as they stand in queries (apimachinery's labels.Parse). */
import type { ApiStatusError } from '#common/kube/status-error';
import { labelValue, qualifiedName } from '#main/sandbox/registry/names';
import { badRequest } from '#main/sandbox/registry/status-errors';

type Labels = Readonly<Record<string, string>>;

type Operator = '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<';

interface Requirement {
  key: string;
  operator: Operator;
  values: readonly string[];
}

export interface LabelSelector {
  readonly isEmpty: boolean;
  matches(labels: Labels | undefined): boolean;
}

export const everyLabel: LabelSelector = { isEmpty: true, matches: () => true };

/** Throws BadRequest for text that is no selector. */
export function parseLabelSelector(text: string | null): LabelSelector {
  if (!text?.trim()) return everyLabel;
  const requirements = new Parser(text).all();
  return {
    isEmpty: false,
    matches: (labels = NONE) => requirements.every((requirement) => holds(requirement, labels)),
  };
}

const NONE: Labels = {};

function holds({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case '=':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case '>':
      return value !== undefined && Number(value) > Number(values[0]);
    case '<':
      return value !== undefined && Number(value) < Number(values[0]);
  }
}

const TOKEN = /\s*(?:(==|!=|[=<>!(),])|([^\s=!<>(),]+))/y;

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  all(): Requirement[] {
    const requirements: Requirement[] = [];
    for (;;) {
      const start = this.#peek();
      if (start === undefined) return requirements;
      if (!isStart(start)) throw badRequest(unexpected(start, "!, identifier, or 'end of string'"));
      requirements.push(checked(this.#requirement()));
      const next = this.#next();
      if (next === undefined) return requirements;
      if (next !== ',') throw badRequest(unexpected(next, "',' or 'end of string'"));
      const after = this.#peek();
      if (!isStart(after)) throw badRequest(unexpected(after, "identifier after ','"));
    }
  }

  #requirement(): Requirement {
    const first = this.#next();
    if (first === '!') return { key: this.#key(this.#next()), operator: '!', values: [] };
    const key = this.#key(first);
    const operator = this.#peek();
    if (operator === undefined || operator === ',') return { key, operator: 'exists', values: [] };
    this.#next();
    switch (operator) {
      case '=':
      case '==':
        return { key, operator: '=', values: [this.#value()] };
      case '!=':
        return { key, operator: '!=', values: [this.#value()] };
      case '>':
      case '<':
        return { key, operator, values: [this.#value()] };
      case 'in':
      case 'notin':
        return { key, operator, values: this.#values() };
      default:
        throw unreadable(unexpected(operator, 'in, notin, =, ==, !=, gt, lt'));
    }
  }

  #key(token: string | undefined): string {
    if (token === undefined || !isWord(token)) throw unreadable(unexpected(token, 'identifier'));
    return token;
  }

  /** May be empty: `a=` asks for an empty value. */
  #value(): string {
    const next = this.#peek();
    if (next === undefined || next === ',') return '';
    this.#next();
    if (!isWord(next)) throw unreadable(unexpected(next, 'identifier'));
    return next;
  }

  #values(): string[] {
    const open = this.#next();
    if (open !== '(') throw unreadable(unexpected(open, "'('"));
    const values: string[] = [];
    for (;;) {
      const token = this.#next();
      if (token === ')') return values.length > 0 ? values : [''];
      if (token === undefined) throw unreadable(unexpected(token, "',' or ')'"));
      if (token === ',') {
        if (values.length === 0) values.push('');
        if (this.#peek() === ')' || this.#peek() === ',') values.push('');
      } else values.push(token);
    }
  }

  #peek(): string | undefined {
    const at = this.#at;
    const token = this.#next();
    this.#at = at;
    return token;
  }

  #next(): string | undefined {
    TOKEN.lastIndex = this.#at;
    const found = TOKEN.exec(this.#text);
    if (!found) return undefined;
    this.#at = TOKEN.lastIndex;
    return found[1] ?? found[2];
  }
}

const isWord = (token: string): boolean => !/^[=!<>(),]/.test(token);
const isStart = (token: string | undefined): boolean => token === '!' || (token !== undefined && isWord(token));

const unexpected = (token: string | undefined, expected: string): string =>
  `found '${token ?? ''}', expected: ${expected}`;

const unreadable = (why: string): ApiStatusError => badRequest(`unable to parse requirement: ${why}`);

/** Keys and values are those of labels; `>` and `<` compare numbers. */
function checked(requirement: Requirement): Requirement {
  const { key, operator, values } = requirement;
  const isNumeric = operator === '>' || operator === '<';
  const problems = [
    ...qualifiedName(key).map((text) => `<nil>: Invalid value: ${JSON.stringify(key)}: ${text}`),
    ...values.flatMap((value, at) => [
      ...(isNumeric && !/^-?\d+$/.test(value)
        ? [
            `values[${at}]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
          ]
        : []),
      ...labelValue(value).map((text) => `values[${at}][${key}]: Invalid value: ${JSON.stringify(value)}: ${text}`),
    ]),
  ];
  if (problems.length > 0) throw unreadable(problems.length === 1 ? `${problems[0]}` : `[${problems.join(', ')}]`);
  return requirement;
}
