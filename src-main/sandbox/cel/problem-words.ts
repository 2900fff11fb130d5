/** What the package's parser and checker say, in the words and places of cel-go, whose answers clients see. */
import { HAS_MACRO } from './has-macro';
import { parentOf, partsOf, isTree, type Tree } from './tree';
import { typeWords } from './type-words';

/** One thing that is wrong, at a letter of the text that was parsed. */
export interface Flaw {
  at: number;
  words: string;
}

/** As far as the package's errors are read here. */
export interface PackageError {
  readonly code?: string;
  readonly summary?: string;
  readonly range?: { start: number; end: number };
  readonly node?: unknown;
}

const OPERAND =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** What is said of text that is no expression. `rest` is what the parser goes on with, where it does. */
export function syntaxFlaws(
  { code, summary = '', range }: PackageError,
  text: string,
): { flaws: Flaw[]; rest?: string } {
  const at = range?.start ?? 0;
  const found = at >= text.length ? '<EOF>' : tokenAt(text, at);
  const syntax = (words: string): { flaws: Flaw[] } => ({ flaws: [{ at, words: `Syntax error: ${words}` }] });
  const unknown = (token: string) => ({
    ...syntax(`token recognition error at: '${token}'`),
    rest: text.slice(0, at) + ' '.repeat(token.length) + text.slice(at + token.length),
  });
  switch (code) {
    case 'unexpected_token': {
      const isLonger = found !== '<EOF>' && startsOperand(text.slice(at + found.length).trimStart());
      return syntax(`${isLonger ? 'extraneous' : 'mismatched'} input '${found}' expecting ${OPERAND}`);
    }
    case 'expected_token':
      return syntax(expectedWords(summary, found, text));
    case 'unexpected_character': {
      if (!/: '.'$/s.test(summary)) return unknown(found);
      const isLast = text.slice(at + found.length).trim() === '';
      return syntax(`${isLast ? 'extraneous' : 'mismatched'} input '${found}' expecting <EOF>`);
    }
    case 'unterminated_string':
      return unknown(text.slice(at));
    case 'reserved_identifier':
      return { flaws: [{ at, words: `reserved identifier: ${found}` }] };
    case 'invalid_macro_argument':
      return { flaws: [{ at, words: macroWords(summary) }] };
    default:
      return syntax(summary);
  }
}

const macroWords = (summary: string): string =>
  /has\(\)/.test(summary) ? 'invalid argument to has() macro' : 'argument must be a simple name';

const MISSING: Readonly<Record<string, string>> = { RPAREN: ')', RBRACKET: ']' };

function expectedWords(summary: string, found: string, text: string): string {
  const wanted = /^Expected (\w+)/.exec(summary)?.[1] ?? '';
  if (wanted === 'IDENTIFIER') return `no viable alternative at input '${text.trimEnd().at(-1) ?? ''}'`;
  if (wanted === 'COLON') return `mismatched input '${found}' expecting ':'`;
  const isList = wanted === 'RBRACKET' && /[[,][^\]]*,/.test(text);
  if (isList) return `mismatched input '${found}' expecting {']', ','}`;
  const sign = MISSING[wanted];
  return sign ? `missing '${sign}' at '${found}'` : summary;
}

const tokenAt = (text: string, at: number): string =>
  /^(?:\w+|==|!=|<=|>=|&&|\|\||[=&|]\s?|.)/s.exec(text.slice(at))?.[0] ?? '<EOF>';
