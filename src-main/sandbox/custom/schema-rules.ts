/** `x-kubernetes-validations`: rules in CEL over parts of an object. */
import type { AnyObject } from '#common/kube/object';
import type { JSONSchemaProps, ValidationRule } from '#common/kube/types';
import { compileRule, evaluateRule, type CompiledRule } from '#main/sandbox/cel/rules';
import { invalidValue, must, notSupported, required, type FieldError } from '#main/sandbox/registry/field-errors';
import { isFields, itemsOf, memberSchema, pathOf } from './schema-parts';

const RULES = 'x-kubernetes-validations';

/** What the rules of a schema say about an object, and about its change from `before`. */
export function validateRules(next: AnyObject, schema: JSONSchemaProps, before?: AnyObject): FieldError[] {
  return hasRules(schema) ? visit({ value: next, before, path: '' }, schema) : [];
}

interface Place {
  value: unknown;
  before: unknown;
  path: string;
}

function visit(place: Place, schema: JSONSchemaProps): FieldError[] {
  if (!hasRules(schema) || place.value === undefined || place.value === null) return [];
  return [...rulesAt(place, schema), ...childrenOf(place, schema).flatMap(([child, one]) => visit(child, one))];
}

function rulesAt(place: Place, schema: JSONSchemaProps): FieldError[] {
  return (schema[RULES] ?? []).flatMap((rule) => {
    const compiled = compiledOf(rule, schema);
    if (typeof compiled === 'string') return [];
    const isTransition = compiled.usesOldSelf && rule.optionalOldSelf !== true;
    if (isTransition && place.before === undefined) return [];
    return failed(rule, compiled, place);
  });
}

function failed(rule: ValidationRule, compiled: CompiledRule, { value, before, path }: Place): FieldError[] {
  const scope = { self: value, oldSelf: before, hasOptionalOldSelf: rule.optionalOldSelf === true };
  const verdict = evaluateRule(compiled, scope);
  if (verdict.holds) return [];
  const field = rule.fieldPath ? `${path}${rule.fieldPath}` : path;
  if (verdict.problem) return [invalidValue(field, shownValue(value), `rule execution failed: ${verdict.problem}`)];
  const message = verdict.message ?? (rule.message?.trim() || `failed rule: ${rule.rule.trim()}`);
  const error = { ...invalidValue(field.replace(/^\./, ''), shownValue(value), message), ...reasonOf(rule, message) };
  if (rule.reason && rule.reason !== 'FieldValueInvalid') return [error];
  // What is wrong with a whole object is told without the object.
  return [isWhole(value) ? { ...error, body: `Invalid value: ${message}` } : error];
}

const isWhole = (value: unknown): boolean => Array.isArray(value) || isFields(value);

/** Where a value has to be shown, objects are told by their kind of value alone. */
function shownValue(value: unknown): unknown {
  if (Array.isArray(value)) return 'array';
  return isFields(value) ? 'object' : value;
}

const BODIES: Readonly<Record<string, (message: string) => string>> = {
  FieldValueForbidden: (message) => `Forbidden: ${message}`,
  FieldValueRequired: (message) => `Required value: ${message}`,
};

function reasonOf({ reason }: ValidationRule, message: string): Partial<FieldError> {
  if (!reason || reason === 'FieldValueInvalid') return {};
  const body = BODIES[reason]?.(message);
  return body ? { reason, body } : { reason };
}

function childrenOf({ value, before, path }: Place, schema: JSONSchemaProps): [Place, JSONSchemaProps][] {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    const keys = schema['x-kubernetes-list-type'] === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : [];
    const old = (item: unknown): unknown => (keys.length > 0 ? sameItem(before, item, keys) : undefined);
    return items ? value.map((item, at) => [{ value: item, before: old(item), path: pathOf(path, at) }, items]) : [];
  }
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([key, member]): [Place, JSONSchemaProps][] => {
    const known = memberSchema(schema, key);
    const old = isFields(before) ? before[key] : undefined;
    return known ? [[{ value: member, before: old, path: pathOf(path, key) }, known]] : [];
  });
}

