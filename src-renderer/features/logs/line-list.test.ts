import { describe, expect, it } from 'vitest';
import { LineList } from './line-list';
import { LineRing } from './line-ring';

function ringOf(count: number, capacity = 1000): LineRing {
  const ring = new LineRing(capacity);
  add(ring, count);
  return ring;
}

function add(ring: LineRing, count: number): void {
  for (let i = 0; i < count; i++) ring.push({ source: 0, time: '', text: String(ring.end) });
}

const numbers = (list: LineList) => Array.from({ length: list.length }, (_, index) => list.numberAt(index));
const even = (number: number) => number % 2 === 0;

describe('LineList', () => {
  it('is the whole ring without a test', () => {
    const ring = ringOf(7, 5);
    const list = new LineList(ring);
    expect(numbers(list)).toEqual([2, 3, 4, 5, 6]);
    expect(list.indexOf(4)).toBe(2);
    expect(list.complete).toBe(true);
  });

  it('reads the ring in slices and goes on with new lines', () => {
    const ring = ringOf(10);
    const list = new LineList(ring);
    list.setTest(even);
    list.advance(4);
    expect({ found: numbers(list), complete: list.complete }).toEqual({ found: [0, 2], complete: false });
    list.advance();
    add(ring, 3);
    expect(list.complete).toBe(false);
    list.advance();
    expect(numbers(list)).toEqual([0, 2, 4, 6, 8, 10, 12]);
  });

  it('forgets what the ring has dropped, and says how much', () => {
    const ring = ringOf(6, 6);
    const list = new LineList(ring);
    list.setTest(even);
    list.advance();
    add(ring, 3);
    list.advance();
    expect(numbers(list)).toEqual([4, 6, 8]);
    expect(list.dropped).toBe(2);
  });

  it('finds the place of a line that is not in the list', () => {
    const list = new LineList(ringOf(10));
    list.setTest(even);
    list.advance();
    expect([list.indexOf(0), list.indexOf(3), list.indexOf(8), list.indexOf(9)]).toEqual([0, 2, 4, 5]);
  });
});
