import { expect, it } from 'vitest';
import { randomInt, seededRandom } from '#common/base/random';
import { PriorityHeap } from './priority-heap';

it('hands out in order whatever was put in, in whatever order', () => {
  const random = seededRandom(5);
  const heap = new PriorityHeap<number>((left, right) => left < right);
  const kept: number[] = [];
  for (let step = 0; step < 3000; step++) {
    if (random.next() < 0.6) {
      const next = randomInt(random, 100);
      heap.push(next);
      kept.push(next);
    } else {
      kept.sort((left, right) => left - right);
      expect(heap.first).toBe(kept[0]);
      expect(heap.pop()).toBe(kept.shift());
    }
  }
  kept.sort((left, right) => left - right);
  expect(kept.map(() => heap.pop())).toEqual(kept);
});
