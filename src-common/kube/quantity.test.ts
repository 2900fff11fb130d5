import { expect, it } from 'vitest';
import { quantityNumber } from './quantity';

it.each([
  ['100m', 0.1],
  ['4', 4],
  ['1.5', 1.5],
  ['.5', 0.5],
  ['1.', 1],
  ['128Mi', 134_217_728],
  ['16393084Ki', 16_393_084 * 1024],
  ['1e3', 1000],
  ['1E3', 1000],
  ['2E', 2e18],
  ['12k', 12_000],
  ['-5', -5],
  [2, 2],
])('reads the quantity %s', (quantity, number) => {
  expect(quantityNumber(quantity)).toBeCloseTo(number, 6);
});

it.each(['many', '', undefined, '1Q', '.', 'm'])('reads no number in %s', (quantity) => {
  expect(quantityNumber(quantity)).toBeNaN();
});
