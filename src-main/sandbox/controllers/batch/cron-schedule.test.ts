import { describe, expect, it } from 'vitest';
import { nextTime, parseSchedule } from './cron-schedule';

const next = (text: string, after: string, zone?: string) => {
  const schedule = parseSchedule(text);
  if (!schedule) throw new Error(`no schedule: ${text}`);
  const at = nextTime(schedule, Date.parse(after), zone);
  return at === undefined ? undefined : new Date(at).toISOString().slice(0, 16);
};

describe('cron schedules', () => {
  it.each([
    ['* * * * *', '2026-01-01T00:00:30Z', '2026-01-01T00:01'],
    ['*/15 * * * *', '2026-01-01T00:15:00Z', '2026-01-01T00:30'],
    ['0 3 * * *', '2026-01-01T03:00:00Z', '2026-01-02T03:00'],
    ['30 8 * * mon-fri', '2026-01-02T09:00:00Z', '2026-01-05T08:30'],
    ['0 0 1 jan *', '2026-01-01T00:00:00Z', '2027-01-01T00:00'],
    ['0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-29T00:00'],
    ['0 0 13 * fri', '2026-01-01T00:00:00Z', '2026-01-02T00:00'],
    ['5-10/2,40 1 * * *', '2026-01-01T01:07:00Z', '2026-01-01T01:09'],
    ['0 0 * * 7', '2026-01-01T00:00:00Z', '2026-01-04T00:00'],
    ['@hourly', '2026-01-01T00:59:59Z', '2026-01-01T01:00'],
  ])('%s after %s is %s', (text, after, expected) => {
    expect(next(text, after)).toBe(expected);
  });

  it('follows the clock on the wall over the change of summer time', () => {
    expect(next('30 2 * * *', '2026-03-28T02:00:00Z', 'Europe/Berlin')).toBe('2026-03-30T00:30');
    expect(next('0 12 * * *', '2026-03-28T12:00:00Z', 'Europe/Berlin')).toBe('2026-03-29T10:00');
    expect(next('0 12 * * *', '2026-03-27T12:00:00Z', 'Europe/Berlin')).toBe('2026-03-28T11:00');
  });

  it.each(['', '* * * *', '60 * * * *', '* * 0 * *', '*/0 * * * *', 'a b c d e', '5-3 * * * *'])(
    'refuses "%s"',
    (text) => {
      expect(parseSchedule(text)).toBeUndefined();
    },
  );

  it('knows that some times never come', () => {
    expect(next('0 0 31 2 *', '2026-01-01T00:00:00Z')).toBeUndefined();
  });
});
