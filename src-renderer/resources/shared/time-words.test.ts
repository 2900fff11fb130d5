import { expect, it } from 'vitest';
import { clockWords, durationWords, unitsOf } from './time-words';

it.each([
  [0, '0 s'],
  [48_000, '48 s'],
  [112_000, '1 m 52 s'],
  [120_000, '2 m'],
  [11_100_000, '3 h 5 m'],
  [187_200_000, '2 d 4 h'],
  [-5, '0 s'],
])('says %d ms as %s', (ms, words) => {
  expect(durationWords(ms)).toBe(words);
});

it('says units in the language of the window', () => {
  expect(
    durationWords(
      112_000,
      unitsOf(() => '天 小时 分 秒'),
    ),
  ).toBe('1 分 52 秒');
});

it('adds the date to a time of another day', () => {
  const now = new Date(2026, 10, 20, 12, 0, 0).getTime();
  expect(clockWords(new Date(2026, 10, 20, 9, 41, 7).getTime(), now, 'en')).toBe('09:41:07');
  expect(clockWords(new Date(2026, 10, 19, 9, 41, 7).getTime(), now, 'en')).toBe('Nov 19 09:41:07');
});
