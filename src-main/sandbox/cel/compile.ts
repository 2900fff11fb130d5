/** Looks at an expression before it is kept: is it one, and what will it answer. */
import type { Environment } from '@marcbachmann/cel-js';
import { withHasMacro } from './has-macro';
import { literalFlaws } from './literal-flaws';
import { withTypedLiterals } from './object-literals';
import { syntaxFlaws, typeFlaw, type Flaw, type PackageError } from './problem-words';
import { HOLE, isTree, type Tree } from './tree';
import { typeWords } from './type-words';

export interface Compilation {
  /** As cel-go names it; absent when something is wrong. */
  type?: string;
  /** How the package names it, to declare what has this type. */
  declared?: string;
  /** `ERROR: <input>:1:1: undeclared reference to 'x' (in container '')` with the line and where in it. */
  problem?: string;
  /** The checked expression, where nothing is wrong. */
  tree?: Tree;
}

const MOST_FLAWS = 20;

/** `environment` knows every variable that there is. */
export function compile(expression: string, environment: Environment): Compilation {
  const typed = withTypedLiterals(expression);
  const parsed = withHasMacro(typed.text);
  const { flaws, type, tree } = flawsOf(parsed.text, environment);
  if (type !== undefined && tree && flaws.length === 0) return { type: typeWords(type), declared: type, tree };
  const placed = flaws.map(({ at, words }) => ({ words, at: typed.originOf(parsed.originOf(at)) }));
  return { problem: placed.map((flaw) => told(flaw, expression)).join('\n') };
}

/** Parser and checker end with the first flaw: it is taken out then, to see what else there is. */
function flawsOf(source: string, environment: Environment): { flaws: Flaw[]; type?: string; tree?: Tree } {
  const flaws: Flaw[] = [];
  const known = environment.clone().registerVariable(HOLE, 'dyn');
  let text = source;
  while (flaws.length < MOST_FLAWS) {
    let parsed;
    try {
      parsed = known.parse(text);
    } catch (problem) {
      const said = syntaxFlaws(problem as PackageError, text);
      flaws.push(...said.flaws);
      if (!said.rest) return { flaws };
      text = said.rest;
      continue;
    }
    if (text !== source && flaws.some(isSyntax)) return { flaws };
    const root = parsed.ast as unknown as Tree;
    const { valid, type, error } = parsed.check();
    if (valid)
      return { flaws: flaws.length > 0 ? flaws : literalFlaws(root, root), type: nameOf(type, root), tree: root };
    const problem = (error ?? {}) as PackageError;
    flaws.push(typeFlaw(problem, root, (name) => hasFunction(environment, name)));
    if (!isTree(problem.node) || FINAL.has(problem.code ?? '')) return { flaws };
    const { start, end } = problem.node;
    const without = text.slice(0, start) + HOLE.padEnd(end - start) + text.slice(end);
    if (without === text || !isExpression(without, known)) return { flaws };
    text = without;
  }
  return { flaws };
}

/** A hole in place of these would be wrong once more. */
const FINAL = new Set(['invalid_macro_argument', 'field_type']);

const isSyntax = ({ words }: Flaw): boolean => words.startsWith('Syntax error');

function isExpression(text: string, environment: Environment): boolean {
  try {
    environment.parse(text);
    return true;
  } catch {
    return false;
  }
}

function nameOf(type: unknown, root: Tree): string {
  if (type === 'type' && root.op === 'call') {
    const [, [argument] = []] = root.args as [string, Tree[]?];
    return `type<${argument?.checkedType?.name ?? 'dyn'}>`;
  }
  return typeof type === 'string' ? type : 'dyn';
}

function hasFunction(environment: Environment, name: string): boolean {
  return environment.getDefinitions().functions.some((one) => one.name === name);
}

/** The line with a mark below the letter; letters that are wide have a wide dot. */
function told({ at, words }: Flaw, expression: string): string {
  const before = expression.slice(0, at).split('\n');
  const [column = ''] = before.slice(-1);
  const line = expression.split('\n')[before.length - 1] ?? '';
  const letters = [...column];
  const dots = letters.map((letter) => ((letter.codePointAt(0) ?? 0) > 127 ? '．' : '.')).join('');
  const shown = line.replaceAll('\t', ' ');
  return `ERROR: <input>:${before.length}:${letters.length + 1}: ${words}\n | ${shown}\n | ${dots}^`;
}
