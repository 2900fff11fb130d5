/** The rules of expressions in policies and webhooks: what they may speak of, and what they must answer. */
import type { Environment } from '@marcbachmann/cel-js';
import type { MatchCondition, Variable } from '#common/kube/types';
import { compile } from '#main/sandbox/cel/compile';
import { policyEnvironment, type PolicyVariables } from '#main/sandbox/cel/policy-types';
import { duplicateValue, eachInvalid, invalidValue, required, tooMany, type FieldError } from '../field-errors';
import { qualifiedName } from '../names';

const MOST_CONDITIONS = 64;
const identifier = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** An expression that is there, and answers with one of `types`. */
export function checkExpression(
  { expression, path }: { expression: string; path: string },
  environment: Environment,
  types: readonly string[],
  into: FieldError[],
): void {
  const { type = '', problem } = compile(expression, environment);
  if (problem !== undefined) into.push(invalidValue(path, expression, `compilation failed: ${problem}`));
  else if (!types.includes(type)) {
    const wanted = types.length > 1 ? `one of [${types.join(' ')}]` : types.join('');
    into.push(invalidValue(path, expression, `must evaluate to ${wanted} but got ${type}`));
  }
}

export function checkMatchConditions(
  conditions: readonly MatchCondition[] = [],
  hasParams: boolean,
  path: string,
  into: FieldError[],
): void {
  if (conditions.length > MOST_CONDITIONS) into.push(tooMany(path, conditions.length, MOST_CONDITIONS));
  const environment = conditions.length > 0 && policyEnvironment({ params: hasParams, authorizer: true });
  for (const [at, { name, expression }] of conditions.entries()) {
    const here = `${path}[${at}]`;
    const text = (expression ?? '').trim();
    if (!text) into.push(required(`${here}.expression`));
    else if (environment)
      checkExpression({ expression: text, path: `${here}.expression` }, environment, ['bool'], into);
    if (!name) {
      into.push(required(`${here}.name`));
      continue;
    }
    eachInvalid(into, `${here}.name`, name, qualifiedName(name));
    if (conditions.findIndex((one) => one.name === name) < at) into.push(duplicateValue(`${here}.name`, name));
  }
}

/** What the expressions of a policy may ask, its variables among it: each knows those before it. */
export function checkVariables(
  variables: readonly Variable[] = [],
  given: PolicyVariables,
  path: string,
  into: FieldError[],
): PolicyVariables {
  const types: Record<string, string> = {};
  for (const [at, { name = '', expression = '' }] of variables.entries()) {
    const here = `${path}[${at}]`;
    if (!name.trim()) into.push(required(`${here}.name`, 'name is not specified'));
    else if (!identifier.test(name) || RESERVED.has(name))
      into.push(invalidValue(`${here}.name`, name, 'must be a valid CEL identifier'));
    if (!expression.trim()) {
      into.push(required(`${here}.expression`, 'expression is not specified'));
      continue;
    }
    const { declared = 'dyn', problem } = compile(expression, policyEnvironment({ ...given, variables: types }));
    if (problem !== undefined)
      into.push(invalidValue(`${here}.expression`, expression, `compilation failed: ${problem}`));
    if (identifier.test(name)) types[name] = declared;
  }
  return variables.length > 0 ? { ...given, variables: types } : given;
}
