import { describe, expect, it } from 'vitest';
import { linePieces } from './line-pieces';
import { readPattern } from './pattern';

function search(text: string) {
  const result = readPattern(text);
  return 'pattern' in result ? result.pattern : undefined;
}

describe('linePieces', () => {
  it('leaves a plain line in one piece', () => {
    expect(linePieces('POST /checkout 201')).toEqual([{ text: 'POST /checkout 201' }]);
    expect(linePieces('')).toEqual([]);
  });

  it('sets off the level and what was searched for', () => {
    expect(linePieces('FATAL DB_HOST is not set', search('db_host'))).toEqual([
      { text: 'FATAL', level: 'error' },
      { text: ' ' },
      { text: 'DB_HOST', mark: true },
      { text: ' is not set' },
    ]);
  });

  it('finds a match that runs over a change of colour', () => {
    expect(linePieces('\u001b[32mab\u001b[0mcd', search('bc'))).toEqual([
      { text: 'a', style: { foreground: 2 } },
      { text: 'b', style: { foreground: 2 }, mark: true },
      { text: 'c', mark: true },
      { text: 'd' },
    ]);
  });
});
