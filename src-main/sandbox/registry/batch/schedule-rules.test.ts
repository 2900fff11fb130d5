import { describe, expect, it } from 'vitest';
import { scheduleProblem } from './schedule-rules';

describe('scheduleProblem', () => {
  it.each(['* * * * *', '*/5 0-6,12 1 jan-mar MON', '@hourly', '@every 1h30m', 'TZ=UTC 0 0 * * *', '? ? ? ? ?'])(
    'finds none in %s',
    (schedule) => {
      expect(scheduleProblem(schedule)).toBeUndefined();
    },
  );

  it.each([
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['-1 * * * *', 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
    ['@never', 'unrecognized descriptor: @never'],
    ['CRON_TZ=No/Where 0 0 * * *', 'provided bad location No/Where: unknown time zone No/Where'],
  ])('tells of %s as the parser does', (schedule, problem) => {
    expect(scheduleProblem(schedule)).toBe(problem);
  });
});
