/** The JSONPath of printer columns and scale paths: `.spec.a`, `['a']`, `[0]`, `[*]`, `[?(@.type=="Ready")]`. */
import { isFields } from './schema-parts';

type Step = (values: unknown[]) => unknown[];

/** Finds values in an object. */
export type JsonPath = (object: unknown) => unknown[];

/** Undefined for text that is no path. */
export function parseJsonPath(text: string): JsonPath | undefined {
  const steps: Step[] = [];
  let rest = text
    .trim()
    .replace(/^\{(.*)\}$/s, '$1')
    .replace(/^\$/, '');
  while (rest !== '' && rest !== '.') {
    const found = takeStep(rest);
    if (!found) return undefined;
    steps.push(found.step);
    rest = found.rest;
  }
  return (object) => steps.reduce((values, step) => step(values), [object]);
}

const MEMBER = /^\.?((?:[^.[\]\\'"]|\\.)+)/s;
const QUOTED = /^\.?\[\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*\]/s;
const INDEX = /^\.?\[\s*(-?\d+)\s*\]/;
const ALL = /^\.?\[\s*\*\s*\]|^\.\*/;
const FILTER = /^\.?\[\?\(\s*@(.*?)\s*(?:(==|!=|<=|>=|<|>)\s*(.*?)\s*)?\)\]/s;

function takeStep(text: string): { step: Step; rest: string } | undefined {
  const found = [
    taken(text, ALL, () => (values) => values.flatMap(members)),
    taken(text, FILTER, ([, path = '', operator, operand = '']) => filterStep(path, operator, operand)),
    taken(text, QUOTED, ([, single, double]) => memberStep((single ?? double ?? '').replaceAll(/\\(.)/gs, '$1'))),
    taken(text, INDEX, ([, at]) => indexStep(Number(at))),
    taken(text, MEMBER, ([, name = '']) => memberStep(name.replaceAll(/\\(.)/gs, '$1'))),
  ];
  return found.find((one) => one !== undefined);
}

function taken(text: string, pattern: RegExp, make: (match: RegExpExecArray) => Step | undefined) {
  const match = pattern.exec(text);
  const step = match && make(match);
  return step ? { step, rest: text.slice(match[0].length) } : undefined;
}

function memberStep(name: string): Step {
  return (values) => values.flatMap((value) => (isFields(value) && value[name] !== undefined ? [value[name]] : []));
}

function indexStep(at: number): Step {
  return (values) =>
    values.flatMap((value) => {
      const item: unknown = Array.isArray(value) ? value.at(at) : undefined;
      return item === undefined ? [] : [item];
    });
}

function members(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isFields(value) ? Object.values(value) : [];
}

function filterStep(path: string, operator: string | undefined, operand: string): Step | undefined {
  const inside = parseJsonPath(path);
  if (!inside) return undefined;
  const wanted = literal(operand);
  const accepts = (item: unknown): boolean => {
    const [found] = inside(item);
    return operator === undefined ? found !== undefined : found !== undefined && compare(found, operator, wanted);
  };
  return (values) => values.flatMap((value) => members(value).filter(accepts));
}

function literal(text: string): unknown {
  const quoted = /^(['"])(.*)\1$/s.exec(text);
  if (quoted) return quoted[2];
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isNaN(Number(text)) ? text : Number(text);
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (typeof left !== typeof right || (typeof left !== 'number' && typeof left !== 'string')) return false;
  const [a, b] = [left, right as typeof left];
  if (operator === '<') return a < b;
  if (operator === '>') return a > b;
  return operator === '<=' ? a <= b : a >= b;
}
