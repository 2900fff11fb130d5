/** Reads scalars of API types from JSON values and gives their canonical form, with the messages of Go's decoders. */
import { DurationProblem, parseDuration } from '#common/kube/duration';
import { canonicalQuantity, QuantityError } from './quantity';
import type { ScalarName } from './schema';

/** `text` is the whole message; without it, the value has the wrong JSON type and the caller knows where. */
export class ScalarProblem extends Error {
  constructor(
    readonly text?: string,
    readonly exactNumber = false,
  ) {
    super(text);
  }
}

type Reader = (value: unknown) => unknown;

/** Throws ScalarProblem. */
export function readScalar(value: unknown, scalar: ScalarName): unknown {
  return READERS[scalar](value);
}

const integer =
  (least: number, most: number): Reader =>
  (value) => {
    if (typeof value !== 'number') throw new ScalarProblem();
    if (!Number.isInteger(value) || value < least || value > most) throw new ScalarProblem(undefined, true);
    return value;
  };

const ofType =
  (type: string): Reader =>
  (value) => {
    if (typeof value !== type) throw new ScalarProblem();
    return value;
  };

const same: Reader = (value) => value;

const READERS: Readonly<Record<ScalarName, Reader>> = {
  string: ofType('string'),
  bool: ofType('boolean'),
  double: ofType('number'),
  int32: integer(-(2 ** 31), 2 ** 31 - 1),
  int64: integer(-(2 ** 63), 2 ** 63),
  uint32: integer(0, 2 ** 32 - 1),
  uint64: integer(0, 2 ** 64),
  bytes: base64,
  time: (value) => time(value, 0),
  microtime: (value) => time(value, 6),
  duration,
  quantity,
  intstr,
  raw: same,
  fieldsv1: same,
  json: same,
  schemaorarray: same,
  schemaorbool: boolOnly,
  schemaorstrings: same,
};

function boolOnly(value: unknown): unknown {
  if (typeof value !== 'boolean') throw new ScalarProblem('boolean or JSON schema expected');
  return value;
}

function intstr(value: unknown): unknown {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31) return value;
  throw new ScalarProblem(undefined, typeof value === 'number');
}

function quantity(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') throw new ScalarProblem(NO_QUANTITY);
  try {
    return canonicalQuantity(String(value));
  } catch (problem) {
    if (problem instanceof QuantityError) throw new ScalarProblem(problem.message);
    throw problem;
  }
}

const NO_QUANTITY = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function base64(value: unknown): string {
  if (typeof value !== 'string') throw new ScalarProblem();
  if (value === '' || BASE64.test(value)) return value;
  const text = value.replaceAll(/[\r\n]/g, '');
  if (BASE64.test(text)) return text;
  throw new ScalarProblem(`illegal base64 data at input byte ${firstBadByte(value)}`);
}

/** Where Go's decoder gives up: the first foreign byte, or the start of the last, incomplete group of four. */
function firstBadByte(text: string): number {
  const foreign = text.search(/[^A-Za-z0-9+/\r\n=]/);
  if (foreign >= 0) return foreign;
  const padding = text.indexOf('=');
  if (padding >= 0) return padding % 4 < 2 ? padding : Math.min(text.length, padding + (4 - (padding % 4)));
  return text.length - (text.length % 4);
}

/** Canonical at sight; the last days of a month take the long way. */
const CANONICAL_TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const RFC3339_MICRO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})(?:Z|[+-]\d\d:\d\d)$/;

/** Times are written in UTC with `digits` digits of fraction; MicroTime takes exactly six, Time any number of them. */
function time(value: unknown, digits: 0 | 6): string {
  if (typeof value !== 'string') throw new ScalarProblem();
  if (digits === 0 && CANONICAL_TIME.test(value)) return value;
  const match = (digits === 0 ? RFC3339 : RFC3339_MICRO).exec(value);
  if (!match) throw new ScalarProblem(badTime(value, digits));
  const range = partOutOfRange(value);
  if (range) throw new ScalarProblem(`parsing time ${JSON.stringify(value)}: ${range} out of range`);
  const seconds = new Date(Date.parse(value.replace(/[.,]\d+/, ''))).toISOString().slice(0, 19);
  if (digits === 0) return `${seconds}Z`;
  return `${seconds}${match[1] ?? ''}Z`;
}

/** The part of a well-formed time that no calendar has, in the order in which Go looks. */
function partOutOfRange(value: string): string | undefined {
  const numbers = (value.slice(0, 19).match(/\d+/g) ?? []).map(Number);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = numbers;
  const parts: [name: string, number: number, least: number, most: number][] = [
    ['month', month, 1, 12],
    ['hour', hour, 0, 23],
    ['minute', minute, 0, 59],
    ['second', second, 0, 59],
    ['day', day, 1, new Date(Date.UTC(year, month, 0)).getUTCDate()],
  ];
  return parts.find(([, number, least, most]) => number < least || number > most)?.[0];
}

function badTime(value: string, digits: number): string {
  const layout = digits === 0 ? '2006-01-02T15:04:05Z07:00' : '2006-01-02T15:04:05.000000Z07:00';
  const { rest, wanted } = firstMismatch(value, digits);
  return `parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${wanted}"`;
}

/** Go names the part of its layout that did not fit and the text from there on. */
function firstMismatch(value: string, digits: number): { rest: string; wanted: string } {
  const parts: [string, RegExp][] = [
    ['2006', /^\d{4}/],
    ['-', /^-/],
    ['01', /^\d\d/],
    ['-', /^-/],
    ['02', /^\d\d/],
    ['T', /^T/],
    ['15', /^\d\d/],
    [':', /^:/],
    ['04', /^\d\d/],
    [':', /^:/],
    ['05', digits === 0 ? /^\d\d(\.\d+)?/ : /^\d\d/],
    ...(digits === 0 ? [] : ([['.000000', /^\.\d{6}/]] as [string, RegExp][])),
  ];
  let rest = value;
  for (const [wanted, pattern] of parts) {
    const match = pattern.exec(rest);
    if (!match) return { rest, wanted };
    rest = rest.slice(match[0].length);
  }
  return { rest, wanted: 'Z07:00' };
}

function duration(value: unknown): string {
  if (typeof value !== 'string') throw new ScalarProblem();
  try {
    return durationText(parseDuration(value));
  } catch (problem) {
    if (problem instanceof DurationProblem) throw new ScalarProblem(problem.message);
    throw problem;
  }
}

/** Go's text of a duration: `1h0m0s`, `1.5s`, `20ms`. */
export function durationText(nanos: number): string {
  const sign = nanos < 0 ? '-' : '';
  const size = Math.abs(nanos);
  if (size === 0) return '0s';
  if (size < 1e3) return `${sign}${size}ns`;
  if (size < 1e6) return `${sign}${size / 1e3}µs`;
  if (size < 1e9) return `${sign}${size / 1e6}ms`;
  const hours = Math.floor(size / 3600e9);
  const minutes = Math.floor((size % 3600e9) / 60e9);
  const seconds = (size % 60e9) / 1e9;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`;
}

/** Go's word for a JSON value in its messages. */
export function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
