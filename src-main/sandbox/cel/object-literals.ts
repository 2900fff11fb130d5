/**
 * Objects that expressions of mutating policies make: `Object{spec: Object.spec{replicas: 3}}` and `JSONPatch{op: "add"}`.
 * The package does not know such literals: they are maps with their type beside them, and what an object may hold is
 * looked at when it is merged.
 */
import type { Environment } from '@marcbachmann/cel-js';
import { isWordStart, Rewriting, TEXT } from './source-text';
import type { Tree as PackageTree } from './tree';

const MACRO = 'typedLiteral';
const PATCH = 'JSONPatch';
const PATCH_FIELDS: Readonly<Record<string, string>> = { op: 'string', path: 'string', from: 'string', value: 'dyn' };

/** As far as the package's tree, checker and evaluator are used here. */
interface Tree {
  args: unknown;
}
interface Checker {
  check: (tree: Tree, context: unknown) => { type: string };
  getType: (name: string) => unknown;
  createError: (code: string, message: string, tree: Tree) => Error;
}
interface Evaluator {
  run: (tree: Tree, context: unknown) => unknown;
}

export function addObjectLiterals(environment: Environment): void {
  environment.registerType('Object', { fields: {} }).registerType(PATCH, { fields: PATCH_FIELDS });
  environment.registerFunction(`${MACRO}(ast, ast): dyn`, ({ args: [name, fields] }: { args: [Tree, Tree] }) => ({
    typeCheck(checker: Checker, _macro: unknown, context: unknown) {
      const type = String(name.args);
      checker.check(fields, context);
      if (type === PATCH) checkPatch(fields, checker, context);
      return checker.getType(type === PATCH || type === 'Object' ? type : 'dyn');
    },
    evaluate: (evaluator: Evaluator, _macro: unknown, context: unknown): unknown => evaluator.run(fields, context),
  }));
}

function checkPatch({ args }: Tree, checker: Checker, context: unknown): void {
  for (const [key, value] of args as [Tree, Tree][]) {
    const wanted = PATCH_FIELDS[String(key.args)] ?? '';
    const { type } = checker.check(value, context);
    if (wanted === 'dyn' || type === 'dyn' || type === wanted) continue;
    const text = `expected type of field '${String(key.args)}' is '${wanted}' but provided type is '${type}'`;
    throw checker.createError('field_type', text, key);
  }
}

/** Names and values of the fields; undefined for any other part of an expression. */
export function fieldsOfLiteral({ op, args }: PackageTree): [PackageTree, PackageTree][] | undefined {
  if (op !== 'call' || !Array.isArray(args) || args[0] !== MACRO) return undefined;
  const [, fields] = args[1] as [PackageTree, PackageTree];
  return fields.args as [PackageTree, PackageTree][];
}

/** The same expression with maps in place of those of the policy's own types. */
export function withTypedLiterals(expression: string): Rewriting {
  const out = new Rewriting();
  const inTyped: boolean[] = [];
  const addField = (at: number): number => {
    const field = FIELD.exec(expression.slice(at));
    if (!field) return at;
    const [whole, before = '', escaped, plain, colon = ''] = field;
    out.add(before, at);
    out.insert(JSON.stringify(escaped ?? plain ?? ''), at + whole.length - 1);
    out.add(colon, at + whole.length - colon.length);
    return at + whole.length;
  };
  for (let at = 0; at < expression.length;) {
    const rest = expression.slice(at);
    const text = TEXT.exec(rest)?.[0];
    const typed = text === undefined && isWordStart(expression, at) ? TYPE.exec(rest) : undefined;
    if (typed) {
      out.insert(`${MACRO}("${typed[1] ?? ''}", {`, at);
      inTyped.push(true);
      at = addField(at + typed[0].length);
      continue;
    }
    const taken = text ?? expression.charAt(at);
    out.add(taken, at);
    at += taken.length;
    if (OPENING.has(taken)) inTyped.push(false);
    else if (CLOSING.has(taken) && inTyped.pop()) out.insert(')', at - 1);
    else if (taken === ',' && inTyped.at(-1)) at = addField(at);
  }
  return out;
}

const TYPE = /^(Object(?:\.\w+)*|JSONPatch)\s*\{/;
const FIELD = /^(\s*\??)(?:`([^`]*)`|(\w+))(\s*:)/;
const OPENING = new Set(['{', '[', '(']);
const CLOSING = new Set(['}', ']', ')']);
