/** CEL as Kubernetes speaks it: the language, its own libraries beside it, and the values of API objects. */
import { Environment, type EnvironmentOptions, type ParseResult } from '@marcbachmann/cel-js';
import { addAuthorizerFunctions } from './authorizer-functions';
import { addHasMacro, withHasMacro } from './has-macro';
import { addListFunctions } from './list-functions';
import { addMatchesFunction, withMatchesFunction, withOwnName } from './matches-function';
import { addNetworkFunctions } from './network-functions';
import { addObjectLiterals } from './object-literals';
import { addPatchFunctions } from './patch-functions';
import { addQuantityFunctions } from './quantity-functions';
import { addTextFunctions } from './text-functions';
import { addVersionFunctions } from './version-functions';

const OPTIONS: EnvironmentOptions = {
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: true,
};

let base: Environment | undefined;

/** Throws the package's ParseError for text that is no expression. */
export function parseExpression(expression: string): ParseResult {
  return kubernetesEnvironment().parse(withMatchesFunction(withHasMacro(expression).text).text);
}

/** What every expression may ask; whoever adds to it takes a clone. */
export function kubernetesEnvironment(): Environment {
  if (!base) {
    base = new Environment(OPTIONS);
    addHasMacro(base);
    addMatchesFunction(base);
    addTextFunctions(base);
    addVersionFunctions(base);
    addListFunctions(base);
    addQuantityFunctions(base);
    addNetworkFunctions(base);
    addObjectLiterals(base);
    addPatchFunctions(base);
    addAuthorizerFunctions(base);
  }
  return base;
}

/** What went wrong, without the excerpt of the expression. */
export function problemText(problem: unknown): string {
  const text = problem instanceof Error ? problem.message : String(problem);
  const [first = text] = text.split('\n', 1);
  return withOwnName(first.replace(/^No such key/, 'no such key'));
}

/** A JSON value with whole numbers as CEL's integers. */
export function celValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(celValue);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, celValue(member)]));
}

/** A value of CEL as JSON has it: whole numbers are numbers, what is optional and missing is left out. */
export function jsonValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(jsonValue);
  const entries = value instanceof Map ? [...value.entries()] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, member]) => [String(key), jsonValue(member)]));
}
