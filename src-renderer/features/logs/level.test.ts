import { describe, expect, it } from 'vitest';
import { findLevel } from './level';

describe('findLevel', () => {
  it.each([
    { text: 'INFO  checkout 2.8.0 starting', level: 'info', word: 'INFO' },
    { text: '2026-11-20T09:41:07Z FATAL DB_HOST is not set', level: 'error', word: 'FATAL' },
    { text: '[warn] slow query', level: 'warn', word: 'warn' },
    { text: 'error: cannot connect', level: 'error', word: 'error' },
    { text: 'time="09:41" level=warning msg="disk almost full"', level: 'warn', word: 'warning' },
    { text: '{"ts":1,"level":"debug","msg":"x"}', level: 'debug', word: 'debug' },
    { text: 'W1120 09:41:07.118000       1 reflector.go:561] failed to list', level: 'warn', word: 'W' },
    { text: '2026/11/20 09:41:07 [error] 29#29: *1 open() failed', level: 'error', word: 'error' },
    { text: '<ERROR> x', level: 'error', word: 'ERROR' },
  ])('finds $word in "$text"', ({ text, level, word }) => {
    const found = findLevel(text);
    expect(found?.level).toBe(level);
    expect(text.slice(found?.start, found?.end)).toBe(word);
  });

  it.each(['GET /error 200', 'for your info only', 'ERRORS 0', `${'x'.repeat(200)} ERROR`, ''])(
    'finds none in "%s"',
    (text) => {
      expect(findLevel(text)).toBeUndefined();
    },
  );
});
