/** Rules of single values that stand in many kinds. `into` gathers what is wrong, in the order in which it is found. */
import { sameValue } from '#main/sandbox/machinery/same-value';
import { quantityNanos } from '#main/sandbox/machinery/quantity';
import { eachInvalid, invalidValue, notSupported, required, type FieldError } from './field-errors';
import { portName, type NameRule } from './names';

const NOT_NEGATIVE = 'must be greater than or equal to 0';
const PORT_RANGE = 'must be between 1 and 65535, inclusive';
const PERCENT_TEXT =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
const percentPattern = /^[0-9]+%$/;

export type IntOrString = number | string;

/** A number that counts something; absent is right. */
export function checkNotNegative(value: number | undefined, path: string, into: FieldError[]): void {
  if (value !== undefined && value < 0) into.push(invalidValue(path, value, NOT_NEGATIVE));
}

export function checkQuantity(quantity: string, path: string, into: FieldError[]): void {
  if (quantityNanos(quantity) < 0n) into.push(invalidValue(path, quantity, NOT_NEGATIVE));
}

export function checkPositiveQuantity(quantity: string, path: string, into: FieldError[]): void {
  if (quantityNanos(quantity) <= 0n) into.push(invalidValue(path, quantity, 'must be greater than zero'));
}

export const isPort = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 65_535;

export function checkPort(value: number, path: string, into: FieldError[]): void {
  if (!isPort(value)) into.push(invalidValue(path, value, PORT_RANGE));
}

/** The number of a port or its name; absent is 0. */
export function checkPortReference(port: IntOrString | undefined, path: string, into: FieldError[]): void {
  if (typeof port === 'string') eachInvalid(into, path, port, portName(port));
  else checkPort(port ?? 0, path, into);
}

/** User and group ids. */
export function checkId(id: number | undefined, path: string, into: FieldError[]): void {
  if (id !== undefined && (id < 0 || id > 2_147_483_647))
    into.push(invalidValue(path, id, 'must be between 0 and 2147483647, inclusive'));
}

/** An absolute number or a percentage. */
export function checkIntOrPercent(value: IntOrString, path: string, into: FieldError[]): void {
  if (typeof value === 'number') checkNotNegative(value, path, into);
  else if (!percentPattern.test(value)) into.push(invalidValue(path, value, PERCENT_TEXT));
}

export function checkAtMostAll(value: IntOrString, path: string, into: FieldError[]): void {
  if (typeof value === 'string' && percentPattern.test(value) && Number.parseInt(value, 10) > 100)
    into.push(invalidValue(path, value, 'must not be greater than 100%'));
}

/** The number, or that of the percents; 0 for words. */
export function amountOf(value: IntOrString | undefined): number {
  if (typeof value === 'number') return value;
  return value !== undefined && /^[0-9]+%?$/.test(value) ? Number.parseInt(value, 10) : 0;
}

/** One of a few words; absent and empty are required. */
export function checkWord(
  value: string | undefined,
  supported: readonly string[],
  path: string,
  into: FieldError[],
): void {
  if (!value) into.push(required(path));
  else if (!supported.includes(value)) into.push(notSupported(path, value, supported));
}

/** As `checkWord`, where the value may be absent but not empty. */
export function checkOptionalWord(
  value: string | undefined,
  supported: readonly string[],
  path: string,
  into: FieldError[],
): void {
  if (value !== undefined && !supported.includes(value)) into.push(notSupported(path, value, supported));
}

export function checkName(name: string, rule: NameRule, path: string, into: FieldError[]): void {
  eachInvalid(into, path, name, rule(name));
}

/** A name that must be there. */
export function checkNeededName(name: string | undefined, rule: NameRule, path: string, into: FieldError[]): void {
  if (!name) into.push(required(path));
  else eachInvalid(into, path, name, rule(name));
}

export function checkNeeded(value: string | undefined, path: string, into: FieldError[]): void {
  if (!value) into.push(required(path));
}

export function checkUnchanged(next: unknown, current: unknown, path: string, into: FieldError[]): void {
  if (!sameValue(next, current)) into.push(invalidValue(path, next, 'field is immutable'));
}
