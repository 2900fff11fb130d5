import { expect, it } from 'vitest';
import { sameValue } from './same-value';

it.each([
  [1, 1, true],
  [1, '1', false],
  [null, {}, false],
  [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1, b: undefined }, { a: 1 }, true],
  [[1, 2], [2, 1], false],
  [[], {}, false],
  [{}, [], false],
])('%j and %j: %s', (left, right, same) => {
  expect(sameValue(left, right)).toBe(same);
  expect(sameValue(right, left)).toBe(same);
});
