/** The fields that a configuration sets, and what is wrong with it as a configuration of its kind. */
import { MEMBER, below, elementText, type FieldSet } from './field-set';
import { goPrint, goSyntax, goType } from './go-values';
import type { ListSchema, MapSchema, TypeSchema, ValueSchema } from './schema';
import {
  associative,
  elementOf,
  granular,
  isFields,
  memberOf,
  NoKeyError,
  type Fields,
  type Known,
} from './typed-values';

/** Leaves, items of lists and keys of maps; a struct is not in the set itself. */
export function fieldsOf(value: Fields, type: TypeSchema): FieldSet {
  return memberFields(value, type);
}

function memberFields(value: Fields, type: TypeSchema | MapSchema): FieldSet {
  const set: Record<string, FieldSet> = {};
  for (const key in value) {
    const member = value[key];
    if (member === undefined) continue;
    const isDeclared = type.shape === 'struct' && type.field(key) !== undefined;
    const isEmpty = member === null || (isFields(member) && Object.keys(member).length === 0);
    const inside = valueFields(member, memberOf(type, key));
    const entry = inside === undefined ? MEMBER : below(isEmpty || !isDeclared, inside);
    if (entry) set[`f:${key}`] = entry;
  }
  return set;
}

/** Undefined for a leaf. */
function valueFields(value: unknown, type: Known): FieldSet | undefined {
  const members = granular(type, value);
  if (members) return isFields(value) ? memberFields(value, members) : {};
  const list = associative(type);
  if (!list) return undefined;
  const set: Record<string, FieldSet> = {};
  for (const item of Array.isArray(value) ? value : []) {
    set[elementOf(list, item)] = below(true, valueFields(item, list.elements) ?? {}) ?? MEMBER;
  }
  return set;
}

/** Messages as the server words them: `.spec.foo: field not declared in schema`. */
export function problemsOf(value: Fields, type: TypeSchema): string[] {
  const problems: string[] = [];
  checkMembers(value, type, '', problems);
  return problems;
}

/** A member that is not declared ends the look at its struct. */
function checkMembers(value: Fields, type: TypeSchema | MapSchema, path: string, problems: string[]): void {
  for (const [key, member] of Object.entries(value)) {
    const known = memberOf(type, key);
    if (known) checkValue(member, known, `${path}.${key}`, problems);
    else if (type.shape === 'struct' && !type.preservesUnknown) {
      problems.push(`${path}.${key}: field not declared in schema`);
      return;
    }
  }
}

function checkValue(value: unknown, type: ValueSchema, path: string, problems: string[]): void {
  if (value === null) return;
  if (type.shape === 'list') checkList(value, type, path, problems);
  else if (type.shape === 'scalar') checkScalar(value, type.scalar, path, problems);
  else if (isFields(value)) checkMembers(value, type, path, problems);
  else problems.push(`${path}: expected map, got ${found(value)}`);
}

function checkList(value: unknown, type: ListSchema, path: string, problems: string[]): void {
  if (!Array.isArray(value)) {
    problems.push(`${path}: expected list, got ${found(value)}`);
    return;
  }
  const seen = new Set<string>();
  for (const [at, item] of value.entries()) {
    const element = itemElement(type, item, at, (reason) => problems.push(`${path}: element ${at}: ${reason}`));
    if (element === undefined) return;
    const place = elementText(element);
    if (seen.has(element)) problems.push(`${path}: duplicate entries for key ${place}`);
    seen.add(element);
    checkValue(item, type.elements, path + place, problems);
  }
}

function itemElement(
  type: ListSchema,
  item: unknown,
  at: number,
  report: (reason: string) => void,
): string | undefined {
  if (!associative(type)) return `i:${at}`;
  try {
    return elementOf(type, item);
  } catch (problem) {
    if (!(problem instanceof NoKeyError)) throw problem;
    report(problem.message);
    return undefined;
  }
}

const NUMERIC = new Set(['int32', 'int64', 'uint32', 'uint64', 'double']);
const TEXT = new Set(['string', 'bytes']);

function checkScalar(value: unknown, scalar: string, path: string, problems: string[]): void {
  if (NUMERIC.has(scalar) && typeof value !== 'number') {
    problems.push(`${path}: expected numeric (int or float), got ${goType(value)}`);
  } else if (TEXT.has(scalar) && typeof value !== 'string')
    problems.push(`${path}: expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
  else if (scalar === 'bool' && typeof value !== 'boolean')
    problems.push(`${path}: expected boolean, got ${found(value)}`);
}

/** As the server's library prints its wrapper of a value. */
const found = (value: unknown): string => `&{${goPrint(value)}}`;
