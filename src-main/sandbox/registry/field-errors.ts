import type { StatusCause } from '#common/kube/status-error';

/** One thing that is wrong with one field, in the words of apimachinery's field errors. */
export interface FieldError {
  reason: string;
  field: string;
  /** Without the field's name. */
  body: string;
}

/** The error when `holds` is false; for lists of rules. */
export function must(holds: boolean, error: () => FieldError): FieldError[] {
  return holds ? [] : [error()];
}

export const required = (field: string, detail = ''): FieldError => ({
  reason: 'FieldValueRequired',
  field,
  body: detail ? `Required value: ${detail}` : 'Required value',
});

export const invalidValue = (field: string, value: unknown, detail: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  body: `Invalid value: ${shown(value)}: ${detail}`,
});

/** Where the value would tell nobody anything. */
export const invalidField = (field: string, detail: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  body: `Invalid value: ${detail}`,
});

export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  reason: 'FieldValueNotSupported',
  field,
  body: `Unsupported value: ${shown(value)}: supported values: ${supported.map((one) => `"${one}"`).join(', ')}`,
});

export const duplicateValue = (field: string, value: unknown, detail = ''): FieldError => ({
  reason: 'FieldValueDuplicate',
  field,
  body: `Duplicate value: ${shown(value)}${detail && `: ${detail}`}`,
});

export const forbiddenField = (field: string, detail: string): FieldError => ({
  reason: 'FieldValueForbidden',
  field,
  body: `Forbidden: ${detail}`,
});

export const valueNotFound = (field: string, value: unknown, detail = ''): FieldError => ({
  reason: 'FieldValueNotFound',
  field,
  body: `Not found: ${shown(value)}${detail && `: ${detail}`}`,
});

export const tooLong = (field: string, maxBytes: number): FieldError => ({
  reason: 'FieldValueTooLong',
  field,
  body: `Too long: may not be more than ${maxBytes} bytes`,
});

export const tooMany = (field: string, actual: number, most: number): FieldError => ({
  reason: 'FieldValueTooMany',
  field,
  body: `Too many: ${actual}: must have at most ${most} items`,
});

/** One error for every text. */
export function eachInvalid(into: FieldError[], field: string, value: unknown, texts: readonly string[]): void {
  for (const text of texts) into.push(invalidValue(field, value, text));
}

/** `spec.replicas: Invalid value: -1: must be …`. */
export const textOf = ({ field, body }: FieldError): string => `${field}: ${body}`;

export const causeOf = ({ reason, field, body }: FieldError): StatusCause => ({ reason, message: body, field });

/** Go's encoder writes signs of HTML as their numbers. */
const escapedInJson = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;

function shown(value: unknown): string {
  if (value === undefined) return 'null';
  const text = JSON.stringify(value);
  return typeof value === 'object' ? text.replaceAll(/[<>&]/g, escapedInJson) : text;
}
