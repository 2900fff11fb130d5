import { describe, expect, it } from 'vitest';
import { differencesOf } from './differences';

const spoken = (line: string, ...said: string[]) => ({ line, said });

describe('what two clusters say to the same lines', () => {
  it('is alike, or told line by line', () => {
    const expected = [spoken('get a', 'one', 'two'), spoken('get b', 'x'), spoken('get c')];
    expect(differencesOf(expected, structuredClone(expected))).toEqual([]);
    expect(differencesOf(expected, [spoken('get a', 'one', '2'), spoken('get b'), spoken('get d')])).toEqual([
      '$ get a\n    expected "two"\n    found    "2"',
      '$ get b\n    expected "x"\n    found    nothing more',
      'the recording has "get c", the chapter "get d"',
    ]);
  });
});
