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
  it.each([
    ['stays while there is room', { first: 30, count: 30 }, { first: 0, count: 120 }, 1000, undefined],
    [
      'moves before the end is met',
      { first: 75, count: 30 },
      { first: 0, count: 120 },
      1000,
      { first: 15, count: 150 },
    ],
    [
      'moves back before the top is met',
      { first: 60, count: 30 },
      { first: 50, count: 150 },
      1000,
      { first: 0, count: 150 },
    ],
    ['stays at the very top', { first: 0, count: 30 }, { first: 0, count: 120 }, 1000, undefined],
    ['stays at the very end', { first: 970, count: 30 }, { first: 900, count: 100 }, 1000, undefined],
    ['stays when it holds all', { first: 0, count: 80 }, { first: 0, count: 80 }, 80, undefined],
    ['follows a leap', { first: 700, count: 30 }, { first: 0, count: 120 }, 1000, { first: 640, count: 150 }],
  ])('%s', (...[, visible, asked, total, window]) => expect(nextWindow(visible, asked, total)).toEqual(window));
});
