/** Cron schedules as Kubernetes reads them: five fields, names, steps, `@daily` and its like, a time zone. */

/** The values each field allows. */
interface Schedule {
  minutes: ReadonlySet<number>;
  hours: ReadonlySet<number>;
  days: ReadonlySet<number>;
  months: ReadonlySet<number>;
  weekdays: ReadonlySet<number>;
  /** Both fields are restricted: a day that fits either will do. */
  eitherDay: boolean;
}

const MACROS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MINUTE_MS = 60_000;
/** No schedule that ever comes leaves a longer gap: 29 February. */
const MAX_DAYS_AHEAD = 8 * 366 + 1;

/** Undefined for what is no schedule. */
export function parseSchedule(text: string): Schedule | undefined {
  const fields = (MACROS[text.trim()] ?? text).trim().split(/\s+/);
  if (fields.length !== 5) return undefined;
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields.map((field) => field.toLowerCase());
  const minutes = parseField(minute, 0, 59);
  const hours = parseField(hour, 0, 23);
  const days = parseField(day, 1, 31);
  const months = parseField(replaceNames(month, MONTHS, 1), 1, 12);
  const weekdays = parseField(replaceNames(weekday, WEEKDAYS, 0), 0, 7);
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  if (weekdays.has(7)) weekdays.add(0);
  const isAny = (field: string) => field === '*' || field === '?' || field.startsWith('*/');
  return { minutes, hours, days, months, weekdays, eitherDay: !isAny(day) && !isAny(weekday) };
}

function replaceNames(field: string, names: readonly string[], first: number): string {
  return field.replaceAll(/[a-z]{3}/g, (name) => {
    const at = names.indexOf(name);
    return at < 0 ? name : String(at + first);
  });
}

function parseField(field: string, lowest: number, highest: number): Set<number> | undefined {
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const match = /^(?:([*?])|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
    if (!match) return undefined;
    const [, any, from, to, step] = match;
    const first = any ? lowest : Number(from);
    const last = any || (step && to === undefined) ? highest : Number(to ?? from);
    if (first < lowest || last > highest || first > last || step === '0') return undefined;
    for (let value = first; value <= last; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}

interface LocalTime {
  minute: number;
  hour: number;
  day: number;
  month: number;
  weekday: number;
}

/** The first moment after `afterMs` that the schedule names in `timeZone`; undefined when none ever comes. */
export function nextTime(schedule: Schedule, afterMs: number, timeZone = 'Etc/UTC'): number | undefined {
  const local = localClock(timeZone);
  let at = Math.floor(afterMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  const until = at + MAX_DAYS_AHEAD * 86_400_000;
  while (at < until) {
    const time = local(at);
    if (!fitsDay(schedule, time)) at += untilNextDay(time);
    else if (!schedule.hours.has(time.hour)) at += (60 - time.minute) * MINUTE_MS;
    else if (!schedule.minutes.has(time.minute)) at += MINUTE_MS;
    else return at;
  }
  return undefined;
}

/** To the next full hour near midnight, where clocks may change, else in one leap. */
function untilNextDay({ hour, minute }: LocalTime): number {
  const hours = hour < 20 ? 20 - hour : 1;
  return hours * 3_600_000 - minute * MINUTE_MS;
}

function fitsDay({ days, weekdays, months, eitherDay }: Schedule, { day, month, weekday }: LocalTime): boolean {
  if (!months.has(month)) return false;
  const [byDay, byWeekday] = [days.has(day), weekdays.has(weekday)];
  return eitherDay ? byDay || byWeekday : byDay && byWeekday;
}

/** Reads the clock on the wall of a time zone. Throws RangeError for a zone that does not exist. */
function localClock(timeZone: string): (atMs: number) => LocalTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    weekday: 'short',
  });
  return (atMs) => {
    const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
    return {
      minute: Number(parts['minute']),
      hour: Number(parts['hour']),
      day: Number(parts['day']),
      month: Number(parts['month']),
      weekday: WEEKDAYS.indexOf((parts['weekday'] ?? '').toLowerCase()),
    };
  };
}
