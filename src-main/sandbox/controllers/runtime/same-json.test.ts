import { describe, expect, it } from 'vitest';
import { sameJson, sameStatus } from './same-json';

describe('sameJson', () => {
  it.each([
    { left: { a: [1, { b: 'x' }] }, right: { a: [1, { b: 'x' }] }, same: true },
    { left: { a: 1, b: undefined }, right: { a: 1 }, same: true },
    { left: { a: 1 }, right: { a: 1, b: null }, same: false },
    { left: [1, 2], right: [2, 1], same: false },
    { left: {}, right: [], same: false },
    { left: { a: 0 }, right: {}, same: false },
  ])('$left and $right: $same', ({ left, right, same }) => {
    expect(sameJson(left, right)).toBe(same);
    expect(sameJson(right, left)).toBe(same);
  });
});

describe('sameStatus', () => {
  it('takes a count of zero for none', () => {
    expect(sameStatus({ replicas: 2, readyReplicas: 0, conditions: [] }, { replicas: 2 })).toBe(true);
    expect(sameStatus({ replicas: 2 }, { replicas: 2, readyReplicas: 1 })).toBe(false);
  });
});
