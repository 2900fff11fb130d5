import { describe, expect, it } from 'vitest';
import { amountOf, shortBytes } from './amounts';

describe('amounts', () => {
  it.each([
    ['4', 4],
    ['250m', 0.25],
    ['16393084Ki', 16_393_084 * 1024],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['1e3', 1000],
    [2, 2],
    ['128M', 128e6],
    ['', null],
    ['many', null],
    [undefined, null],
  ])('%j is %j', (quantity, amount) => {
    expect(amountOf(quantity)).toBe(amount);
  });

  it.each([
    [0, '0'],
    [999, '999'],
    [1023, '0.999Ki'],
    [16_393_084 * 1024, '15.6Gi'],
    [64 * 2 ** 20, '64Mi'],
    [2 ** 40, '1Ti'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(shortBytes(bytes)).toBe(text);
  });
});
