import { describe, expect, it } from 'vitest';
import { matchRanges, passes, readPattern, type LogPattern } from './pattern';

function pattern(text: string): LogPattern {
  const result = readPattern(text);
  if (!('pattern' in result) || !result.pattern) throw new Error('no pattern');
  return result.pattern;
}

describe('readPattern', () => {
  it.each([
    { text: 'db_host', line: 'DB_HOST is not set', found: true },
    { text: 'a.b', line: 'axb', found: false },
    { text: '/db_host|panic/', line: 'goroutine PANIC', found: true },
    { text: '/Panic/c', line: 'panic', found: false },
    { text: '!healthz', line: 'GET /healthz', found: false },
    { text: '!healthz', line: 'GET /cart', found: true },
    { text: '!', line: 'Oh!', found: true },
    { text: '/only one slash', line: 'x /only one slash', found: true },
  ])('"$text" on "$line": $found', ({ text, line, found }) => {
    expect(passes(pattern(text), line)).toBe(found);
  });

  it('has no pattern for an empty field', () => {
    expect(readPattern('  ')).toEqual({ pattern: undefined });
  });

  it('says why an expression cannot be read', () => {
    expect(readPattern('/(/')).toEqual({ problem: expect.stringContaining('Unterminated group') });
  });
});

describe('matchRanges', () => {
  it('gives each match once, and none for empty matches', () => {
    expect(matchRanges(pattern('ab'), 'abxAB')).toEqual([
      [0, 2],
      [3, 5],
    ]);
    expect(matchRanges(pattern('/x*/'), 'aaxx')).toEqual([[2, 4]]);
    expect(matchRanges(pattern('!ab'), 'ab')).toEqual([]);
  });

  it('stops marking a line without end', () => {
    expect(matchRanges(pattern('a'), 'a'.repeat(10_000))).toHaveLength(500);
  });
});
