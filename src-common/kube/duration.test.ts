import { describe, expect, it } from 'vitest';
import { DurationProblem, parseDuration } from './duration';

describe('parseDuration', () => {
  it.each([
    ['0', 0],
    ['1h30m', 5400e9],
    ['-1.5s', -1.5e9],
    ['+.5ms', 5e5],
    ['1.s', 1e9],
    ['3µs2ns', 3002],
  ])('reads %s', (text, nanos) => {
    expect(parseDuration(text)).toBe(nanos);
  });

  it.each([
    ['', 'time: invalid duration ""'],
    ['-', 'time: invalid duration "-"'],
    ['h', 'time: invalid duration "h"'],
    ['.s', 'time: invalid duration ".s"'],
    ['90', 'time: missing unit in duration "90"'],
    ['1h30', 'time: missing unit in duration "1h30"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['1 s', 'time: unknown unit " s" in duration "1 s"'],
    ['1s-1m', 'time: unknown unit "s-" in duration "1s-1m"'],
    ['9999999h', 'time: invalid duration "9999999h"'],
  ])('refuses "%s"', (text, problem) => {
    expect(() => parseDuration(text)).toThrow(new DurationProblem(problem));
  });
});
