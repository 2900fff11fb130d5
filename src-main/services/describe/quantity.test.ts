import { describe, expect, it } from 'vitest';
import { add, formatQuantity, parseQuantity, percentOf } from './quantity';

describe('quantities', () => {
  it.each([
    ['0', '0'],
    ['1', '1'],
    ['100m', '100m'],
    ['0.1', '100m'],
    ['1500m', '1500m'],
    ['2000m', '2'],
    ['1.5', '1500m'],
    ['1000', '1k'],
    ['128Mi', '128Mi'],
    ['1024Mi', '1Gi'],
    ['1536Mi', '1536Mi'],
    ['1.5Gi', '1536Mi'],
    ['0.5Ki', '512'],
    ['128M', '128M'],
    ['1e3', '1k'],
    ['1E', '1E'],
    ['100n', '100n'],
    ['-500m', '-500m'],
    ['32865316Ki', '32865316Ki'],
  ])('%s is written %s', (text, canonical) => {
    expect(formatQuantity(parseQuantity(text))).toBe(canonical);
  });

  it.each([
    ['100m', '250m', '350m'],
    ['70Mi', '170Mi', '240Mi'],
    ['0', '1Gi', '1Gi'],
    ['512Mi', '512Mi', '1Gi'],
    ['1Gi', '1', '1073741825'],
  ])('%s and %s are %s', (left, right, sum) => {
    expect(formatQuantity(add(parseQuantity(left), parseQuantity(right)))).toBe(sum);
  });

  it('cuts shares off', () => {
    expect([
      percentOf(parseQuantity('999m'), parseQuantity('1')),
      percentOf(parseQuantity('3'), parseQuantity('2')),
      percentOf(parseQuantity('3'), parseQuantity('0')),
    ]).toEqual([99, 150, 0]);
  });
});
