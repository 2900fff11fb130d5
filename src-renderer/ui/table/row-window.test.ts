import { describe, expect, it } from 'vitest';
import { nextWindow, visibleRange } from './row-window';

describe('visibleRange', () => {
  it.each([
    ['at the top', 0, 1000, { first: 0, count: 26 }],
    ['in the middle', 3000, 1000, { first: 94, count: 32 }],
    ['at the end', 29_400, 1000, { first: 974, count: 26 }],
    ['with fewer rows than fit', 0, 5, { first: 0, count: 5 }],
    ['with no rows', 0, 0, { first: 0, count: 0 }],
  ])('%s', (_, scrollTop, total, range) => expect(visibleRange(scrollTop, 600, 30, total)).toEqual(range));
});

describe('nextWindow', () => {
  it('keeps the window while it covers what is visible', () => {
    expect(nextWindow({ first: 10, count: 20 }, { first: 0, count: 100 })).toBeUndefined();
  });
  it('asks for the rows around what is visible once it does not', () => {
    expect(nextWindow({ first: 90, count: 20 }, { first: 0, count: 100 })).toEqual({ first: 50, count: 100 });
    expect(nextWindow({ first: 0, count: 20 }, { first: 50, count: 100 })).toEqual({ first: 0, count: 100 });
  });
});
