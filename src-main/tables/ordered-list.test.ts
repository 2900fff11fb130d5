import { describe, expect, it } from 'vitest';
import { randomInt, seededRandom } from '#common/base/random';
import { OrderedList } from './ordered-list';

interface Item {
  key: number;
  id: number;
}
const order = (left: Item, right: Item) => left.key - right.key || left.id - right.id;

describe('OrderedList', () => {
  it('holds what a sorted array would hold, whatever is added, moved and removed', () => {
    const random = seededRandom(7);
    const items: Item[] = Array.from({ length: 3000 }, (_, id) => ({ key: randomInt(random, 500), id }));
    const list = new OrderedList(order, [...items].sort(order));
    for (let step = 0; step < 6000; step++) {
      const index = randomInt(random, items.length);
      const choice = random.next();
      if (choice < 0.4) {
        const item = { key: randomInt(random, 500), id: 10_000 + step };
        items.push(item);
        list.insert(item);
      } else if (choice < 0.7) {
        const item = items[index]!;
        const next = { key: randomInt(random, 500), id: item.id };
        expect(list.replace(item, next)).toBe(true);
        items[index] = next;
      } else {
        expect(list.remove(items[index]!)).toBe(true);
        items.splice(index, 1);
      }
    }
    const expected = [...items].sort(order);
    expect(list.size).toBe(expected.length);
    expect(list.slice(0, list.size)).toEqual(expected);
    expect(list.slice(1234, 17)).toEqual(expected.slice(1234, 1251));
    const visited: Item[] = [];
    list.forEach((item) => visited.push(item));
    expect(visited).toEqual(expected);
  });

  it('grows from nothing and shrinks to nothing', () => {
    const list = new OrderedList(order);
    const items = Array.from({ length: 5000 }, (_, id) => ({ key: (id * 7919) % 5000, id }));
    for (const item of items) list.insert(item);
    expect(list.slice(0, 3).map(({ key }) => key)).toEqual([0, 1, 2]);
    for (const item of items) list.remove(item);
    expect([list.size, list.slice(0, 10)]).toEqual([0, []]);
  });

  it('says so when an item is not there', () => {
    const list = new OrderedList(order, [{ key: 1, id: 1 }]);
    expect([list.remove({ key: 2, id: 1 }), list.replace({ key: 0, id: 1 }, { key: 3, id: 1 })]).toEqual([
      false,
      false,
    ]);
  });
});