const startsOperand = (rest: string): boolean => /^[\w"'([{.!-]/.test(rest);

/** What is said of an expression whose types do not fit; `functions` are those that there are. */
export function typeFlaw({ code, summary = '', node, range }: PackageError, root: Tree, functions: Functions): Flaw {
  const at = range?.start ?? 0;
  if (!isTree(node)) return { at, words: summary };
  switch (code) {
    case 'unknown_variable':
      return { at, words: undeclared(String(node.args)) };
    case 'no_such_key':
      return { at: placeOfField(node, root), words: `undefined field '${fieldOf(node)}'` };
    case 'cannot_index_type':
    case 'invalid_index_type':
      return node.op === '.'
        ? { at: dotBefore(node, root), words: `type '${typeOf(partsOf(node)[0])}' does not support field selection` }
        : overload(node, root);
    case 'no_such_overload':
    case 'incompatible_ternary_branches':
      return overload(node, root);
    case 'no_matching_overload':
      return noSuchCall(node, root, functions);
    case 'invalid_logical_operand': {
      const wrong = partsOf(node).find((part) => !['bool', 'dyn'].includes(part.checkedType?.name ?? 'dyn'));
      return { at: wrong ? placeOf(wrong, root) : at, words: `expected type 'bool' but found '${typeOf(wrong)}'` };
    }
    case 'invalid_condition_type': {
      const parent = parentOf(root, node);
      return parent?.op === '?:'
        ? overload(parent, root)
        : { at, words: `expected type 'bool' but found '${typeOf(node)}'` };
    }
    case 'invalid_macro_argument':
      return { at, words: macroWords(summary) };
    default:
      return { at, words: summary };
  }
}

export type Functions = (name: string) => boolean;

const undeclared = (name: string): string => `undeclared reference to '${name}' (in container '')`;

function typeOf(tree: Tree | undefined): string {
  if (tree?.checkedType) return toldType(tree.checkedType.name);
  return tree?.op === 'value' ? (LITERALS[typeof tree.args] ?? 'dyn') : 'dyn';
}

/** Problems tell well-known types by their short names. */
const toldType = (name: string): string =>
  typeWords(name)
    .replaceAll('google.protobuf.Timestamp', 'timestamp')
    .replaceAll('google.protobuf.Duration', 'duration');

/** What the checker has not come to yet. */
const LITERALS: Readonly<Record<string, string>> = {
  bigint: 'int',
  boolean: 'bool',
  number: 'double',
  string: 'string',
};

const typesOf = (trees: readonly Tree[]): string => trees.map(typeOf).join(', ');

const inputOf = (tree: Tree): string => ('input' in tree ? String(tree.input) : '');

const fieldOf = ({ args }: Tree): string => (Array.isArray(args) ? String(args[1]) : '');

/** A field whose presence is asked for is told of where the question is. */
function placeOfField(tree: Tree, root: Tree): number {
  const parent = parentOf(root, tree);
  const isAsked = parent?.op === 'call' && Array.isArray(parent.args) && parent.args[0] === HAS_MACRO;
  return isAsked ? inputOf(root).indexOf('(', parent.start) : dotBefore(tree, root);
}

/** Where cel-go says that an expression is: a selection at its dot. */
const placeOf = (tree: Tree, root: Tree): number => (tree.op === '.' ? dotBefore(tree, root) : tree.start);

/** The dot before the field of a selection. */
function dotBefore(tree: Tree, root: Tree): number {
  const left = partsOf(tree)[0];
  return inputOf(root).indexOf('.', left?.end ?? tree.start);
}

/** A call of a function or method that is not there, or not with such arguments. */
function noSuchCall(tree: Tree, root: Tree, functions: Functions): Flaw {
  const [name, ...rest] = tree.args as [string, ...unknown[]];
  const receiver = tree.op === 'rcall' ? partsOf(tree)[0] : undefined;
  const from = receiver ? receiver.end : tree.start;
  const at = inputOf(root).indexOf('(', inputOf(root).indexOf(name, from));
  if (!functions(name)) return { at, words: undeclared(name) };
  const args = typesOf((rest.at(-1) as Tree[]) ?? []);
  const applied = receiver ? `${typeOf(receiver)}.(${args})` : `(${args})`;
  return { at, words: `found no matching overload for '${name}' applied to '${applied}'` };
}

const OPERATORS: Readonly<Record<string, { name: string; sign: string }>> = {
  in: { name: '@in', sign: 'in' },
  '[]': { name: '_[_]', sign: '[' },
  '?:': { name: '_?_:_', sign: '?' },
};

export function overload(tree: Tree, root: Tree): Flaw {
  const { op, start } = tree;
  const parts = partsOf(tree);
  const isUnary = op.endsWith('_');
  const { name, sign } = OPERATORS[op] ?? { name: isUnary ? op : `_${op}_`, sign: op };
  const at = isUnary ? start : inputOf(root).indexOf(sign, parts[0]?.end ?? start);
  return { at, words: `found no matching overload for '${name}' applied to '(${typesOf(parts)})'` };
}
