import { describe, expect, it } from 'vitest';
import { randomInt, seededRandom } from '#common/base/random';
import type { SortValue } from '#common/kinds/kind';
import { compareValues, orderOf } from './permutation';

const random = seededRandom(3);
const many = (make: (index: number) => SortValue) => Array.from({ length: 2000 }, (_, index) => make(index));

describe('orderOf', () => {
  it.each<[string, SortValue[]]>([
    ['nothing', []],
    ['one value', ['x']],
    ['numbers', [3, -1, 0, -0.5, 1e300, -1e300, 2.5, -Infinity, Infinity, 3]],
    ['numbers and nothing', [3, null, -1, null, 0]],
    ['only nothing', [null, null]],
    ['texts', ['b', 'a', 'B', '', 'ab', 'a']],
    ['texts, numbers and nothing', ['b', 2, null, 'a', 1, null]],
    ['random numbers', many(() => (random.next() - 0.5) * 1e6)],
    ['times', many(() => 1.7e12 + randomInt(random, 1e9))],
    ['few texts', many(() => ['Running', 'Pending', null, 'Error'][randomInt(random, 4)] ?? null)],
    ['texts in runs', many((index) => `pod-${String((index * 7) % 1000).padStart(3, '0')}-${index}`)],
    ['equal texts among different ones', many((index) => (index % 100 === 0 ? 'pod-5' : `pod-${index}`))],
    ['many texts and nothing', many((index) => (index % 60 === 0 ? null : `pod-${randomInt(random, 1e6)}`))],
    ['many texts', many(() => `pod-${randomInt(random, 1e6)}`)],
  ])('puts %s in the order of comparison, stable, in both directions', (_case, values) => {
    for (const descending of [false, true]) {
      const expected = values
        .map((_value, index) => index)
        .sort((left, right) => compareValues(values[left] ?? null, values[right] ?? null, descending) || left - right);
      expect([...orderOf(values, descending)]).toEqual(expected);
    }
  });
});
