/** Why a text is no cron schedule, in the words of the server's own parser. */

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: Readonly<Record<string, number>>;
}

const numbered = (names: string, from: number): Record<string, number> =>
  Object.fromEntries(names.split(' ').map((name, at) => [name, at + from]));

const FIELDS: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: numbered('jan feb mar apr may jun jul aug sep oct nov dec', 1) },
  { min: 0, max: 6, names: numbered('sun mon tue wed thu fri sat', 0) },
];
const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];
const EVERY = '@every ';
const durationPattern = /^[-+]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

class Problem extends Error {}

export function scheduleProblem(text: string): string | undefined {
  try {
    checkSchedule(text);
    return undefined;
  } catch (problem) {
    if (problem instanceof Problem) return problem.message;
    throw problem;
  }
}

export function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

function checkSchedule(text: string): void {
  const schedule = /^(?:TZ|CRON_TZ)=/.test(text) ? withoutZone(text) : text;
  if (schedule.startsWith('@')) {
    checkDescriptor(schedule);
    return;
  }
  const fields = schedule.trim().split(/\s+/).filter(Boolean);
  if (fields.length !== 5)
    throw new Problem(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  for (const [at, bounds] of FIELDS.entries())
    for (const range of (fields[at] ?? '').split(',').filter(Boolean)) checkRange(range, bounds);
}

function withoutZone(text: string): string {
  const end = text.indexOf(' ');
  if (end < 0) throw new Problem('failed to parse schedule: runtime error: slice bounds out of range [:-1]');
  const zone = text.slice(text.indexOf('=') + 1, end);
  if (!isTimeZone(zone)) throw new Problem(`provided bad location ${zone}: unknown time zone ${zone}`);
  return text.slice(end).trim();
}

function checkDescriptor(text: string): void {
  if (DESCRIPTORS.includes(text)) return;
  if (!text.startsWith(EVERY)) throw new Problem(`unrecognized descriptor: ${text}`);
  const duration = text.slice(EVERY.length);
  if (!durationPattern.test(duration))
    throw new Problem(`failed to parse duration ${text}: time: invalid duration ${JSON.stringify(duration)}`);
}

function checkRange(range: string, { min, max, names }: Bounds): void {
  const [span = '', ...steps] = range.split('/');
  const [low = '', high, ...more] = span.split('-');
  const isAny = low === '*' || low === '?';
  const first = isAny ? min : numberOf(low, names);
  let last = max;
  if (!isAny) {
    if (more.length > 0) throw new Problem(`too many hyphens: ${range}`);
    last = high === undefined ? first : numberOf(high, names);
  }
  if (steps.length > 1) throw new Problem(`too many slashes: ${range}`);
  const [step] = steps;
  const width = step === undefined ? 1 : numberOf(step);
  if (step !== undefined && high === undefined) last = max;
  if (first < min) throw new Problem(`beginning of range (${first}) below minimum (${min}): ${range}`);
  if (last > max) throw new Problem(`end of range (${last}) above maximum (${max}): ${range}`);
  if (first > last) throw new Problem(`beginning of range (${first}) beyond end of range (${last}): ${range}`);
  if (width === 0) throw new Problem(`step of range should be a positive number: ${range}`);
}

function numberOf(text: string, names?: Bounds['names']): number {
  const named = names?.[text.toLowerCase()];
  if (named !== undefined) return named;
  if (!/^[-+]?[0-9]+$/.test(text))
    throw new Problem(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  const value = Number(text);
  if (value < 0) throw new Problem(`negative number (${value}) not allowed: ${text}`);
  return value;
}