function sameItem(before: unknown, item: unknown, keys: readonly string[]): unknown {
  if (!Array.isArray(before) || !isFields(item)) return undefined;
  return before.find((one) => isFields(one) && keys.every((key) => one[key] === item[key]));
}

const carriers = new WeakMap<JSONSchemaProps, boolean>();

export function hasRules(schema: JSONSchemaProps): boolean {
  let answer = carriers.get(schema);
  if (answer === undefined) {
    const rest = isFields(schema.additionalProperties) ? (schema.additionalProperties as JSONSchemaProps) : undefined;
    const below = [...Object.values(schema.properties ?? {}), itemsOf(schema), rest];
    answer = Boolean(schema[RULES]?.length) || below.some((one) => one !== undefined && hasRules(one));
    carriers.set(schema, answer);
  }
  return answer;
}

const compiledRules = new WeakMap<ValidationRule, CompiledRule | string>();

function compiledOf(rule: ValidationRule, schema: JSONSchemaProps): CompiledRule | string {
  let compiled = compiledRules.get(rule);
  if (!compiled) compiledRules.set(rule, (compiled = compileRule(rule, schema)));
  return compiled;
}

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

const LINES = /[\n\r]/;

/** What is wrong with the rules of one schema as texts; what they say is judged where all of the schema is right. */
export function validateRuleTexts(schema: JSONSchemaProps, path: string): FieldError[] {
  return (schema[RULES] ?? []).flatMap((rule, at) => {
    const here = `${path}.${RULES}[${at}]`;
    return [...wordErrors(rule, here), ...fieldPathErrors(rule, schema, here)];
  });
}

function wordErrors({ rule, message = '', messageExpression, reason }: ValidationRule, path: string): FieldError[] {
  const words = message.trim();
  return [
    ...textErrors({ rule: rule.trim(), message, words }, path),
    ...must(!messageExpression || messageExpression.trim() !== '', () =>
      required(`${path}.messageExpression`, 'messageExpression must be non-empty if specified'),
    ),
    ...must(reason === undefined || REASONS.includes(reason), () => notSupported(`${path}.reason`, reason, REASONS)),
  ];
}

/** One thing at a time. */
function textErrors(texts: { rule: string; message: string; words: string }, path: string): FieldError[] {
  const { rule, message, words } = texts;
  if (rule === '') return [required(`${path}.rule`, 'rule is not specified')];
  if (message !== '' && words === '')
    return [invalidValue(`${path}.message`, message, 'must be non-empty if specified')];
  if (LINES.test(words)) return [invalidValue(`${path}.message`, message, 'must not contain line breaks')];
  return must(!LINES.test(rule) || words !== '', () =>
    required(`${path}.message`, 'message must be specified if rule contains line breaks'),
  );
}

function fieldPathErrors({ fieldPath = '' }: ValidationRule, schema: JSONSchemaProps, path: string): FieldError[] {
  if (fieldPath === '') return [];
  const wrong = (detail: string) => () => invalidValue(`${path}.fieldPath`, fieldPath, detail);
  return [
    ...must(fieldPath.trim() !== '', wrong('must be non-empty if specified')),
    ...must(!LINES.test(fieldPath), wrong('must not contain line breaks')),
    ...must(pointsAt(schema, fieldPath), wrong('must be a valid path')),
  ];
}

/** `.a.b` or `['a']`, through properties alone. */
function pointsAt(schema: JSONSchemaProps, fieldPath: string): boolean {
  if (!/^(?:\.[^.[\]']+|\['[^']+'\])+$/.test(fieldPath)) return false;
  const names = [...fieldPath.matchAll(/\.([^.[]+)|\['([^']+)'\]/g)].map(([, plain, quoted]) => plain ?? quoted ?? '');
  let at: JSONSchemaProps | undefined = schema;
  for (const name of names) at = at && memberSchema(at, name);
  return names.length > 0 && at !== undefined;
}
