import { DurationProblem, parseDuration } from '../duration';
import { isTimeZone } from './time-zone';

/** A schedule as the cron parser that Kubernetes uses reads it (github.com/robfig/cron, its standard parser). */
export type CronSchedule = Interval | Calendar;

/** `@every 1h30m`: so long after the run before, in whole seconds. */
export interface Interval {
  readonly everyMs: number;
}

export interface Calendar {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** Sunday is 0, and only that. */
  readonly weekdays: ReadonlySet<number>;
  /** Day of the month and weekday are both restricted: one that fits is enough. */
  readonly eitherDay: boolean;
  /** Of `TZ=`; undefined leaves it to the reader. */
  readonly timeZone?: string;
}

/** Why a text is no schedule, in the words of that parser. */
export class ScheduleProblem extends Error {}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: ReadonlyMap<string, number>;
}

const numbered = (names: string, from: number): ReadonlyMap<string, number> =>
  new Map(names.split(' ').map((name, at) => [name, at + from]));

const MINUTES: Bounds = { min: 0, max: 59 };
const HOURS: Bounds = { min: 0, max: 23 };
const DAYS: Bounds = { min: 1, max: 31 };
const MONTHS: Bounds = { min: 1, max: 12, names: numbered('jan feb mar apr may jun jul aug sep oct nov dec', 1) };
const WEEKDAYS: Bounds = { min: 0, max: 6, names: numbered('sun mon tue wed thu fri sat', 0) };
const FIELDS = 5;

const DESCRIPTORS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);
const EVERY = '@every ';
const SECOND_NANOS = 1e9;
const MAX_INT = 2n ** 63n - 1n;

/** Throws ScheduleProblem. */
export function parseCronSchedule(text: string): CronSchedule {
  if (text === '') throw new ScheduleProblem('empty spec string');
  const { spec, timeZone } = splitZone(text);
  if (spec.startsWith(EVERY)) return interval(spec);
  if (spec.startsWith('@') && !DESCRIPTORS.has(spec)) throw new ScheduleProblem(`unrecognized descriptor: ${spec}`);
  return calendar(DESCRIPTORS.get(spec) ?? spec, timeZone);
}

function splitZone(text: string): { spec: string; timeZone?: string } {
  if (!/^(?:CRON_)?TZ=/.test(text)) return { spec: text };
  const end = text.indexOf(' ');
  if (end < 0) throw new ScheduleProblem('failed to parse schedule: runtime error: slice bounds out of range [:-1]');
  const timeZone = text.slice(text.indexOf('=') + 1, end);
  if (timeZone !== '' && !isTimeZone(timeZone))
    throw new ScheduleProblem(`provided bad location ${timeZone}: unknown time zone ${timeZone}`);
  return { spec: text.slice(end).trim(), timeZone: timeZone || 'UTC' };
}

function interval(spec: string): Interval {
  const duration = spec.slice(EVERY.length);
  try {
    const seconds = Math.floor(Math.max(parseDuration(duration), SECOND_NANOS) / SECOND_NANOS);
    return { everyMs: seconds * 1000 };
  } catch (problem) {
    if (!(problem instanceof DurationProblem)) throw problem;
    throw new ScheduleProblem(`failed to parse duration ${spec}: ${problem.message}`);
  }
}

function calendar(spec: string, timeZone: string | undefined): Calendar {
  const fields = spec.split(/\s+/).filter(Boolean);
  if (fields.length !== FIELDS)
    throw new ScheduleProblem(`expected exactly ${FIELDS} fields, found ${fields.length}: [${fields.join(' ')}]`);
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  const minutes = field(minute, MINUTES);
  const hours = field(hour, HOURS);
  const days = field(day, DAYS);
  const months = field(month, MONTHS);
  const weekdays = field(weekday, WEEKDAYS);
  return {
    minutes: minutes.values,
    hours: hours.values,
    days: days.values,
    months: months.values,
    weekdays: weekdays.values,
    eitherDay: !days.isAny && !weekdays.isAny,
    ...(timeZone === undefined ? {} : { timeZone }),
  };
}

interface Field {
  readonly values: Set<number>;
  /** A star stands in it, with no step or a step of one: it restricts nothing. */
  isAny: boolean;
}

function field(text: string, bounds: Bounds): Field {
  const field: Field = { values: new Set(), isAny: false };
  for (const range of text.split(',').filter(Boolean)) addRange(range, bounds, field);
  return field;
}

function addRange(range: string, { min, max, names }: Bounds, into: Field): void {
  const [span = '', ...steps] = range.split('/');
  const [low = '', high, ...more] = span.split('-');
  const isStar = low === '*' || low === '?';
  const first = isStar ? min : numberOf(low, names);
  let last = max;
  if (!isStar) {
    if (more.length > 0) throw new ScheduleProblem(`too many hyphens: ${range}`);
    last = high === undefined ? first : numberOf(high, names);
  }
  if (steps.length > 1) throw new ScheduleProblem(`too many slashes: ${range}`);
  const [stepText] = steps;
  const step = stepText === undefined ? 1 : numberOf(stepText);
  // `5/15` goes on from 5 to the end.
  if (stepText !== undefined && high === undefined) last = max;
  if (first < min) throw new ScheduleProblem(`beginning of range (${first}) below minimum (${min}): ${range}`);
  if (last > max) throw new ScheduleProblem(`end of range (${last}) above maximum (${max}): ${range}`);
  if (first > last) throw new ScheduleProblem(`beginning of range (${first}) beyond end of range (${last}): ${range}`);
  if (step === 0) throw new ScheduleProblem(`step of range should be a positive number: ${range}`);
  for (let value = first; value <= last; value += step) into.values.add(value);
  into.isAny ||= isStar && step === 1;
}

function numberOf(text: string, names?: Bounds['names']): number {
  const named = names?.get(text.toLowerCase());
  if (named !== undefined) return named;
  const failed = `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}`;
  if (!/^[-+]?\d+$/.test(text)) throw new ScheduleProblem(`${failed}: invalid syntax`);
  const value = BigInt(text.replace('+', ''));
  if (value > MAX_INT || value < -MAX_INT - 1n) throw new ScheduleProblem(`${failed}: value out of range`);
  if (value < 0n) throw new ScheduleProblem(`negative number (${value}) not allowed: ${text}`);
  return Number(value);
}
