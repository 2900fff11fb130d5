/** What is wrong with literals though every type fits: cel-go looks at them when it compiles. */
import { RE2JS } from 're2js';
import { fieldsOfLiteral } from './object-literals';
import { overload, type Flaw } from './problem-words';
import { partsOf, type Tree } from './tree';
import { typeWords } from './type-words';

const MOST_INT = 2n ** 63n - 1n;

export function literalFlaws(tree: Tree, root: Tree): Flaw[] {
  return [...judgedParts(tree).flatMap((part) => literalFlaws(part, root)), ...ownFlaws(tree, root)];
}

/** The fields of a typed literal may differ in type. */
function judgedParts(tree: Tree): Tree[] {
  const fields = fieldsOfLiteral(tree);
  return fields ? fields.map(([, value]) => value) : partsOf(tree);
}

function ownFlaws(tree: Tree, root: Tree): Flaw[] {
  const { op, args, start } = tree;
  switch (op) {
    case 'value':
      return typeof args === 'bigint' && args > MOST_INT ? [{ at: start, words: 'invalid int literal' }] : [];
    case '==':
    case '!=':
      return areComparable(partsOf(tree)) ? [] : [overload(tree, root)];
    case '[]':
      return isKey(partsOf(tree)) ? [] : [overload(tree, root)];
    case 'list':
      return mixed(partsOf(tree));
    case 'map':
      return mixed((args as [Tree, Tree][]).map(([, value]) => value));
    case 'call':
    case 'rcall':
      return argumentFlaws(tree);
    default:
      return [];
  }
}

/** Numbers of two kinds may be ordered, but are never said to be equal. */
function areComparable([left, right]: readonly Tree[]): boolean {
  const names = [left?.checkedType?.name ?? '', right?.checkedType?.name ?? ''];
  return names[0] === names[1] || !names.every((name) => ['int', 'uint', 'double'].includes(name));
}

function isKey([map, key]: readonly Tree[]): boolean {
  const wanted = /^map<(\w+),/.exec(map?.checkedType?.name ?? '')?.[1];
  const found = key?.checkedType?.name;
  return !isPlain(wanted) || !isPlain(found) || wanted === found;
}

function mixed(elements: readonly Tree[]): Flaw[] {
  const [first, ...rest] = elements.filter(({ checkedType }) => isPlain(checkedType?.name));
  const wanted = first?.checkedType?.name ?? '';
  return rest
    .filter(({ checkedType }) => checkedType?.name !== wanted)
    .map(({ start, checkedType }) => ({
      at: start,
      words: `expected type '${typeWords(wanted)}' but found '${typeWords(checkedType?.name ?? '')}'`,
    }));
}

const isPlain = (name: string | undefined): boolean =>
  ['int', 'uint', 'double', 'bool', 'string', 'bytes'].includes(name ?? '');

const ARGUMENTS: Readonly<Record<string, (text: string) => boolean>> = {
  matches: (text) => isPattern(text),
  duration: (text) => /^-?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+)$/.test(text),
  timestamp: (text) => /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)),
};

function argumentFlaws({ args }: Tree): Flaw[] {
  const [name, ...rest] = args as [string, ...unknown[]];
  const [argument] = (rest.at(-1) as Tree[] | undefined) ?? [];
  const isRight = ARGUMENTS[name];
  if (!isRight || argument?.op !== 'value' || typeof argument.args !== 'string' || isRight(argument.args)) return [];
  return [{ at: argument.start, words: `invalid ${name} argument` }];
}

/** Of RE2, as Go has it: with `(?i)` and without references back. */
function isPattern(text: string): boolean {
  try {
    return Boolean(RE2JS.compile(text));
  } catch {
    return false;
  }
}
