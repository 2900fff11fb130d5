import { describe, expect, it } from 'vitest';
import { isTimeZone, TimeZone } from './time-zone';

describe('isTimeZone', () => {
  it.each([
    'UTC',
    'Etc/UTC',
    'Europe/Berlin',
    'Asia/Kolkata',
    'Asia/Calcutta',
    'America/Argentina/Buenos_Aires',
    'EST5EDT',
    'GB',
  ])('knows %s', (name) => expect(isTimeZone(name)).toBe(true));
  it.each([
    '',
    'No/Where',
    'europe/berlin',
    'Europe/berlin',
    'EUROPE/BERLIN',
    'utc',
    '+0530',
    '-05',
    '+05:30',
    'Europe/',
  ])('does not know "%s"', (name) => expect(isTimeZone(name)).toBe(false));
});

describe('TimeZone', () => {
  const berlin = TimeZone.of('Europe/Berlin');

  it('reads the clock on the wall', () => {
    const { year, month, day, hour, minute, second, weekday } = berlin.read(Date.parse('2025-12-31T23:30:05Z'));
    expect([year, month, day, hour, minute, second, weekday]).toEqual([2026, 1, 1, 0, 30, 5, 4]);
  });

  it.each([
    ['once', { month: 7, day: 1, hour: 12 }, '2025-07-01T10:00:00.000Z'],
    ['never', { month: 3, day: 30, hour: 2, minute: 30 }, '2025-03-30T01:30:00.000Z'],
    ['twice', { month: 10, day: 26, hour: 2, minute: 30 }, '2025-10-26T01:30:00.000Z'],
    ['after an overflow', { month: 13, day: 32, hour: 24 }, '2026-02-01T23:00:00.000Z'],
  ])('finds the moment of a time that comes %s', (_, wall, expected) => {
    expect(new Date(berlin.moment({ year: 2025, ...wall })).toISOString()).toBe(expected);
  });
});
