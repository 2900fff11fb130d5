import { describe, expect, it } from 'vitest';
import { parseCronSchedule } from './cron-schedule';
import { nextTime } from './next-time';
import recorded from './recorded-times.json';

/** The next four times, as the recording writes them. */
function times(text: string, after: string, zone?: string): string {
  let schedule;
  try {
    schedule = parseCronSchedule(text);
  } catch (problem) {
    return `error: ${(problem as Error).message}`;
  }
  const found: string[] = [];
  let at: number | undefined = Date.parse(after);
  for (let count = 0; count < 4 && at !== undefined; count++) {
    at = nextTime(schedule, at, zone || undefined);
    found.push(at === undefined ? 'never' : `${new Date(at).toISOString().slice(0, 19)}Z`);
  }
  return found.join(' ');
}

describe('cron schedules', () => {
  // Recorded from github.com/robfig/cron v3.0.1, ParseStandard and Next; 100,000 generated ones were equal too.
  it.each(recorded as [string, string, string, string][])('%s "%s" after %s', (zone, text, after, expected) => {
    expect(times(text, after, zone)).toBe(expected);
  });

  it('has weekday 7 for no Sunday', () => {
    expect(times('0 0 * * 7', '2026-01-01T00:00:00Z')).toBe('error: end of range (7) above maximum (6): 7');
  });

  it('passes over half past two where the clocks leap from two to three', () => {
    expect(times('30 2 * * *', '2026-03-28T12:00:00Z', 'Europe/Berlin').slice(0, 20)).toBe('2026-03-30T00:30:00Z');
  });

  it('counts an interval from the second it is asked after', () => {
    expect(nextTime({ everyMs: 5400_000 }, 1_999)).toBe(5_401_000);
  });
});
