/** What a clock on the wall shows; months from 1, Sunday is 0. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly weekday: number;
}

/** Since 1972 no zone has changed its clocks at another moment than a quarter of an hour. */
const SLOT_MS = 900_000;
const MAX_SLOTS = 4096;
const oddPattern = /^[-+\d]|[/][-+\d]|^[a-z]|[/][a-z]/;

/** Whether the tz database has the name. `Intl` alone is no judge: it takes any letter case, and offsets like `+0530`. */
export function isTimeZone(name: string): boolean {
  if (oddPattern.test(name)) return false;
  const canonical = canonicalName(name);
  return canonical !== undefined && (canonical === name || canonical.toLowerCase() !== name.toLowerCase());
}

function canonicalName(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** A clock on the wall of a zone, as Go's `time` package reads and sets it. */
export class TimeZone {
  static readonly #known = new Map<string, TimeZone>();
  readonly #format: Intl.DateTimeFormat | undefined;
  /** Milliseconds ahead of UTC, by quarter of an hour. */
  readonly #offsets = new Map<number, number>();

  private constructor(name: string) {
    const part = 'numeric';
    const parts = { year: part, month: part, day: part, hour: part, minute: part, second: part } as const;
    if (name !== 'UTC') this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, hourCycle: 'h23', ...parts });
  }

  /** Throws RangeError for a zone that does not exist. */
  static of(name: string): TimeZone {
    const zone = TimeZone.#known.get(name) ?? new TimeZone(name);
    TimeZone.#known.set(name, zone);
    return zone;
  }

  read(atMs: number): WallTime {
    const wall = new Date(atMs + this.offsetMs(atMs));
    return {
      year: wall.getUTCFullYear(),
      month: wall.getUTCMonth() + 1,
      day: wall.getUTCDate(),
      hour: wall.getUTCHours(),
      minute: wall.getUTCMinutes(),
      second: wall.getUTCSeconds(),
      weekday: wall.getUTCDay(),
    };
  }

  /**
   * The moment a wall clock shows so. Fields beyond their range carry over. A time that comes twice is the one that Go's
   * `time.Date` takes, and one that never comes is read by the offset before or after the gap, as there.
   */
  moment({ year, month, day, hour = 0, minute = 0, second = 0 }: Partial<WallTime> & Day): number {
    const wallMs = Date.UTC(year, month - 1, day, hour, minute, second);
    return wallMs - this.offsetMs(wallMs - this.offsetMs(wallMs));
  }

  /** Milliseconds ahead of UTC. */
  offsetMs(atMs: number): number {
    if (!this.#format) return 0;
    const slot = Math.floor(atMs / SLOT_MS);
    const known = this.#offsets.get(slot);
    if (known !== undefined) return known;
    if (this.#offsets.size >= MAX_SLOTS) this.#offsets.clear();
    const offset = offsetAt(this.#format, slot * SLOT_MS);
    this.#offsets.set(slot, offset);
    return offset;
  }
}

type Day = Pick<WallTime, 'year' | 'month' | 'day'>;

function offsetAt(format: Intl.DateTimeFormat, atMs: number): number {
  const shown = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const of = (type: Intl.DateTimeFormatPartTypes) => shown.get(type) ?? 0;
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - atMs;
}
