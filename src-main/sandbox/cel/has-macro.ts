/**
 * `has(e.f)` for any expression `e`, as the language defines it. The package's own macro takes names only, and refuses
 * `has(self[0].f)`, which the rules of well-known custom resources ask for.
 */
import { Optional, type Environment } from '@marcbachmann/cel-js';
import { isWordStart, Rewriting, TEXT } from './source-text';
import { HOLE } from './tree';

/** What stands in the place of `has` in the source that is parsed. */
export const HAS_MACRO = 'hasField';
const HAS = /^has(?=\s*\()/;

/** As far as the package's tree, checker and evaluator are used here. */
interface Tree {
  op: string;
  args: [operand: Tree, field: string];
}
interface Checker {
  check: (tree: Tree, context: unknown) => unknown;
  getType: (name: string) => unknown;
  createError: (code: string, message: string, tree: Tree) => Error;
}
interface Evaluator {
  run: (tree: Tree, context: unknown) => unknown;
  debugType: (value: unknown) => { fieldLazy: (value: unknown, field: string, tree: Tree, from: Evaluator) => unknown };
}

export function addHasMacro(environment: Environment): void {
  environment.registerFunction(`${HAS_MACRO}(ast): bool`, ({ args: [selection] }: { args: [Tree] }) => ({
    typeCheck(checker: Checker, _macro: unknown, context: unknown) {
      if (selection.op === 'id' && String(selection.args) === HOLE) return checker.getType('bool');
      if (selection.op !== '.') {
        throw checker.createError('invalid_macro_argument', 'invalid argument to has() macro', selection);
      }
      checker.check(selection, context);
      return checker.getType('bool');
    },
    evaluate(evaluator: Evaluator, _macro: unknown, context: unknown) {
      const [operand, field] = selection.args;
      const found = evaluator.run(operand, context);
      const value: unknown = found instanceof Optional ? found.orValue(undefined) : found;
      if (value === undefined) return false;
      return evaluator.debugType(value).fieldLazy(value, field, selection, evaluator) !== undefined;
    },
  }));
}

/** The same expression with this macro in place of the package's. */
export function withHasMacro(expression: string): Rewriting {
  const out = new Rewriting();
  for (let at = 0; at < expression.length;) {
    const rest = expression.slice(at);
    const taken = TEXT.exec(rest)?.[0] ?? (isWordStart(expression, at) ? HAS.exec(rest)?.[0] : undefined);
    if (taken === 'has') out.insert(HAS_MACRO, at);
    else out.add(taken ?? expression.charAt(at), at);
    at += taken?.length ?? 1;
  }
  return out;
}
