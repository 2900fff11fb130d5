import type { Calendar, CronSchedule } from './cron-schedule';
import { TimeZone, type WallTime } from './time-zone';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** A schedule that does not come within so many years never comes. */
const MAX_YEARS = 5;

/**
 * The first time after `afterMs` that the schedule names, in whole seconds; undefined when none ever comes. Around the
 * changes of summer time it steps as the cron library of Kubernetes does: a time that is skipped is passed over, or comes
 * an hour off; a time that comes twice is named once or twice.
 */
export function nextTime(schedule: CronSchedule, afterMs: number, timeZone = 'UTC'): number | undefined {
  const fromMs = Math.floor(afterMs / SECOND_MS) * SECOND_MS;
  if ('everyMs' in schedule) return fromMs + schedule.everyMs;
  if ([schedule.minutes, schedule.hours].some(({ size }) => size === 0)) return undefined;
  return new Search(schedule, TimeZone.of(schedule.timeZone ?? timeZone), fromMs + SECOND_MS).run();
}

/** Goes from a moment on, field by field from the month down; where a field wraps around, those above are looked at again. */
class Search {
  readonly #calendar: Calendar;
  readonly #zone: TimeZone;
  #atMs: number;
  /** Once something was passed over, all below it stands at its beginning. */
  #isMoved = false;

  constructor(calendar: Calendar, zone: TimeZone, atMs: number) {
    this.#calendar = calendar;
    this.#zone = zone;
    this.#atMs = atMs;
  }

  run(): number | undefined {
    const lastYear = this.#wall().year + MAX_YEARS;
    while (this.#wall().year <= lastYear)
      if (this.#findMonth() && this.#findDay() && this.#findHour() && this.#findMinute() && this.#findSecond())
        return this.#atMs;
    return undefined;
  }

  #wall(): WallTime {
    return this.#zone.read(this.#atMs);
  }

  #findMonth(): boolean {
    while (!this.#calendar.months.has(this.#wall().month)) {
      this.#begin(({ year, month }) => this.#zone.moment({ year, month, day: 1 }));
      this.#set(({ month }) => ({ month: month + 1 }));
      if (this.#wall().month === 1) return false;
    }
    return true;
  }

  #findDay(): boolean {
    while (!fitsDay(this.#calendar, this.#wall())) {
      this.#begin(({ year, month, day }) => this.#zone.moment({ year, month, day }));
      this.#set(({ day }) => ({ day: day + 1 }));
      // Where summer time begins at midnight there is none.
      const { hour } = this.#wall();
      if (hour !== 0) this.#atMs += (hour > 12 ? 24 - hour : -hour) * HOUR_MS;
      if (this.#wall().day === 1) return false;
    }
    return true;
  }

  #findHour(): boolean {
    while (!this.#calendar.hours.has(this.#wall().hour)) {
      this.#begin(({ year, month, day, hour }) => this.#zone.moment({ year, month, day, hour }));
      this.#atMs += HOUR_MS;
      if (this.#wall().hour === 0) return false;
    }
    return true;
  }

  #findMinute(): boolean {
    while (!this.#calendar.minutes.has(this.#wall().minute)) {
      this.#begin(() => Math.floor(this.#atMs / MINUTE_MS) * MINUTE_MS);
      this.#atMs += MINUTE_MS;
      if (this.#wall().minute === 0) return false;
    }
    return true;
  }

  /** Every schedule names the full minute. */
  #findSecond(): boolean {
    const { second } = this.#wall();
    if (second === 0) return true;
    this.#isMoved = true;
    this.#atMs += MINUTE_MS - second * SECOND_MS;
    return false;
  }

  #begin(beginning: (wall: WallTime) => number): void {
    if (this.#isMoved) return;
    this.#isMoved = true;
    this.#atMs = beginning(this.#wall());
  }

  #set(change: (wall: WallTime) => Partial<WallTime>): void {
    const wall = this.#wall();
    this.#atMs = this.#zone.moment({ ...wall, ...change(wall) });
  }
}

function fitsDay({ days, weekdays, eitherDay }: Calendar, { day, weekday }: WallTime): boolean {
  const [byDay, byWeekday] = [days.has(day), weekdays.has(weekday)];
  return eitherDay ? byDay || byWeekday : byDay && byWeekday;
}
